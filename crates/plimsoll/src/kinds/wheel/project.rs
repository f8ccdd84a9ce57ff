//! Projects of Python's among the sources: the texts of their `pyproject.toml` and readmes, as they are.

use std::collections::BTreeMap;

use plimsoll_model::Failure;
use plimsoll_model::python::normalised_name;
use plimsoll_store::plain_file;
use toml::Table;

use crate::sources::Sources;

/// The file that makes a folder a project of Python's.
pub(crate) const FILE: &str = "pyproject.toml";

/// Readmes that are larger are none that an index would show.
const LARGEST_README: u64 = 4 << 20;

/// All of them by their folders, relative to the project; empty for its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PythonProjects(BTreeMap<String, PythonProject>);

/// One of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PythonProject {
    /// The text of its `pyproject.toml`.
    pub(crate) text: String,
    /// Files in its folder that may be its readme: path relative to it → bytes.
    pub(crate) readmes: BTreeMap<String, Vec<u8>>,
}

impl PythonProjects {
    /// Reads them.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub(crate) fn read(sources: &Sources) -> Result<Self, Failure> {
        let mut projects = BTreeMap::new();
        for (name, file) in sources.of_project() {
            let Some(folder) = folder_of(name) else { continue };
            let bytes = plain_file::read(&file.from).map_err(|error| Failure::io(&file.from, &error))?;
            // One that is no text is told by whoever is to read it, if that is anybody.
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let named = readme_of(&text);
            let mut readmes = BTreeMap::new();
            for (other, file) in sources.of_project() {
                let Some(path) = below(other, folder) else { continue };
                let is_usual = !path.contains('/') && path.to_ascii_lowercase().starts_with("readme");
                let size = || std::fs::metadata(&file.from).map_or(u64::MAX, |metadata| metadata.len());
                if (is_usual || named.as_deref() == Some(path)) && size() <= LARGEST_README {
                    let bytes = plain_file::read(&file.from).map_err(|error| Failure::io(&file.from, &error))?;
                    readmes.insert(path.to_owned(), bytes);
                }
            }
            projects.insert(folder.to_owned(), PythonProject { text, readmes });
        }
        Ok(Self(projects))
    }

    /// The one in a folder.
    pub(crate) fn at(&self, folder: &str) -> Option<&PythonProject> {
        self.0.get(folder)
    }

    /// Folders of all of them.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Folders of those that make the distribution of that name.
    pub(crate) fn of_distribution(&self, name: &str) -> Vec<&str> {
        let wanted = normalised_name(name, '-');
        let makes = |project: &PythonProject| project.name().is_some_and(|own| normalised_name(&own, '-') == wanted);
        self.0.iter().filter(|(_, project)| makes(project)).map(|(folder, _)| folder.as_str()).collect()
    }
}

#[cfg(test)]
impl PythonProjects {
    /// Those of these folders and texts, without a readme.
    pub(crate) fn of_texts<'t>(texts: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let project = |text: &str| PythonProject { text: text.to_owned(), readmes: BTreeMap::new() };
        Self(texts.into_iter().map(|(folder, text)| (folder.to_owned(), project(text))).collect())
    }
}

impl PythonProject {
    /// Its distribution's name, if it says one.
    fn name(&self) -> Option<String> {
        let table = self.text.parse::<Table>().ok()?;
        Some(table.get("project")?.get("name")?.as_str()?.to_owned())
    }
}

/// The folder that a `pyproject.toml` lies in.
fn folder_of(path: &str) -> Option<&str> {
    match path.strip_suffix(FILE)? {
        "" => Some(""),
        folder => folder.strip_suffix('/'),
    }
}

/// The folder of the cargo package that a project of Python's in `folder` is made of, as `[tool.maturin]` says it; its own if nothing does.
pub(crate) fn cargo_folder(folder: &str, pyproject: &Table) -> String {
    let said = pyproject.get("tool").and_then(|tool| tool.get("maturin")?.get("manifest-path")?.as_str());
    let inside = said.and_then(|path| path.strip_suffix("Cargo.toml")).map(|path| path.trim_start_matches("./").trim_end_matches('/'));
    match inside.unwrap_or_default() {
        "" => folder.to_owned(),
        inside if folder.is_empty() => inside.to_owned(),
        inside => format!("{folder}/{inside}"),
    }
}

/// A path relative to a folder that it lies in.
pub(crate) fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

/// The readme that `[project]` names.
fn readme_of(text: &str) -> Option<String> {
    let table = text.parse::<Table>().ok()?;
    let readme = table.get("project")?.get("readme")?;
    readme.as_str().or_else(|| readme.get("file")?.as_str()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_is_found_by_its_normal_name() {
        let projects = PythonProjects::of_texts([
            ("", "[tool.uv]\n"),
            ("core", "[project]\nname = \"Htty.Core\"\n"),
            ("front", "[project]\nname = \"htty\"\n"),
            ("broken", "[project"),
        ]);
        assert_eq!(projects.of_distribution("htty-core"), ["core"]);
        assert_eq!(projects.of_distribution("htty"), ["front"]);
        assert!(projects.of_distribution("other").is_empty());
        assert_eq!(folder_of("a/b/pyproject.toml"), Some("a/b"));
        assert_eq!(folder_of("my-pyproject.toml"), None);
        assert_eq!(below("a/b/c", "a/b"), Some("c"));
        assert_eq!(below("a/bc", "a/b"), None);
    }

    #[test]
    fn maturin_says_where_the_package_of_cargo_lies() {
        let of = |folder: &str, path: &str| cargo_folder(folder, &format!("[tool.maturin]\nmanifest-path = \"{path}\"\n").parse().unwrap());
        assert_eq!(of("", "crates/a/Cargo.toml"), "crates/a");
        assert_eq!(of("py", "./Cargo.toml"), "py");
        assert_eq!(of("py", "rust/Cargo.toml"), "py/rust");
        assert_eq!(cargo_folder("py", &Table::new()), "py");
    }

    #[test]
    fn a_readme_is_a_path_or_a_table() {
        assert_eq!(readme_of("[project]\nreadme = \"docs/a.md\"\n").as_deref(), Some("docs/a.md"));
        assert_eq!(readme_of("[project]\nreadme = { file = \"b.rst\", content-type = \"x\" }\n").as_deref(), Some("b.rst"));
        assert_eq!(readme_of("[project]\nreadme = { text = \"c\" }\n"), None);
    }
}
