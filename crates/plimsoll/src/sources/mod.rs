//! The project's files as they are now: which ones count as sources, their digests, and the commit they belong to.
//!
//! Sources are tracked files and untracked ones that git does not ignore; without git, all that ignore files leave. Declared inputs are
//! sources whatever ignore files say. Outputs (`dist/`, cargo's target folders) are none. Nothing here is written.

mod git;
mod links;
mod listing;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use plimsoll_model::plan::Source;
use plimsoll_model::{Digest, Failure, canonical_json};
use plimsoll_store::work::SourceFile;
use plimsoll_store::{StatMemory, Store};

pub use self::git::view::{Lack, RepositoryView, Seen};
use crate::environment;
use crate::seal::LEFTOVER_PREFIX;
use crate::tools::launcher::Launcher;

/// Seconds since 1970 that packed files carry where neither git nor the environment names a time: 1980-01-01, the oldest that zip can say.
const OLDEST_EPOCH: u64 = 315_532_800;

/// The commit that the project is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its full name.
    pub id: String,
    /// Seconds since 1970.
    pub time: u64,
    /// Whether files differ from it.
    pub dirty: bool,
}

/// The commit of `project`, a canonical folder; none outside of a repository and before the first commit.
///
/// # Errors
/// Where git fails in a repository.
pub fn commit(project: &Path, launcher: &Launcher) -> Result<Option<Commit>, Failure> {
    let state = git::state(project, &BTreeSet::new(), &[], launcher)?;
    Ok(state.map(|state| Commit { id: state.commit, time: state.time, dirty: state.dirty }))
}

/// The tags of the commit that `project` is at, sorted; none outside of a repository.
///
/// # Errors
/// Where git fails in a repository.
pub fn tags(project: &Path, launcher: &Launcher) -> Result<Vec<String>, Failure> {
    if git::state(project, &BTreeSet::new(), &[], launcher)?.is_none() {
        return Ok(Vec::new());
    }
    let said = git::ask(project, ["tag", "--points-at", "HEAD"], launcher)?.unwrap_or_default();
    let mut tags = String::from_utf8_lossy(&said).lines().map(str::to_owned).collect::<Vec<_>>();
    tags.sort();
    Ok(tags)
}

/// The repository that `project` was fetched from, as git's configuration names it; none where it names none.
///
/// # Errors
/// Where git fails in a repository.
pub fn origin(project: &Path, launcher: &Launcher) -> Result<Option<String>, Failure> {
    // A list: that a single name is not there would be a failure.
    let said = git::ask(project, ["config", "--list"], launcher)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&said).into_owned();
    Ok(text.lines().find_map(|line| line.strip_prefix("remote.origin.url=")).map(str::to_owned))
}

/// Whether git tracks `path`, relative to `project`, or would offer to: neither is so with an ignored file, or without a repository.
///
/// # Errors
/// Where git fails in a repository.
pub fn is_git_s(project: &Path, path: &str, launcher: &Launcher) -> Result<bool, Failure> {
    let arguments = ["--literal-pathspecs", "ls-files", "--cached", "--others", "--exclude-standard", "--", path];
    Ok(git::ask(project, arguments, launcher)?.is_some_and(|listed| !listed.is_empty()))
}

/// The sources below `folder` that have one of these names, outputs of the project left out; no links.
///
/// # Errors
/// Where git fails in a repository.
pub fn named(folder: &Path, project: &Path, names: &[&str], launcher: &Launcher) -> Result<Vec<PathBuf>, Failure> {
    matching(folder, project, &|name| names.contains(&name), launcher)
}

/// The same of those whose names end so.
///
/// # Errors
/// As [`named`].
pub fn ending(folder: &Path, project: &Path, endings: &[&str], launcher: &Launcher) -> Result<Vec<PathBuf>, Failure> {
    matching(folder, project, &|name| endings.iter().any(|ending| name.ends_with(ending)), launcher)
}

fn matching(folder: &Path, project: &Path, wanted: &dyn Fn(&str) -> bool, launcher: &Launcher) -> Result<Vec<PathBuf>, Failure> {
    let listed = listing::list(folder, launcher)?.into_iter();
    let is_wanted = |path: &Path| path.file_name().and_then(|name| name.to_str()).is_some_and(wanted);
    Ok(listed.filter(|path| is_wanted(path) && !is_output(project, path) && !path.is_symlink() && path.is_file()).collect())
}

/// Who changes files here, as git would name the author of a commit: `Name <address>`. None where git does not know.
///
/// # Errors
/// Where git fails in a repository.
pub fn author(project: &Path, launcher: &Launcher) -> Result<Option<String>, Failure> {
    let configured = |key: &str| -> Result<String, Failure> {
        let said = git::ask(project, ["config", "--default", "", "--get", key], launcher)?.unwrap_or_default();
        Ok(String::from_utf8_lossy(&said).trim().to_owned())
    };
    let told = |variable: &str, key: &str| match environment::text(variable).filter(|text| !text.trim().is_empty()) {
        Some(text) => Ok(text.trim().to_owned()),
        None => configured(key),
    };
    let (name, address) = (told("GIT_AUTHOR_NAME", "user.name")?, told("GIT_AUTHOR_EMAIL", "user.email")?);
    let sound = |text: &str| !text.is_empty() && !text.contains(|character: char| character.is_control() || "<>".contains(character));
    Ok((sound(&name) && sound(&address)).then(|| format!("{name} <{address}>")))
}

/// Whether git tracks the file `name` of `folder`, whatever ignore files say of it, and even if it was taken away.
///
/// # Errors
/// Where git fails in a repository.
pub fn is_tracked(folder: &Path, name: &str, launcher: &Launcher) -> Result<bool, Failure> {
    let listed = git::ask(folder, ["--literal-pathspecs", "ls-files", "--cached", "--", name], launcher)?;
    Ok(listed.is_some_and(|listed| !listed.is_empty()))
}

/// Whether the file at `path` is now a source of `project`, a canonical folder, by what it is called and not by what is declared.
///
/// # Errors
/// Where git fails in a repository.
pub fn holds(project: &Path, path: &Path, launcher: &Launcher) -> Result<bool, Failure> {
    let Ok(path) = path.canonicalize() else { return Ok(false) };
    Ok(path.starts_with(project) && !is_output(project, &path) && listing::list(project, launcher)?.contains(&path))
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
    /// The folder of packages that another tool fetched, canonical.
    pub dependencies: Option<&'a Path>,
    /// Files at the project's top that are derived from sealed bytes and committed, as git's pattern: they are no sources, and no change of
    /// them makes a tree dirty or a release younger.
    pub derived: Option<Derived>,
    /// `SOURCE_DATE_EPOCH` or the manifest's `epoch`.
    pub epoch: Option<u64>,
    /// The clock, in seconds since 1970.
    pub now: u64,
}

/// Files that plimsoll writes from sealed bytes and the project commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derived {
    /// `checksum-Elixir.Module.exs`.
    ElixirChecksums,
    /// That, and `checksum.exs` of elixir_make.
    AllElixirChecksums,
}

impl Derived {
    /// As git takes patterns.
    const fn pathspecs(self) -> &'static [&'static str] {
        match self {
            Self::ElixirChecksums => &[":(exclude,glob)checksum-Elixir.*.exs"],
            Self::AllElixirChecksums => &[":(exclude,glob)checksum-Elixir.*.exs", ":(exclude,glob)checksum.exs"],
        }
    }

    /// Whether a file of the project is one.
    fn is(self, name: &Path) -> bool {
        let name = name.to_str().unwrap_or_default();
        let is_of_module = !name.contains('/') && name.starts_with("checksum-Elixir.") && name.ends_with(".exs");
        match self {
            Self::ElixirChecksums => is_of_module,
            Self::AllElixirChecksums => is_of_module || name == "checksum.exs",
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
        for (folder, path) in fetched(query.dependencies)? {
            let file = listing::source_file(folder, &path, &mut memory, query.now);
            dependencies.extend(file.map_err(|failure| failure.hint(FETCH_ANEW))?);
        }
        memory.save(store).map_err(crate::store_failure)?;
        let project = query.project.strip_prefix(&base).unwrap_or(Path::new("")).to_owned();
        if let Some(derived) = query.derived {
            files.retain(|name, _| !Path::new(name).strip_prefix(&project).is_ok_and(|name| derived.is(name)));
        }
        let state = git::state(query.project, query.others, query.derived.map(Derived::pathspecs).unwrap_or_default(), launcher)?;
        let epoch = query.epoch.or(state.as_ref().map(|state| state.time)).unwrap_or(OLDEST_EPOCH);
        let source = Source {
            digest: digest_of(&files),
            commit: state.as_ref().map(|state| state.commit.clone()),
            dirty: state.is_some_and(|state| state.dirty),
        };
        Ok(Self { base, project, files, dependencies, source, epoch })
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

/// Everything below a folder of fetched packages, with the folder.
fn fetched(folder: Option<&Path>) -> Result<Vec<(&Path, PathBuf)>, Failure> {
    let Some(folder) = folder else { return Ok(Vec::new()) };
    let listed = listing::list_whole(folder)?;
    if let Some(link) = listed.iter().find(|path| path.is_symlink() && path.is_dir()) {
        return Err(links::refused(link, "is a link to a folder, which no proof would see").hint(FETCH_ANEW));
    }
    Ok(listed.into_iter().map(|path| (folder, path)).collect())
}

/// Absolute paths of all sources, none of them a link to a folder.
fn paths(query: &SourceQuery<'_>, base: &Path, launcher: &Launcher) -> Result<BTreeSet<PathBuf>, Failure> {
    let bounds = links::Bounds { base, project: query.project };
    let mut listed = BTreeSet::new();
    for folder in std::iter::once(query.project).chain(query.others.iter().map(PathBuf::as_path)) {
        listed.extend(listing::list(folder, launcher)?);
    }
    let mut whole = BTreeSet::new();
    for input in query.inputs {
        whole.extend(listing::list_whole(input)?);
        // The folder behind a declared link lies outside of the project, and is as much an input.
        if let Some(outside) = input.canonicalize().ok().filter(|target| query.others.contains(target)) {
            whole.extend(listing::list_whole(&outside)?);
        }
    }
    // What is listed whole needs no second look by the rules of ignore files.
    listed.retain(|path| !whole.contains(path));
    let mut paths = links::follow(listed, false, &bounds, launcher)?;
    paths.extend(links::follow(whole, true, &bounds, launcher)?);
    Ok(paths)
}

/// Whether a path lies in `dist/`, or in what a killed run left of it.
fn is_output(project: &Path, path: &Path) -> bool {
    let first = path.strip_prefix(project).ok().and_then(|inside| inside.components().next());
    let name = first.map(|first| first.as_os_str().to_string_lossy()).unwrap_or_default();
    name == "dist" || name.starts_with(LEFTOVER_PREFIX)
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
pub(crate) mod place;
#[cfg(test)]
mod tests;
