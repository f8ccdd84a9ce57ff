//! Projects of Python's that `init` finds: which of them are made of a core, and which are Python alone.

use std::path::Path;

use plimsoll_store::plain_file;
use toml::Table;

use super::project::{FILE, cargo_folder};

/// Those with a name.
#[derive(Debug, Default)]
pub(crate) struct PythonPackages(Vec<PythonPackage>);

#[derive(Debug)]
struct PythonPackage {
    /// The folder of the cargo package that it is made of, or its own, relative to the project; empty for the project's own.
    folder: String,
    distribution: String,
    /// Whether it says how a wheel of it is made.
    is_built: bool,
}

/// A table of the manifest: its name, and its lines.
pub(crate) type WheelTable = (String, Vec<String>);

impl PythonPackages {
    /// Reads those that are listed, relative to `root`. One that is no TOML, or has no name, is none.
    pub(crate) fn look(root: &Path, listed: &[String]) -> Self {
        let named = |path: &String| {
            let folder = path.strip_suffix(FILE)?.trim_end_matches('/');
            let table = plain_file::read_text(&root.join(path)).ok()?.parse::<Table>().ok()?;
            let distribution = table.get("project")?.get("name")?.as_str()?.to_owned();
            distribution.parse::<plimsoll_model::Name>().ok()?;
            let is_built = table.contains_key("build-system");
            Some(PythonPackage { folder: cargo_folder(folder, &table), distribution, is_built })
        };
        let mut packages = Vec::<PythonPackage>::new();
        for package in listed.iter().filter(|path| path.as_str() == FILE || path.ends_with(&format!("/{FILE}"))).filter_map(named) {
            // The first lies highest: one below it is another way to make the same.
            if packages.iter().all(|other| other.distribution != package.distribution) {
                packages.push(package);
            }
        }
        Self(packages)
    }

    /// Whether a package of Python's lies in a folder.
    pub(crate) fn is_in(&self, folder: &str) -> bool {
        self.0.iter().any(|package| package.folder == folder)
    }

    /// The tables of all of them: of a core, by its name and folder, or pure. Those that no back end makes are none.
    pub(crate) fn tables(&self, cores: &[(&str, Option<&str>)], has_cargo: &dyn Fn(&str) -> bool) -> Vec<WheelTable> {
        let table = |package: &PythonPackage| {
            let core = cores.iter().find(|(_, folder)| *folder == Some(package.folder.as_str()));
            match core {
                Some((core, _)) => Some((package.distribution.clone(), vec![format!("core = {}", toml::Value::from(*core))])),
                None if package.is_built && !has_cargo(&package.folder) => {
                    Some((package.distribution.clone(), vec!["pure = true".to_owned()]))
                }
                None => None,
            }
        };
        self.0.iter().filter_map(table).collect()
    }
}
