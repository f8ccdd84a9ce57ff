//! What of a project can be shipped: programs of its cargo workspaces, wherever they lie, and libraries for the BEAM.

use std::collections::BTreeSet;
use std::path::Path;

use plimsoll_model::{Failure, Name};

use crate::elixir::ElixirProject;
use crate::manifest::PackageFacts;
use crate::session::{CargoFolder, Workspaces};
use crate::sources;
use crate::tools::launcher::Launcher;
use crate::{plain_file, version};

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
    /// The folder in which cargo is called, where the manifest must say it.
    pub(super) path: Option<String>,
    pub(super) package: PackageFacts,
    /// What loads its library; none for programs.
    pub(super) module: Option<Module>,
    /// The file that gives it its version, if that is one of the project.
    pub(super) version_file: Option<String>,
}

/// An Elixir module that loads a library.
pub(super) struct Module {
    name: String,
    /// Whether it is found without being named.
    is_only: bool,
}

impl Module {
    /// Its name, where the manifest must say it.
    pub(super) fn to_say(&self) -> Option<&str> {
        Some(self.name.as_str()).filter(|_| !self.is_only)
    }
}

impl Found {
    /// Looks through the sources in `root`, which is canonical.
    pub(super) fn look(root: &Path, launcher: &Launcher) -> Result<Self, Failure> {
        let listed = sources::named(root, root, &["Cargo.toml", "pyproject.toml", "mix.exs"], launcher)?;
        let inside = |path: &Path| path.strip_prefix(root).ok()?.to_str().map(str::to_owned);
        let mut listed = listed.iter().filter_map(|path| inside(path)).filter(|path| is_shipped(path)).collect::<Vec<_>>();
        listed.sort_by_key(|path| (path.matches('/').count(), path.clone()));
        let folders = listed.iter().filter_map(|path| path.strip_suffix("/Cargo.toml")).collect::<Vec<_>>();
        let (workspaces, passed_over) = Workspaces::find(root, &folders, launcher)?;
        let has_mix = listed.iter().any(|path| path == "mix.exs");
        let modules = if has_mix { Modules::look(root, launcher)? } else { Modules::default() };
        let mut cores = Vec::new();
        for folder in workspaces.all() {
            let below = !std::ptr::eq(folder, workspaces.own());
            for package in packages(folder, root) {
                let module = modules.of(package).filter(|_| package.binaries.is_empty());
                if package.binaries.is_empty() && module.is_none() {
                    continue;
                }
                let name = free_name(package, &folder.path, &cores);
                let workspace = folder.cargo.workspace.as_deref().unwrap_or(root);
                let version_file = version::source_of_package(root, workspace, &workspace.join(&package.folder));
                cores.push(Core { name, path: below.then(|| folder.path.clone()), package: package.clone(), module, version_file });
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

/// Modules that load a library, each with the crate that it names.
#[derive(Default)]
struct Modules {
    loading: Vec<(String, Option<String>)>,
    /// Whether the only one is found by the manifest itself.
    is_only: bool,
}

impl Modules {
    fn look(root: &Path, launcher: &Launcher) -> Result<Self, Failure> {
        let files = sources::ending(root, root, &[".ex", "mix.exs"], launcher)?;
        let read =
            |path: &std::path::PathBuf| Some((path.strip_prefix(root).ok()?.to_str()?.to_owned(), plain_file::read_text(path).ok()?));
        let texts = files.iter().filter_map(read).collect::<Vec<_>>();
        let project = ElixirProject::read(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        let precompiled = project.modules.iter().map(|module| (module.module.clone(), module.crate_name.value().cloned()));
        let mut loading = precompiled.collect::<Vec<_>>();
        let is_only = loading.len() == 1;
        if loading.is_empty() {
            loading.extend(texts.iter().filter_map(|(_, text)| by_rustler(text)));
        }
        Ok(Self { loading, is_only })
    }

    /// The module of a package's library: the one that names it, or the only one, if that names none.
    fn of(&self, package: &PackageFacts) -> Option<Module> {
        let library = package.library.as_ref()?;
        let is_named =
            |name: &Option<String>| name.as_ref().is_some_and(|name| name.replace('-', "_") == *library || *name == package.name);
        let named = self.loading.iter().find(|(_, name)| is_named(name));
        let only = match self.loading.as_slice() {
            [only @ (_, None)] => Some(only),
            _ => None,
        };
        let (module, _) = named.or(only)?;
        Some(Module { name: module.clone(), is_only: self.is_only })
    }
}

/// The module of a source that says `use Rustler`, and the crate that it names.
fn by_rustler(text: &str) -> Option<(String, Option<String>)> {
    let at = text.lines().position(|line| {
        line.trim_start().strip_prefix("use Rustler").is_some_and(|rest| rest.starts_with(',') || rest.trim().is_empty())
    })?;
    let before = text.lines().take(at).filter_map(|line| line.trim().strip_prefix("defmodule ")?.strip_suffix(" do")).last()?;
    let options = text.lines().skip(at).take_while(|line| !line.trim().is_empty()).collect::<Vec<_>>().join(" ");
    let named = options.split_once("crate:").map(|(_, rest)| rest.trim_start().trim_start_matches([':', '"']));
    let named = named.map(|rest| rest.chars().take_while(|character| character.is_alphanumeric() || "_-".contains(*character)).collect());
    Some((before.trim().to_owned(), named))
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

    #[test]
    fn a_module_of_rustler_is_found_with_its_crate() {
        let text = "defmodule A do\nend\n\ndefmodule A.Native do\n  use Rustler,\n    otp_app: :a,\n    crate: :a_nif\n\n  def add(_, _), do: 1\nend\n";
        assert_eq!(by_rustler(text), Some(("A.Native".to_owned(), Some("a_nif".to_owned()))));
        assert_eq!(by_rustler(&text.replace("crate: :a_nif", "crate: \"b\"")).unwrap().1.as_deref(), Some("b"));
        assert_eq!(by_rustler("defmodule A do\n  use Rustler\nend\n"), Some(("A".to_owned(), None)));
        assert_eq!(by_rustler("defmodule A do\n  use RustlerPrecompiled, crate: \"b\"\nend\n"), None);
    }
}
