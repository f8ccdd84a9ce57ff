//! Opening a project: the manifest checked against cargo and the sources, and what this machine has to work with.

mod asking;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use plimsoll_model::{Class, Failure, Plan};
use plimsoll_pack::LAST_EPOCH;
use plimsoll_store::Store;

use crate::build::toolchain::Toolchain;
use crate::manifest::{self, CargoFacts, Manifest, ManifestError, Project};
use crate::sources::{Derived, SourceQuery, Sources};
use plimsoll_elixir::ElixirProject;
use plimsoll_exec::launcher::{Ended, Launcher};
use plimsoll_exec::{environment, git};
use plimsoll_roots::lock::Lock;
use plimsoll_store::outputs::starts_in_output;
use plimsoll_store::plain_file;
use plimsoll_version::journal::Journal;
use plimsoll_version::{Survey, VersionSpec};

/// A project that was opened: everything that a plan follows from.
#[derive(Debug)]
pub struct OpenProject {
    /// The project's folder, canonical.
    pub root: PathBuf,
    /// Where cargo packages say that their sources are kept.
    pub repositories: Vec<String>,
    /// The checked manifest.
    pub project: Project,
    /// The sources.
    pub sources: Sources,
    /// What the Elixir sources say of native libraries; empty where the manifest has none.
    pub elixir: ElixirProject,
    /// The cargo workspace's folder relative to the sources' base.
    pub workspace: PathBuf,
    /// The Rust toolchain in force.
    pub toolchain: Toolchain,
    /// Where the files of named roots come from.
    pub root_sources: plimsoll_roots::Sources,
    /// How a user builds from source.
    pub from_source: Option<String>,
    /// Where the version stands, for a manifest that says so.
    pub versions: Option<VersionSpec>,
    /// Who asks git while the project is built, if anybody does.
    pub asks_git: Option<String>,
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

impl OpenProject {
    /// Reads `plimsoll.toml` in `root`, asks cargo and git, and hashes what changed. Where the manifest has a `[version]` table, every copy
    /// of the version must agree, and the files of its line are brought up to date.
    ///
    /// # Errors
    /// Class usage for everything that is wrong with the manifest, rendered with its place.
    pub fn open(root: &Path, store: &Store, launcher: &Launcher, epoch: Option<u64>) -> Result<Self, OpenError> {
        Self::read(root, store, launcher, epoch, false)
    }

    /// The same, with an Elixir side that may say something else than the manifest.
    ///
    /// # Errors
    /// As [`OpenProject::open`].
    pub fn open_contradicted(root: &Path, store: &Store, launcher: &Launcher, epoch: Option<u64>) -> Result<Self, OpenError> {
        Self::read(root, store, launcher, epoch, true)
    }

    fn read(root: &Path, store: &Store, launcher: &Launcher, epoch: Option<u64>, may_contradict: bool) -> Result<Self, OpenError> {
        let root = folder(root)?;
        Journal::of(&plimsoll_version::base(&root), &store.folder()).recover(store.patience())?;
        let (path, text) = read_manifest(&root)?;
        let written = manifest::parse(&path, &text)?;
        // What is wrong with the table is told below, together with everything else.
        let versions = manifest::version_spec(&path, &text, &written).ok().flatten();
        let toolchain = if cargo_folder(&root).is_some() { Toolchain::detect } else { Toolchain::of_commands }(&root, launcher)?;
        let cargo = Cargo::ask(&root, &toolchain, launcher)?;
        let version = versions.as_ref().map(|spec| one_version(&root, spec, launcher)).transpose()?;
        let mut inputs = declared_inputs(&root, &written)?;
        inputs.extend(versions.iter().flat_map(|spec| &spec.line).map(|line| root.join(&line.path)));
        let others = outside_folders(&root, &cargo, &inputs);
        let makes = written.nifs.iter().any(|nif| nif.scheme.as_ref().is_some_and(|scheme| scheme.value == "elixir_make"));
        let checksums = if makes { Derived::AllElixirChecksums } else { Derived::ElixirChecksums };
        let derived = (!written.nifs.is_empty()).then_some(checksums);
        let dependencies = derived.and_then(|_| mix_dependencies(&root));
        let query = SourceQuery {
            project: &root,
            others: &others,
            inputs: &inputs,
            dependencies: dependencies.as_deref(),
            derived,
            epoch,
            now: now(),
        };
        let mut sources = Sources::read(&query, store, launcher)?;
        let names = sources.of_project().map(|(name, _)| name.to_owned()).collect::<BTreeSet<_>>();
        let mut facts = cargo.facts.clone();
        facts.licences = licences(&sources, &cargo);
        if !written.nifs.is_empty() {
            facts.elixir = ElixirProject { may_contradict, ..read_elixir(&sources)? };
        }
        let project = manifest::read_at(&path, &text, &facts, &names, version.as_ref())?;
        sources.epoch = epoch.or(project.epoch).unwrap_or(sources.epoch);
        let workspace = cargo.workspace.as_deref().unwrap_or(&root);
        let workspace = workspace.strip_prefix(&sources.base).unwrap_or(Path::new("")).to_owned();
        let from_source = cargo.source_command(&project);
        let elixir = facts.elixir;
        let root_sources = root_sources(&root, &project)?;
        let mut repositories = cargo.facts.packages.iter().filter_map(|package| package.repository.clone()).collect::<Vec<_>>();
        repositories.dedup();
        let asks_git = cargo.asks_git.clone().or_else(|| asking::commands(&project, &sources));
        Ok(Self { asks_git, root, project, repositories, root_sources, sources, elixir, workspace, toolchain, from_source, versions })
    }

    /// The plan that follows.
    pub fn plan(&self) -> Plan {
        crate::plan::plan(&self.project, self.sources.source.clone(), self.sources.epoch)
    }

    /// Where sealed artifacts go.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }
}

/// Licences of the packages and of the workspace, which may lie outside of the project.
fn licences(sources: &Sources, cargo: &Cargo) -> BTreeMap<String, BTreeMap<String, String>> {
    let workspace = cargo.workspace.as_deref().and_then(|workspace| workspace.strip_prefix(&sources.base).ok()).and_then(Path::to_str);
    let (Some(workspace), Some(project)) = (workspace, sources.project.to_str()) else { return BTreeMap::new() };
    let files = sources.files.iter().map(|(path, file)| (path.as_str(), file.digest)).collect();
    manifest::LicencePlaces { files, project, workspace }.licences(&cargo.facts.packages)
}

/// What the manifest says of roots, and what is locked.
fn root_sources(root: &Path, project: &Project) -> Result<plimsoll_roots::Sources, Failure> {
    let lock = Lock::read(root).map_err(|error| {
        Failure::from_error(Class::Usage, "lock", &error).hint("`plimsoll root update` writes the file; take it from git if it was changed")
    })?;
    Ok(plimsoll_roots::Sources { project: root.to_owned(), declared: project.roots.clone(), lock })
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

/// What mix fetched for the project, where a lock file says what that is.
fn mix_dependencies(root: &Path) -> Option<PathBuf> {
    let folder = root.join("deps").canonicalize().ok().filter(|folder| folder.is_dir())?;
    root.join("mix.lock").is_file().then_some(folder)
}

/// Reads what the project's Elixir sources say of its native library.
///
/// # Errors
/// Where one cannot be read.
fn read_elixir(sources: &Sources) -> Result<ElixirProject, Failure> {
    let mut texts = Vec::new();
    for (name, file) in sources.of_project().filter(|(name, _)| *name == "mix.exs" || name.ends_with(".ex")) {
        let bytes = plain_file::read(&file.from).map_err(|error| Failure::io(&file.from, &error))?;
        texts.push((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(ElixirProject::read(texts.iter().map(|(name, text)| (*name, text.as_str()))))
}

/// What cargo says of the project.
#[derive(Debug, Default)]
pub struct Cargo {
    /// Packages of the workspace.
    pub facts: CargoFacts,
    /// The workspace's folder; none where the project has no Cargo.toml.
    pub workspace: Option<PathBuf>,
    /// Folders of path dependencies outside of the workspace, those that a `[patch]` puts in place of others among them.
    pub path_dependencies: BTreeSet<PathBuf>,
    /// Which of the packages asks git while it is built.
    pub asks_git: Option<String>,
}

impl Cargo {
    /// Asks `cargo metadata`, which reads manifests only and needs no network.
    ///
    /// # Errors
    /// cargo's own words where a Cargo.toml is wrong.
    pub fn ask(root: &Path, toolchain: &Toolchain, launcher: &Launcher) -> Result<Self, Failure> {
        let Some(place) = cargo_folder(root) else { return Ok(Self::default()) };
        let metadata = metadata(&place, toolchain, launcher)?;
        let workspace = metadata.workspace_root.as_std_path();
        let mut path_dependencies = BTreeSet::new();
        let manifest = workspace_manifest(workspace)?;
        let mut waiting = patches(workspace, &manifest);
        waiting.extend(dependency_folders(&metadata));
        let mut asks_git = asking::packages(&metadata);
        while let Some(folder) = waiting.pop() {
            let Ok(folder) = folder.canonicalize() else { continue };
            if !folder.starts_with(workspace) && !path_dependencies.contains(&folder) {
                let metadata = self::metadata(&folder, toolchain, launcher)?;
                waiting.extend(dependency_folders(&metadata));
                asks_git = asks_git.or_else(|| asking::packages(&metadata));
                path_dependencies.insert(folder);
            }
        }
        let workspace = workspace.canonicalize().ok();
        Ok(Self { facts: CargoFacts::from_metadata(&metadata).with_profiles(&manifest), workspace, path_dependencies, asks_git })
    }

    /// What to type on a machine that no artifact fits.
    fn source_command(&self, project: &Project) -> Option<String> {
        let package = project.cores.values().find_map(|core| match &core.compile {
            plimsoll_model::plan::Compile::Cargo { package, .. } => self.facts.package(package),
            plimsoll_model::plan::Compile::Command { .. } => None,
        })?;
        let git = package.repository.as_ref().map(|url| format!("cargo install --locked --git {url} {}", package.name));
        let registry = format!("cargo install --locked {} --version {}", package.name, package.version);
        // A name that is not published may be somebody else's in the registry.
        match (package.publishable, git) {
            (true, Some(git)) => Some(format!("{registry} (or: {git})")),
            (true, None) => Some(registry),
            (false, git) => git,
        }
    }
}

/// The folder with the project's Cargo.toml: its own, or the only crate below `native/`, where Rustler puts it.
fn cargo_folder(root: &Path) -> Option<PathBuf> {
    if root.join("Cargo.toml").is_file() {
        return Some(root.to_owned());
    }
    let entries = std::fs::read_dir(root.join("native")).ok()?.flatten().map(|entry| entry.path());
    let mut crates = entries.filter(|path| path.join("Cargo.toml").is_file());
    let first = crates.next()?;
    crates.next().is_none().then_some(first)
}

fn metadata(folder: &Path, toolchain: &Toolchain, launcher: &Launcher) -> Result<cargo_metadata::Metadata, Failure> {
    let rust = toolchain.rust()?;
    let launch = plimsoll_exec::metadata::of(&rust.cargo, folder).env([("RUSTC", rust.sysroot.join("bin/rustc"))]);
    let finished = launcher.output(&launch).map_err(|error| error.failure(Class::ToolMissing, "cargo"))?;
    if finished.ended == Ended::Cancelled {
        return Err(Failure::interrupted());
    }
    if !finished.succeeded() {
        return Err(Failure::new(Class::Usage, "cargo-metadata", "cargo cannot read the project").cause("said", finished.stderr_text()));
    }
    serde_json::from_slice(&finished.stdout).map_err(|error| Failure::from_error(Class::NotProven, "cargo-metadata", &error))
}

/// Folders of the path dependencies of a workspace's packages.
fn dependency_folders(metadata: &cargo_metadata::Metadata) -> impl Iterator<Item = PathBuf> + '_ {
    let dependencies = metadata.packages.iter().flat_map(|package| &package.dependencies);
    dependencies.filter_map(|dependency| Some(dependency.path.as_ref()?.as_std_path().to_owned()))
}

/// What the workspace's own Cargo.toml says, for the parts that `cargo metadata` does not tell.
fn workspace_manifest(workspace: &Path) -> Result<toml::Table, Failure> {
    let path = workspace.join("Cargo.toml");
    let text = plain_file::read_text(&path).map_err(|error| Failure::io(&path, &error))?;
    text.parse::<toml::Table>()
        .map_err(|error| Failure::new(Class::Usage, "cargo-manifest", error.message().to_owned()).about(path.display().to_string()))
}

/// Folders that the workspace's `[patch.REGISTRY.NAME]` tables name; `cargo metadata` does not tell them without resolving.
fn patches(workspace: &Path, manifest: &toml::Table) -> Vec<PathBuf> {
    let registries = manifest.get("patch").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values);
    let packages = registries.filter_map(toml::Value::as_table).flat_map(toml::Table::values);
    let paths = packages.filter_map(|package| package.get("path")?.as_str());
    paths.map(|path| workspace.join(path)).collect()
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
fn outside_folders(root: &Path, cargo: &Cargo, inputs: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let mut folders = cargo.path_dependencies.clone();
    folders.extend(cargo.workspace.clone());
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
