//! The project's files as they are now: which ones count as sources, their digests, and the commit they belong to.
//!
//! Sources are tracked files and untracked ones that git does not ignore; without git, all that ignore files leave. Declared inputs are
//! sources whatever ignore files say. Outputs (`dist/`, cargo's target folders) are none. Nothing here is written.

mod links;
mod listing;
mod without_settings;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use plimsoll_model::plan::Source;
use plimsoll_model::{Digest, Failure, canonical_json};
use plimsoll_store::outputs::is_output;
use plimsoll_store::work::SourceFile;
use plimsoll_store::{StatMemory, Store};

use plimsoll_exec::git;
pub use plimsoll_exec::git::view::{Lack, RepositoryView, Seen};
use plimsoll_exec::launcher::Launcher;

/// Seconds since 1970 that packed files carry where neither git nor the environment names a time: 1980-01-01, the oldest that zip can say.
const OLDEST_EPOCH: u64 = 315_532_800;

/// Whether the file at `path` is now a source of `project`, a canonical folder, by what it is called and not by what is declared.
///
/// # Errors
/// Where git fails in a repository.
pub fn holds(project: &Path, path: &Path, launcher: &Launcher) -> Result<bool, Failure> {
    let Ok(path) = path.canonicalize() else { return Ok(false) };
    Ok(path.starts_with(project) && !is_output(project, &path) && git::list(project, launcher)?.contains(&path))
}

/// The source files of a project, and of what it depends on by path.
#[derive(Debug, Clone)]
pub struct Sources {
    /// The folder that all paths are relative to; the project itself, or a parent where the workspace or a path dependency lies outside.
    pub base: PathBuf,
    /// The project's folder relative to `base`; empty where they are the same.
    pub project: PathBuf,
    /// Path relative to `base` → file.
    pub files: BTreeMap<String, SourceFile>,
    /// Packages that another tool fetched for the project's tests, relative to the folder that they lie in. No part of the identity: a lock
    /// file among the sources names them.
    pub dependencies: BTreeMap<String, SourceFile>,
    /// Of these, the packages that the caller named a folder for: name → the variable that named it.
    pub named: BTreeMap<String, String>,
    /// Identity of all of it.
    pub source: Source,
    /// Seconds since 1970 that every packed file carries.
    pub epoch: u64,
}

/// Where to look.
#[derive(Debug)]
pub struct SourceQuery<'a> {
    /// The project's folder, canonical.
    pub project: &'a Path,
    /// Folders outside of it that belong to the build: the cargo workspace, path dependencies, declared inputs. Canonical.
    pub others: &'a BTreeSet<PathBuf>,
    /// Files and folders that a core declares as inputs, absolute, by the names that they have in the project; listed whole.
    pub inputs: &'a BTreeSet<PathBuf>,
    /// Packages that another tool fetched.
    pub dependencies: &'a Fetched,
    /// Files that are derived from sealed bytes and committed: they are no sources, and no change of them makes a tree dirty or a release
    /// younger.
    pub derived: &'a [Derived],
    /// `SOURCE_DATE_EPOCH` or the manifest's `epoch`.
    pub epoch: Option<u64>,
    /// The clock, in seconds since 1970.
    pub now: u64,
}

/// Packages that another tool fetched for a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fetched {
    /// The folder that they lie in, canonical, one folder a package; none if nothing says what they are.
    pub folder: Option<PathBuf>,
    /// Packages that the caller's environment names a folder for, in place of what lies in that one: package → (variable, folder, canonical).
    pub named: BTreeMap<String, (String, PathBuf)>,
}

/// A file at the project's top that plimsoll writes from sealed bytes and the project commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Derived {
    /// The file of that name.
    Named(&'static str),
    /// Any whose name begins and ends so.
    Between(&'static str, &'static str),
}

impl Derived {
    /// As git takes patterns.
    fn pathspec(self) -> String {
        match self {
            Self::Named(name) => format!(":(exclude,glob){name}"),
            Self::Between(begin, end) => format!(":(exclude,glob){begin}*{end}"),
        }
    }

    /// Whether a file of the project is it.
    fn is(self, path: &Path) -> bool {
        let name = path.to_str().filter(|name| !name.contains('/')).unwrap_or_default();
        match self {
            Self::Named(own) => name == own,
            Self::Between(begin, end) => name.strip_prefix(begin).is_some_and(|rest| rest.ends_with(end)),
        }
    }
}

impl Sources {
    /// Lists and hashes the sources; files that `stat` calls unchanged are not read.
    ///
    /// # Errors
    /// Where a file cannot be read, a link to a folder cannot be mirrored, or git fails in a git repository.
    pub fn read(query: &SourceQuery<'_>, store: &Store, launcher: &Launcher) -> Result<Self, Failure> {
        let base = common_folder(query.project, query.others);
        let paths = paths(query, &base, launcher)?;
        let memory_name = format!("sources-{}", Digest::of(base.as_os_str().as_encoded_bytes()).short());
        let mut memory = StatMemory::load(store, &memory_name);
        let mut files = BTreeMap::new();
        for path in paths {
            if let Some((name, file)) = listing::source_file(&base, &path, &mut memory, query.now)? {
                files.insert(name, file);
            }
        }
        let mut dependencies = BTreeMap::new();
        for (package, folder, path) in fetched(query.dependencies)? {
            let file = listing::source_file(folder, &path, &mut memory, query.now).map_err(|failure| failure.hint(FETCH_ANEW))?;
            dependencies.extend(file.map(|(name, file)| (package.map_or(name.clone(), |package| format!("{package}/{name}")), file)));
        }
        let named = query.dependencies.named.iter().map(|(package, (variable, _))| (package.clone(), variable.clone())).collect();
        memory.save(store).map_err(Failure::from)?;
        let project = query.project.strip_prefix(&base).unwrap_or(Path::new("")).to_owned();
        let is_derived = |name: &Path| query.derived.iter().any(|derived| derived.is(name));
        files.retain(|name, _| !Path::new(name).strip_prefix(&project).is_ok_and(is_derived));
        let pathspecs = query.derived.iter().map(|derived| derived.pathspec()).collect::<Vec<_>>();
        let pathspecs = pathspecs.iter().map(String::as_str).collect::<Vec<_>>();
        let state = git::state(query.project, query.others, &pathspecs, launcher)?;
        let epoch = query.epoch.or(state.as_ref().map(|state| state.time)).unwrap_or(OLDEST_EPOCH);
        let source = Source {
            digest: digest_of(&files),
            commit: state.as_ref().map(|state| state.id.clone()),
            // What is of no commit differs from every one.
            dirty: state.is_none_or(|state| state.dirty),
        };
        Ok(Self { base, project, files, dependencies, named, source, epoch })
    }

    /// Of a project without a file.
    #[cfg(test)]
    pub(crate) fn none(base: &Path) -> Self {
        let source = Source { digest: Digest::of(b""), commit: None, dirty: false };
        let (files, dependencies, named) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { base: base.to_owned(), project: PathBuf::new(), files, dependencies, named, source, epoch: 0 }
    }

    /// The sources relative to the project's folder, those outside of it left out.
    pub fn of_project(&self) -> impl Iterator<Item = (&str, &SourceFile)> {
        self.files.iter().filter_map(|(name, file)| {
            let inside = Path::new(name).strip_prefix(&self.project).ok()?;
            Some((inside.to_str()?, file))
        })
    }

    /// The source file at a path relative to the project's folder, which may begin with `../` where sources lie outside of it.
    pub fn at(&self, path: &str) -> Option<&SourceFile> {
        let mut whole = self.project.clone();
        for part in Path::new(path).components() {
            match part {
                Component::ParentDir if !whole.pop() => return None,
                Component::ParentDir | Component::CurDir => {}
                part => whole.push(part),
            }
        }
        self.files.get(whole.to_str()?)
    }
}

/// What to do about a file of a fetched package that cannot be taken.
const FETCH_ANEW: &str =
    "fetch the dependencies anew: `mix deps.clean --all` and `mix deps.get`; a dependency by path needs no place in deps/";

/// A file of a fetched package: the package if the folder is its own, the folder that its name is relative to, and its path.
type FetchedFile<'a> = (Option<&'a str>, &'a Path, PathBuf);

/// Every file of fetched packages.
fn fetched(fetched: &Fetched) -> Result<Vec<FetchedFile<'_>>, Failure> {
    let mut files = Vec::new();
    let named = fetched.named.iter().map(|(package, (_, folder))| (Some(package.as_str()), folder.as_path()));
    for (package, folder) in fetched.folder.iter().map(|folder| (None, folder.as_path())).chain(named) {
        let replaced = |path: &Path| package.is_none() && fetched.named.keys().any(|named| path.starts_with(folder.join(named)));
        let mut listed = git::list_whole(folder)?;
        listed.retain(|path| !replaced(path));
        if let Some(link) = listed.iter().find(|path| path.is_symlink() && path.is_dir()) {
            return Err(links::refused(link, "is a link to a folder, which no proof would see").hint(FETCH_ANEW));
        }
        files.extend(listed.into_iter().map(|path| (package, folder, path)));
    }
    Ok(files)
}

/// Absolute paths of all sources, none of them a link to a folder.
fn paths(query: &SourceQuery<'_>, base: &Path, launcher: &Launcher) -> Result<BTreeSet<PathBuf>, Failure> {
    let bounds = links::Bounds { base, project: query.project };
    let mut listed = BTreeSet::new();
    for folder in std::iter::once(query.project).chain(query.others.iter().map(PathBuf::as_path)) {
        listed.extend(git::list(folder, launcher)?);
    }
    let mut whole = BTreeSet::new();
    for input in query.inputs {
        whole.extend(git::list_whole(input)?);
        // The folder behind a declared link lies outside of the project, and is as much an input.
        if let Some(outside) = input.canonicalize().ok().filter(|target| query.others.contains(target)) {
            whole.extend(git::list_whole(&outside)?);
        }
    }
    // What is listed whole needs no second look by the rules of ignore files.
    listed.retain(|path| !whole.contains(path));
    let mut paths = links::follow(listed, false, &bounds, launcher)?;
    paths.extend(links::follow(whole, true, &bounds, launcher)?);
    Ok(paths)
}

/// Digest over path, mode and content of every file.
fn digest_of(files: &BTreeMap<String, SourceFile>) -> Digest {
    let listing = files.iter().map(|(name, file)| (name, (file.digest, file.executable))).collect::<BTreeMap<_, _>>();
    Digest::of(&canonical_json(&listing))
}

/// The deepest folder that holds all of them.
fn common_folder(project: &Path, others: &BTreeSet<PathBuf>) -> PathBuf {
    let mut base = project.to_owned();
    for other in others {
        while !other.starts_with(&base) && base.pop() {}
    }
    base
}

#[cfg(test)]
pub(crate) mod test_project;
#[cfg(test)]
mod tests;
