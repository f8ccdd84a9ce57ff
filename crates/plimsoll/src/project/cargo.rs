//! What cargo says of a project: of its own workspace, and of those below it that cores name. Reads manifests; resolves nothing, and runs
//! nothing of the project's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use plimsoll_model::plan::Compile;
use plimsoll_model::{Class, Failure};

use super::{asking, included, locked};
use crate::build::own_settings;
use crate::build::toolchain::Toolchain;
use crate::manifest::facts::from_to;
use crate::manifest::{CargoFacts, Core, PackageFacts, Project};
use crate::sources::Sources;
use plimsoll_exec::git::lies_in_git;
use plimsoll_exec::launcher::{Ended, Launcher};
use plimsoll_store::plain_file;

/// Workspaces below a project that are looked at unasked; a project with more has most of them for something else.
const MOST: usize = 32;

/// What cargo says from one folder.
#[derive(Debug, Default)]
pub struct Cargo {
    /// Packages of the workspace.
    pub facts: CargoFacts,
    /// The workspace's folder; none where there is no Cargo.toml.
    pub workspace: Option<PathBuf>,
    /// Folders of path dependencies outside of the workspace, those that a `[patch]` puts in place of others among them.
    pub path_dependencies: BTreeSet<PathBuf>,
    /// Which of the packages asks git while it is built.
    pub asks_git: Option<String>,
    /// What is told of a Cargo.lock that is not up to date.
    pub stale: Option<String>,
}

/// A folder of the project in which cargo is called.
#[derive(Debug)]
pub struct CargoFolder {
    /// Relative to the project, with `/`; empty for the project's own.
    pub path: String,
    /// The Rust toolchain in force there.
    pub toolchain: Toolchain,
    /// What cargo says there.
    pub cargo: Cargo,
}

/// All folders of a project in which cargo is called.
#[derive(Debug)]
pub struct Workspaces {
    own: CargoFolder,
    below: BTreeMap<String, CargoFolder>,
    /// Paths of cores that lead out of the project.
    leading_out: BTreeSet<String>,
}

impl Workspaces {
    /// Asks in the project's own folder at `root`, which is canonical, and in those below it that are named. A path that leads out of the project,
    /// or to no Cargo.toml, is not asked about: it is refused with its place when the manifest is checked.
    ///
    /// # Errors
    /// cargo's own words where a Cargo.toml is wrong.
    pub fn ask(root: &Path, paths: &BTreeSet<String>, launcher: &Launcher) -> Result<Self, Failure> {
        let own = own_path(root);
        let (mut below, mut leading_out) = (BTreeMap::new(), BTreeSet::new());
        for path in paths.iter().filter(|path| own.as_ref() != Some(*path)) {
            match destination(root, path) {
                Destination::Inside(folder) => {
                    let asked = CargoFolder::ask(&folder, path, launcher).map_err(|failure| in_folder(failure, path))?;
                    below.insert(path.clone(), asked);
                }
                Destination::Outside => drop(leading_out.insert(path.clone())),
                Destination::Nowhere => {}
            }
        }
        let own = match own {
            Some(path) => CargoFolder::ask(&root.join(&path), &path, launcher)?,
            // Nothing is compiled there by cargo, and what is done for the whole project is done with the toolchain of one that is.
            None => {
                let toolchain = below.values().next().map(|folder: &CargoFolder| folder.toolchain.clone());
                let toolchain = toolchain.map_or_else(|| Toolchain::of_commands(root, launcher), Ok)?;
                CargoFolder { path: String::new(), toolchain, cargo: Cargo::default() }
            }
        };
        Ok(Self { own, below, leading_out })
    }

    /// Asks in the project's own folder and in those of `folders`, relative to it, that are workspaces of their own; the outer ones come first. What
    /// cargo cannot read is passed over, with the reason.
    ///
    /// # Errors
    /// cargo's own words if the project's own Cargo.toml is wrong.
    pub fn find(root: &Path, folders: &[&str], launcher: &Launcher) -> Result<(Self, Vec<Failure>), Failure> {
        let mut found = Self::ask(root, &BTreeSet::new(), launcher)?;
        let mut passed_over = Vec::new();
        for path in folders.iter().filter(|path| **path != found.own.path.as_str()) {
            let Destination::Inside(folder) = destination(root, path) else { continue };
            if found.all().any(|known| known.cargo.has(&folder)) {
                continue;
            }
            if found.below.len() + passed_over.len() == MOST {
                break;
            }
            match CargoFolder::ask(&folder, path, launcher) {
                Ok(asked) if found.all().any(|known| known.cargo.workspace == asked.cargo.workspace) => {}
                Ok(asked) => drop(found.below.insert((*path).to_owned(), asked)),
                Err(_) if launcher.is_cancelled() => return Err(Failure::interrupted()),
                Err(failure) => passed_over.push(in_folder(failure, path)),
            }
        }
        Ok((found, passed_over))
    }

    /// The project's own folder, or the one in `native/` that stands in for it.
    pub const fn own(&self) -> &CargoFolder {
        &self.own
    }

    /// The others.
    pub fn below(&self) -> impl Iterator<Item = &CargoFolder> {
        self.below.values()
    }

    /// All of them, the project's own first.
    pub fn all(&self) -> impl Iterator<Item = &CargoFolder> {
        std::iter::once(&self.own).chain(self.below())
    }

    /// The folder in which cargo is called for a core.
    pub fn of(&self, compile: &Compile) -> &CargoFolder {
        self.below.get(compile.path()).unwrap_or(&self.own)
    }

    /// What the manifest is held against, with the licences of each.
    pub fn facts(&self, licences: impl Fn(&CargoFolder) -> BTreeMap<String, BTreeMap<String, String>>) -> CargoFacts {
        let of = |folder: &CargoFolder| CargoFacts { licences: licences(folder), ..folder.cargo.facts.clone() };
        let below = self.below().map(|folder| (folder.path.clone(), of(folder))).collect();
        CargoFacts { below, leading_out: self.leading_out.clone(), ..of(&self.own) }
    }

    /// What to type on a machine that no artifact fits.
    pub(super) fn source_command(&self, project: &Project) -> Option<String> {
        let package = project.cores.values().find_map(|core| self.package(core))?;
        let git = package.repository.as_ref().map(|url| format!("cargo install --locked --git {url} {}", package.name));
        let registry = format!("cargo install --locked {} --version {}", package.name, package.version);
        // A name that is not published may be somebody else's in the registry.
        match (package.publishable, git) {
            (true, Some(git)) => Some(format!("{registry} (or: {git})")),
            (true, None) => Some(registry),
            (false, git) => git,
        }
    }

    /// The package that a core is built from by cargo.
    fn package(&self, core: &Core) -> Option<&PackageFacts> {
        match &core.compile {
            Compile::Cargo { package, .. } => self.of(&core.compile).cargo.facts.package(package),
            Compile::Command { .. } | Compile::File { .. } | Compile::Files { .. } => None,
        }
    }
}

impl CargoFolder {
    /// Asks for the toolchain and for the packages in `folder`, which is at `path` in the project.
    fn ask(folder: &Path, path: &str, launcher: &Launcher) -> Result<Self, Failure> {
        let toolchain = Toolchain::detect(folder, launcher)?;
        let cargo = Cargo::ask(folder, path, &toolchain, launcher)?;
        Ok(Self { path: path.to_owned(), toolchain, cargo })
    }

    /// The workspace's folder relative to the base of the sources.
    pub fn workspace_in(&self, sources: &Sources) -> &Path {
        let workspace = self.cargo.workspace.as_deref().and_then(|workspace| workspace.strip_prefix(&sources.base).ok());
        workspace.unwrap_or(Path::new(""))
    }
}

impl Cargo {
    /// Asks `cargo metadata` in a folder, which is at `path` in the project. Reads manifests only and needs no network.
    ///
    /// # Errors
    /// cargo's own words where a Cargo.toml is wrong.
    fn ask(folder: &Path, path: &str, toolchain: &Toolchain, launcher: &Launcher) -> Result<Self, Failure> {
        let metadata = metadata(folder, toolchain, launcher)?;
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
        let here = metadata.packages.iter().find(|package| package.manifest_path.parent().is_some_and(|parent| parent == folder));
        let package_here = here.map(|package| package.name.to_string());
        let root = project_of(folder, path).and_then(|project| from_to(project, workspace)).unwrap_or_default();
        let facts = CargoFacts::from_metadata(&metadata).with_profiles(&with_settings(manifest, folder, project_of(folder, path)));
        let mut facts = CargoFacts { path: path.to_owned(), root, package_here, ..facts };
        included::add(&mut facts, workspace);
        let stale = locked::stale(&metadata, workspace);
        Ok(Self { facts, workspace: workspace.canonicalize().ok(), path_dependencies, asks_git, stale })
    }

    /// Whether a package of the workspace lies in a folder.
    fn has(&self, folder: &Path) -> bool {
        let Some(workspace) = &self.workspace else { return false };
        self.facts.packages.iter().any(|package| workspace.join(&package.folder).components().eq(folder.components()))
    }
}

/// The project's folder, by one that is at `path` in it.
fn project_of<'f>(folder: &'f Path, path: &str) -> Option<&'f Path> {
    folder.ancestors().nth(path.split('/').filter(|part| !part.is_empty()).count())
}

/// Where the path of a core leads.
enum Destination {
    /// To a folder of the project with a Cargo.toml.
    Inside(PathBuf),
    Outside,
    /// To no such folder.
    Nowhere,
}

fn destination(root: &Path, path: &str) -> Destination {
    let is_plain = !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    let folder = Some(path).filter(|_| is_plain).and_then(|path| root.join(path).canonicalize().ok());
    let manifest = folder.as_ref().and_then(|folder| folder.join("Cargo.toml").canonicalize().ok()).filter(|manifest| manifest.is_file());
    let (Some(folder), Some(manifest)) = (folder, manifest) else { return Destination::Nowhere };
    match (folder.strip_prefix(root), manifest.starts_with(root)) {
        (Ok(inside), true) if lies_in_git(inside) => Destination::Nowhere,
        (Ok(_), true) => Destination::Inside(folder),
        _ => Destination::Outside,
    }
}

/// The path of the folder with the project's Cargo.toml: its own, or the only one below `native/` that has one, where Rustler puts it.
pub fn own_path(root: &Path) -> Option<String> {
    if root.join("Cargo.toml").is_file() {
        return Some(String::new());
    }
    let entries = std::fs::read_dir(root.join("native")).ok()?.flatten();
    let mut names = entries.filter(|entry| entry.path().join("Cargo.toml").is_file()).map(|entry| entry.file_name());
    let first = names.next()?;
    names.next().is_none().then(|| Some(format!("native/{}", first.to_str()?)))?
}

/// Says in which folder it was.
fn in_folder(failure: Failure, path: &str) -> Failure {
    if !failure.subject.is_empty() { failure } else { failure.about(path) }
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

/// The same with the profiles of cargo's configuration in `folder` and above it in the project, which count more.
fn with_settings(mut manifest: toml::Table, folder: &Path, project: Option<&Path>) -> toml::Table {
    let places = folder.ancestors().take_while(|above| project.is_some_and(|project| above.starts_with(project)));
    let files = places.flat_map(|place| own_settings::NAMES.map(|name| place.join(name)));
    let settings = files.filter_map(|path| plain_file::read_text(&path).ok()?.parse::<toml::Table>().ok()).collect::<Vec<_>>();
    for profiles in settings.iter().rev().filter_map(|file| file.get("profile")?.as_table()) {
        let known = manifest.entry("profile").or_insert_with(|| toml::Value::Table(toml::Table::new()));
        for (name, profile) in profiles {
            let Some(known) = known.as_table_mut() else { continue };
            let known = known.entry(name).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let (Some(known), Some(profile)) = (known.as_table_mut(), profile.as_table()) {
                known.extend(profile.clone());
            }
        }
    }
    manifest
}

/// Folders that the workspace's `[patch.REGISTRY.NAME]` tables name; `cargo metadata` does not tell them without resolving.
fn patches(workspace: &Path, manifest: &toml::Table) -> Vec<PathBuf> {
    let registries = manifest.get("patch").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values);
    let packages = registries.filter_map(toml::Value::as_table).flat_map(toml::Table::values);
    let paths = packages.filter_map(|package| package.get("path")?.as_str());
    paths.map(|path| workspace.join(path)).collect()
}
