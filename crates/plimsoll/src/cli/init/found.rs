//! What of a project can be shipped: what users of a kind can have of its cargo workspaces, wherever these lie.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure, Name};

use super::earlier::{Earlier, Shipping};
use super::shipped::{self, Programs};
use crate::kinds::{Candidate, Candidates, Inquiry};
use crate::manifest::{self, PackageFacts};
use crate::project::{CargoFolder, Workspaces};
use crate::report;
use plimsoll_exec::git;
use plimsoll_exec::launcher::Launcher;
use plimsoll_store::plain_file;

/// How files begin, in lower case, that archives have without being asked for them, licences left out.
const USUAL_FILES: [&str; 2] = ["changelog", "readme"];

/// What was found.
pub(super) struct Found {
    /// Every workspace, the project's own among them.
    pub(super) workspaces: Workspaces,
    /// Cores, the project's own first.
    pub(super) cores: Vec<Core>,
    /// What the tool that released it so far was told.
    pub(super) earlier: Earlier,
    /// Packages and programs that are left out, with the reason.
    pub(super) left: Vec<(String, String)>,
    /// Manifests of Python packages, relative to the project.
    pub(super) python: Vec<String>,
    /// Who uses what is shipped.
    pub(super) candidates: Candidates,
    /// Folders with a manifest of cargo's, relative to the project.
    with_cargo: BTreeSet<String>,
    /// Why a manifest of cargo was passed over.
    pub(super) passed_over: Vec<Failure>,
}

/// A package of which something is shipped.
pub(super) struct Core {
    /// What it is called in the manifest.
    pub(super) name: String,
    /// The folder in which cargo is called, if the manifest must say it.
    pub(super) path: Option<String>,
    /// The folder of its package, relative to the project; none if it lies outside.
    pub(super) inside: Option<String>,
    pub(super) package: PackageFacts,
    /// What is shipped of it.
    pub(super) candidate: Candidate,
    /// Of its programs.
    pub(super) programs: Programs,
    /// What was said of its archives so far.
    pub(super) shipping: Shipping,
    /// The file that gives it its version, if that is one of the project.
    pub(super) version_file: Option<String>,
}

impl Found {
    /// Looks through the sources in `root`, which is canonical.
    pub(super) fn look(root: &Path, inquiry: Inquiry<'_>) -> Result<Self, Failure> {
        let launcher = inquiry.launcher;
        let names = ["Cargo.toml"].into_iter().chain(Candidates::FILES).collect::<Vec<_>>();
        let listed = git::named(root, root, &names, launcher)?;
        let inside = |path: &Path| path.strip_prefix(root).ok()?.to_str().map(str::to_owned);
        let mut listed = listed.iter().filter_map(|path| inside(path)).filter(|path| shipped::may_be_shipped(path)).collect::<Vec<_>>();
        listed.sort_by_key(|path| (path.matches('/').count(), path.clone()));
        let folders = listed.iter().filter_map(|path| path.strip_suffix("/Cargo.toml")).collect::<Vec<_>>();
        let (workspaces, passed_over) = Workspaces::find(root, &folders, launcher)?;
        let with_cargo =
            listed.iter().filter_map(|path| path.strip_suffix("Cargo.toml")).map(|path| path.trim_end_matches('/').to_owned()).collect();
        let python = listed.iter().filter(|path| path.ends_with("pyproject.toml")).cloned().collect();
        let earlier = Earlier::look(root, &workspaces.own().cargo.facts);
        let candidates = Candidates::look(root, &listed, inquiry)?;
        let mut found = Self { workspaces, cores: Vec::new(), earlier, left: Vec::new(), python, candidates, with_cargo, passed_over };
        found.choose(root);
        found.hold_files(root, launcher)?;
        Ok(found)
    }

    /// The cores: of each workspace what is for users.
    fn choose(&mut self, root: &Path) {
        let silent = Earlier::default();
        for folder in self.workspaces.all() {
            let below = !std::ptr::eq(folder, self.workspaces.own());
            let earlier = if below { &silent } else { &self.earlier };
            let workspace = folder.cargo.workspace.as_deref().unwrap_or(root);
            let (programs, libraries) = packages(folder, root).into_iter().partition::<Vec<_>, _>(|package| !package.binaries.is_empty());
            let (kept, left) = shipped::packages(&programs, earlier, &tasks(workspace));
            self.left.extend(left.into_iter().map(|(package, why)| (package.name.clone(), why.to_owned())));
            for package in kept.into_iter().chain(libraries) {
                let place = workspace.join(&package.folder);
                let inside = place.strip_prefix(root).ok().and_then(Path::to_str).map(|path| path.trim_end_matches('/').to_owned());
                let Some(candidate) = self.candidates.of(package, inside.as_deref()) else { continue };
                let shipping = earlier.of(&package.name).clone();
                let mut programs = if candidate.is_programs() { shipped::programs(package, &shipping) } else { Programs::default() };
                self.left.append(&mut programs.left);
                let version_file = plimsoll_version::source_of_package(root, workspace, &workspace.join(&package.folder));
                let name = free_name(package, &folder.path, &self.cores);
                let path = below.then(|| folder.path.clone());
                self.cores.push(Core { name, path, inside, package: package.clone(), candidate, programs, shipping, version_file });
            }
        }
    }

    /// Files that archives had so far, of those that are sources; with them, those that they have without being asked for.
    fn hold_files(&mut self, root: &Path, launcher: &Launcher) -> Result<(), Failure> {
        if self.cores.iter().all(|core| core.shipping.files.is_empty() && !core.shipping.no_usual_files) {
            return Ok(());
        }
        let listed = git::list(root, launcher)?;
        let sources = listed.iter().filter_map(|path| path.strip_prefix(root).ok()?.to_str()).collect::<BTreeSet<_>>();
        let is_source = |path: &str| {
            let folder = format!("{path}/");
            sources.contains(path) || sources.range(folder.as_str()..).next().is_some_and(|next| next.starts_with(&folder))
        };
        for core in &mut self.cores {
            let (held, lost) = core.shipping.files.drain(..).partition::<Vec<_>, _>(|(from, _)| is_source(from));
            let lost = lost.into_iter().map(|(from, _)| format!("the file {from} of archives, which is no source (a build may leave it)"));
            self.earlier.left.extend(lost);
            if held.is_empty() && !core.shipping.no_usual_files {
                continue;
            }
            let usual = sources.iter().filter(|path| !core.shipping.no_usual_files && is_usual(path, &core.package.folder));
            core.shipping.files = usual.map(|path| ((*path).to_owned(), path.rsplit('/').next().unwrap_or(path).to_owned())).collect();
            core.shipping.files.extend(held);
            let mut taken = BTreeSet::new();
            core.shipping.files.retain(|(_, to)| taken.insert(to.to_lowercase()));
        }
        self.earlier.left.sort();
        self.earlier.left.dedup();
        Ok(())
    }

    /// Tables of what is shipped besides: kind, name and lines.
    pub(super) fn packages(&self) -> Vec<(&'static str, (String, Vec<String>))> {
        let cores = self.cores.iter().map(|core| (core.name.as_str(), core.inside.as_deref())).collect::<Vec<_>>();
        self.candidates.packages(&cores, &|folder| self.with_cargo.contains(folder))
    }

    /// The folders of cargo whose packages are shipped.
    pub(super) fn shipping(&self) -> impl Iterator<Item = &CargoFolder> {
        let ships = |folder: &&CargoFolder| {
            self.cores.iter().any(|core| core.path.as_deref().unwrap_or(&self.workspaces.own().path) == folder.path)
        };
        self.workspaces.all().filter(ships)
    }
}

/// Whether an archive of the package in `folder` has a file without being asked for it.
fn is_usual(path: &str, folder: &str) -> bool {
    let lower = path.to_lowercase();
    let is_told = USUAL_FILES.iter().any(|word| lower.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')));
    let inside = if folder.is_empty() { Some(path) } else { path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) };
    let is_licence = |path: &str| !path.contains('/') && manifest::is_licence(path);
    (is_told && !path.contains('/')) || is_licence(path) || inside.is_some_and(is_licence)
}

/// Packages for the project's own work, as aliases in cargo's configuration of a workspace tell.
fn tasks(workspace: &Path) -> shipped::Tasks {
    let texts = ["config.toml", "config"].map(|name| plain_file::read_text(&workspace.join(".cargo").join(name)));
    texts.into_iter().flatten().flat_map(|text| shipped::tasks(&text)).collect()
}

/// The project in a folder; that of the only package below, if the folder itself has nothing to ship and a package there has.
pub(super) fn package_of(root: PathBuf, inquiry: Inquiry<'_>) -> Result<(PathBuf, Found), Failure> {
    let found = Found::look(&root, inquiry)?;
    let told = |folder: &str| format!("plimsoll init --root {}", root.join(folder).display());
    match (found.cores.is_empty(), found.candidates.below()) {
        (true, [only]) => {
            let below = root.join(only);
            report::note(format!(
                "note: what is shipped is the package in {only}: plimsoll.toml lies there, and commands take `--root {only}`"
            ));
            let found = Found::look(&below, inquiry)?;
            Ok((below, found))
        }
        (true, several @ [_, _, ..]) => {
            let message = format!("several packages here have libraries: {}", several.join(", "));
            let commands = several.iter().map(|folder| told(folder)).collect::<Vec<_>>().join("\n");
            Err(Failure::new(Class::Usage, "several-packages", message).hint("each has a manifest of its own").cause("run", commands))
        }
        (false, below) => {
            for folder in below {
                report::note(format!("note: the package in {folder} has a manifest of its own: `{}`", told(folder)));
            }
            Ok((root, found))
        }
        (true, []) => Ok((root, found)),
    }
}

/// Packages of a workspace that lie in the folder in which cargo was asked; all of them, if none there has anything to ship.
fn packages<'f>(folder: &'f CargoFolder, root: &Path) -> Vec<&'f PackageFacts> {
    let place = root.join(&folder.path);
    let inside = folder.cargo.workspace.as_deref().and_then(|workspace| place.strip_prefix(workspace).ok()).unwrap_or(Path::new(""));
    let ships = |package: &&PackageFacts| !package.binaries.is_empty() || package.library.is_some();
    let all = folder.cargo.facts.packages.iter().filter(ships);
    let own = all.clone().filter(|package| Path::new(&package.folder).starts_with(inside)).collect::<Vec<_>>();
    if own.iter().any(|package| !package.binaries.is_empty()) || folder.cargo.facts.with_binaries().next().is_none() {
        return own;
    }
    all.collect()
}

/// The package's own name, or one with its folder if another package has that.
fn free_name(package: &PackageFacts, path: &str, taken: &[Core]) -> String {
    let is_free = |name: &String| taken.iter().all(|core| core.name != *name);
    let long = format!("{}-{}", path.replace('/', "-"), package.name);
    let more = (2..).map(|number| format!("{}-{number}", package.name));
    let mut names = [package.name.clone(), long].into_iter().chain(more);
    names.find(|name| is_free(name) && name.parse::<Name>().is_ok()).unwrap_or_default()
}

/// Whether all of them say the same version.
pub(super) fn have_one_version(cores: &[Core]) -> bool {
    cores.iter().map(|core| &core.package.version).collect::<BTreeSet<_>>().len() <= 1
}
