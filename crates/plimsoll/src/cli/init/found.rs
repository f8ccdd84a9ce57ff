//! What of a project can be shipped: what users of a kind can have of its cargo workspaces, wherever these lie.

use std::collections::BTreeSet;
use std::path::Path;

use plimsoll_model::{Failure, Name};

use crate::kinds::{Candidate, Candidates};
use crate::manifest::PackageFacts;
use crate::project::{CargoFolder, Workspaces};
use plimsoll_exec::launcher::Launcher;

/// Folders whose packages are for the project's own work, or somebody else's.
const NOT_SHIPPED: [&str; 18] = [
    "_build",
    "bench",
    "benches",
    "build",
    "deps",
    "dist",
    "example",
    "examples",
    "fixtures",
    "fuzz",
    "node_modules",
    "target",
    "test",
    "testdata",
    "tests",
    "third_party",
    "vendor",
    "xtask",
];

/// What was found.
pub(super) struct Found {
    /// Every workspace, the project's own among them.
    pub(super) workspaces: Workspaces,
    /// Cores, the project's own first.
    pub(super) cores: Vec<Core>,
    /// Manifests of Python packages, relative to the project.
    pub(super) python: Vec<String>,
    /// Why a manifest of cargo was passed over.
    pub(super) passed_over: Vec<Failure>,
}

/// A package of which something is shipped.
pub(super) struct Core {
    /// What it is called in the manifest.
    pub(super) name: String,
    /// The folder in which cargo is called, if the manifest must say it.
    pub(super) path: Option<String>,
    pub(super) package: PackageFacts,
    /// What is shipped of it.
    pub(super) candidate: Candidate,
    /// The file that gives it its version, if that is one of the project.
    pub(super) version_file: Option<String>,
}

impl Found {
    /// Looks through the sources in `root`, which is canonical.
    pub(super) fn look(root: &Path, launcher: &Launcher) -> Result<Self, Failure> {
        let names = ["Cargo.toml", "pyproject.toml"].into_iter().chain(Candidates::FILES).collect::<Vec<_>>();
        let listed = plimsoll_exec::git::named(root, root, &names, launcher)?;
        let inside = |path: &Path| path.strip_prefix(root).ok()?.to_str().map(str::to_owned);
        let mut listed = listed.iter().filter_map(|path| inside(path)).filter(|path| is_shipped(path)).collect::<Vec<_>>();
        listed.sort_by_key(|path| (path.matches('/').count(), path.clone()));
        let folders = listed.iter().filter_map(|path| path.strip_suffix("/Cargo.toml")).collect::<Vec<_>>();
        let (workspaces, passed_over) = Workspaces::find(root, &folders, launcher)?;
        let candidates = Candidates::look(root, &listed, launcher)?;
        let mut cores = Vec::new();
        for folder in workspaces.all() {
            let below = !std::ptr::eq(folder, workspaces.own());
            for package in packages(folder, root) {
                let Some(candidate) = candidates.of(package) else { continue };
                let name = free_name(package, &folder.path, &cores);
                let workspace = folder.cargo.workspace.as_deref().unwrap_or(root);
                let version_file = plimsoll_version::source_of_package(root, workspace, &workspace.join(&package.folder));
                cores.push(Core { name, path: below.then(|| folder.path.clone()), package: package.clone(), candidate, version_file });
            }
        }
        let python = listed.iter().filter(|path| path.ends_with("pyproject.toml")).cloned().collect();
        Ok(Self { workspaces, cores, python, passed_over })
    }

    /// The folders of cargo whose packages are shipped.
    pub(super) fn shipping(&self) -> impl Iterator<Item = &CargoFolder> {
        let ships = |folder: &&CargoFolder| {
            self.cores.iter().any(|core| core.path.as_deref().unwrap_or(&self.workspaces.own().path) == folder.path)
        };
        self.workspaces.all().filter(ships)
    }
}

/// Whether a file may belong to something that is shipped, by the folders that it lies in.
fn is_shipped(path: &str) -> bool {
    let (folders, _) = path.rsplit_once('/').unwrap_or(("", path));
    folders.split('/').all(|folder| !folder.starts_with('.') && !NOT_SHIPPED.contains(&folder))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_the_projects_own_work_is_not_shipped() {
        for path in ["Cargo.toml", "htty-core/Cargo.toml", "native/x/Cargo.toml", "crates/latest/Cargo.toml"] {
            assert!(is_shipped(path), "{path}");
        }
        for path in ["fuzz/Cargo.toml", "examples/a/Cargo.toml", "a/tests/b/Cargo.toml", ".hidden/Cargo.toml", "deps/x/native/y/Cargo.toml"]
        {
            assert!(!is_shipped(path), "{path}");
        }
    }
}
