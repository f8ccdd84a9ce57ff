//! Opening a project: the manifest checked against cargo and the sources, and what this machine has to work with.

mod asking;
mod cargo;
mod included;
pub(crate) mod locked;
mod nearest;
mod versions;
mod warnings;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use plimsoll_model::{Class, Failure, Plan};
use plimsoll_pack::LAST_EPOCH;
use plimsoll_store::Store;

use crate::given::GivenLock;
use crate::kinds::{self, Inquiry};
use crate::manifest::{self, Manifest, ManifestError, Project};
use crate::sources::{SourceQuery, Sources};
use plimsoll_exec::launcher::Launcher;
use plimsoll_exec::{environment, git};
use plimsoll_roots::lock::{Lock, LockError};
use plimsoll_store::outputs::{RELEASE_FOLDER, starts_in_output};
use plimsoll_store::plain_file;
use plimsoll_version::journal::Journal;
use plimsoll_version::{Survey, VersionSpec};

pub use cargo::{Cargo, CargoFolder, Workspaces, own_path};
pub use nearest::nearest;
pub use versions::version_spec;

/// A project that was opened: everything that a plan follows from.
#[derive(Debug)]
pub struct Loaded {
    /// The project's folder, canonical.
    pub root: PathBuf,
    /// Where cargo packages say that their sources are kept.
    pub repositories: Vec<String>,
    /// The checked manifest.
    pub project: Project,
    /// The sources.
    pub sources: Sources,
    /// What kinds read from the sources.
    pub facts: kinds::Facts,
    /// Where cargo is called for which core.
    pub workspaces: Workspaces,
    /// Where the files of named roots come from.
    pub root_sources: plimsoll_roots::Sources,
    /// The digests of what the project is given.
    pub given_lock: GivenLock,
    /// How a user builds from source.
    pub from_source: Option<String>,
    /// Where the version stands, for a manifest that says so.
    pub versions: Option<VersionSpec>,
    /// Which of the project's own commands asks git, if one does.
    pub command_asks: Option<String>,
    /// Where sealed artifacts go.
    dist: PathBuf,
}

/// Why a project could not be opened.
#[derive(Debug)]
pub enum OpenError {
    /// The manifest is wrong; carries the text, so that a person is shown the places.
    Manifest(Box<ManifestError>),
    /// Anything else.
    Other(Box<Failure>),
}

impl From<ManifestError> for OpenError {
    fn from(error: ManifestError) -> Self {
        Self::Manifest(Box::new(error))
    }
}

impl From<Failure> for OpenError {
    fn from(failure: Failure) -> Self {
        Self::Other(Box::new(failure))
    }
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

impl Loaded {
    /// Reads `plimsoll.toml` in `root`, asks cargo and git, and hashes what changed. Where the manifest has a `[version]` table, every copy
    /// of the version must agree, and the files of its line are brought up to date.
    ///
    /// # Errors
    /// Class usage for everything that is wrong with the manifest, rendered with its place.
    pub fn open(root: &Path, store: &Store, launcher: &Launcher, epoch: Option<u64>) -> Result<Self, OpenError> {
        Self::read(root, Inquiry { store, launcher, evaluates: true, may_contradict: false }, epoch)
    }

    /// The same without running anything of the project's: what was evaluated before is recalled.
    ///
    /// # Errors
    /// As [`Loaded::open`].
    pub fn open_at_rest(root: &Path, store: &Store, launcher: &Launcher, epoch: Option<u64>) -> Result<Self, OpenError> {
        Self::read(root, Inquiry { store, launcher, evaluates: false, may_contradict: false }, epoch)
    }

    /// The same, with sources that may say something else to a kind than the manifest does.
    ///
    /// # Errors
    /// As [`Loaded::open`].
    pub fn open_contradicted(root: &Path, store: &Store, launcher: &Launcher, epoch: Option<u64>) -> Result<Self, OpenError> {
        Self::read(root, Inquiry { store, launcher, evaluates: true, may_contradict: true }, epoch)
    }

    fn read(root: &Path, inquiry: Inquiry<'_>, epoch: Option<u64>) -> Result<Self, OpenError> {
        let Inquiry { store, launcher, .. } = inquiry;
        let root = folder(root)?;
        Journal::of(&plimsoll_version::base(&root), &store.folder()).recover(store.patience())?;
        let (path, text) = read_manifest(&root)?;
        let written = manifest::parse(&path, &text)?;
        // What is wrong with the table is told below, together with everything else.
        let versions = manifest::version_spec(&path, &text, &written).ok().flatten();
        let workspaces = Workspaces::ask(&root, &written.core_paths(), launcher)?;
        let version = versions.as_ref().map(|spec| one_version(&root, spec, launcher)).transpose()?;
        let mut inputs = declared_inputs(&root, &written)?;
        inputs.extend(versions.iter().flat_map(|spec| &spec.line).map(|line| root.join(&line.path)));
        let others = outside_folders(&root, &workspaces, &inputs);
        let derived = kinds::derived(&written);
        let dependencies = kinds::dependencies(&written, &root)?;
        let query = SourceQuery {
            project: &root,
            others: &others,
            inputs: &inputs,
            dependencies: &dependencies,
            derived: &derived,
            epoch,
            now: now(),
        };
        let mut sources = Sources::read(&query, store, launcher)?;
        let names = sources.of_project().map(|(name, _)| name.to_owned()).collect::<BTreeSet<_>>();
        let mut facts = workspaces.facts(|folder| licences(&sources, folder));
        facts.of_kinds = kinds::Facts::read(&written, &sources, inquiry)?;
        let project = manifest::read_at(&path, &text, &facts, &names, version.as_ref())?;
        sources.epoch = epoch.or(project.epoch).unwrap_or(sources.epoch);
        let from_source = workspaces.source_command(&project);
        let facts = facts.of_kinds;
        let root_sources = root_sources(&root, &project)?;
        let given_lock = GivenLock::read(&root).map_err(|error| lock_failure(&error))?;
        let packages = workspaces.all().flat_map(|folder| &folder.cargo.facts.packages);
        let mut repositories = packages.filter_map(|package| package.repository.clone()).collect::<Vec<_>>();
        repositories.dedup();
        let command_asks = asking::commands(&project, &sources);
        let dist = root.join(RELEASE_FOLDER);
        Ok(Self {
            command_asks,
            root,
            project,
            repositories,
            root_sources,
            given_lock,
            sources,
            facts,
            workspaces,
            from_source,
            versions,
            dist,
        })
    }

    /// Who asks git while the project is built, if anybody does.
    pub fn asks_git(&self) -> Option<&str> {
        self.workspaces.all().find_map(|folder| folder.cargo.asks_git.as_deref()).or(self.command_asks.as_deref())
    }

    /// The plan that follows.
    ///
    /// # Errors
    /// If something must be proven before it can be made, or what it is given is not locked.
    pub fn plan(&self) -> Result<Plan, Failure> {
        let given = crate::given::resolve(&self.project, &self.given_lock)?;
        let plan = crate::plan::plan(&self.project, &given, self.sources.source.clone(), self.sources.epoch)?;
        crate::given::is_locked(&plan, &self.given_lock)?;
        Ok(plan)
    }

    /// The plan without anything that is given: what it asks for.
    ///
    /// # Errors
    /// If something must be proven before it can be made.
    pub fn plan_of_nothing_given(&self) -> Result<Plan, Failure> {
        let nothing = crate::given::GivenFiles::default();
        crate::plan::plan(&self.project, &nothing, self.sources.source.clone(), self.sources.epoch).map_err(Failure::from)
    }

    /// Where sealed artifacts go.
    pub fn dist(&self) -> PathBuf {
        self.dist.clone()
    }

    /// The same with another folder for sealed artifacts, if one is named.
    ///
    /// # Errors
    /// Class usage for a folder of the project: what is in it would be sources.
    pub fn sealing_into(self, named: Option<&Path>) -> Result<Self, Failure> {
        let Some(named) = named else { return Ok(self) };
        let dist = std::path::absolute(named).map_err(|error| Failure::io(named, &error))?;
        let real = dist.ancestors().find_map(|above| Some(above.canonicalize().ok()?.join(dist.strip_prefix(above).ok()?))).unwrap_or(dist);
        if real != self.root.join(RELEASE_FOLDER) && (real.starts_with(&self.root) || self.root.starts_with(&real)) {
            let inside = Failure::new(
                Class::Usage,
                "dist-in-project",
                "lies in the project, where what is sealed would be a source of the next release",
            );
            return Err(inside
                .about(named.display().to_string())
                .hint("name a folder outside of the project, or leave --dist out for dist/"));
        }
        Ok(Self { dist: real, ..self })
    }
}

/// Licences of the packages of a workspace, which may lie outside of the project.
fn licences(sources: &Sources, folder: &CargoFolder) -> BTreeMap<String, BTreeMap<String, String>> {
    let workspace = folder.cargo.workspace.as_deref().and_then(|workspace| workspace.strip_prefix(&sources.base).ok());
    let core = sources.project.join(&folder.path);
    let (Some(workspace), Some(project), Some(core)) = (workspace.and_then(Path::to_str), sources.project.to_str(), core.to_str()) else {
        return BTreeMap::new();
    };
    let files = sources.files.iter().map(|(path, file)| (path.as_str(), file.digest)).collect();
    manifest::LicencePlaces { files, project, core: core.trim_end_matches('/'), workspace }.licences(&folder.cargo.facts.packages)
}

/// What the manifest says of roots, and what is locked.
fn root_sources(root: &Path, project: &Project) -> Result<plimsoll_roots::Sources, Failure> {
    let lock = Lock::read(root).map_err(|error| lock_failure(&error))?;
    Ok(plimsoll_roots::Sources { project: root.to_owned(), declared: project.roots.clone(), lock })
}

fn lock_failure(error: &LockError) -> Failure {
    Failure::from_error(Class::Usage, "lock", error).hint("`plimsoll lock update` writes the file; take it from git if it was changed")
}

/// The version that the source and all copies say; the files of its line say it too from here on.
fn one_version(root: &Path, spec: &VersionSpec, launcher: &Launcher) -> Result<semver::Version, Failure> {
    let survey = Survey::read(root, spec, launcher)?;
    survey.agreement()?;
    if !spec.line.is_empty() {
        let commit = git::commit(root, launcher)?;
        plimsoll_version::line::write(root, &spec.line, &survey.version, commit.as_ref(), launcher)?;
    }
    Ok(survey.version)
}

/// The text of the manifest in `root`, and what errors call it.
///
/// # Errors
/// Class usage where there is none.
pub fn read_manifest(root: &Path) -> Result<(String, String), Failure> {
    let path = root.join(manifest::FILE_NAME);
    let text = plain_file::read_text(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Failure::new(Class::Usage, "no-manifest", format!("there is no {} in {}", manifest::FILE_NAME, root.display()))
                .hint("run `plimsoll init` to write one, or name the project's folder with --root")
        }
        std::io::ErrorKind::InvalidData => Failure::new(Class::Usage, "manifest", "is not UTF-8").about(path.display().to_string()),
        _ => Failure::io(&path, &error),
    })?;
    Ok((manifest::FILE_NAME.to_owned(), text))
}

/// The declared inputs, absolute, by the names that they have in the project.
fn declared_inputs(root: &Path, written: &Manifest) -> Result<BTreeSet<PathBuf>, Failure> {
    let mut inputs = BTreeSet::new();
    for input in written.inputs() {
        let path = root.join(input);
        let wrong = |code, why: String| Failure::new(Class::Usage, code, why).about(path.display().to_string());
        let canonical =
            path.canonicalize().map_err(|error| wrong("input-missing", format!("the declared input cannot be read: {error}")))?;
        let parts = Path::new(input).components().filter(|part| *part != Component::CurDir).collect::<PathBuf>();
        if starts_in_output(&parts) {
            return Err(wrong("input-is-output", "the declared input lies in dist/, which every release replaces".to_owned())
                .hint("move it to another folder"));
        }
        // A name that climbs is refused with its place when the manifest is checked; until then it must not lead anywhere.
        let stays = parts.components().all(|part| matches!(part, Component::Normal(_)));
        inputs.insert(if stays { root.components().chain(parts.components()).collect() } else { canonical });
    }
    Ok(inputs)
}

/// Folders outside of the project that its builds read.
fn outside_folders(root: &Path, workspaces: &Workspaces, inputs: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let mut folders = BTreeSet::new();
    for Cargo { workspace, path_dependencies, .. } in workspaces.all().map(|folder| &folder.cargo) {
        folders.extend(path_dependencies.iter().chain(workspace).cloned());
    }
    folders.extend(inputs.iter().filter_map(|input| input.canonicalize().ok()));
    folders.retain(|folder| !folder.starts_with(root));
    folders
}

/// `SOURCE_DATE_EPOCH`, where it is set.
///
/// # Errors
/// Class usage where it is no number of seconds.
pub fn epoch() -> Result<Option<u64>, Failure> {
    let Some(text) = environment::text("SOURCE_DATE_EPOCH").filter(|text| !text.is_empty()) else { return Ok(None) };
    let epoch = text.parse().ok().filter(|epoch| *epoch <= LAST_EPOCH).ok_or_else(|| {
        Failure::new(
            Class::Usage,
            "source-date-epoch",
            format!("SOURCE_DATE_EPOCH is `{text}`, and must be a number of seconds since 1970, at most {LAST_EPOCH} (the end of 2107)"),
        )
    })?;
    Ok(Some(epoch))
}

/// The project's folder, canonical.
///
/// # Errors
/// Class usage where it cannot be read.
pub fn folder(named: &Path) -> Result<PathBuf, Failure> {
    named.canonicalize().map_err(|error| {
        Failure::new(Class::Usage, "no-project", format!("the project's folder cannot be read: {error}")).about(named.display().to_string())
    })
}

#[cfg(test)]
mod tests;
