//! Python modules that lie beside the programs: those that are listed, or that carry the distribution's name.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::python::normalised_name;
use toml::Table as TomlTable;

use super::described::{Described, within};
use crate::kinds::wheel::Table;
use crate::kinds::wheel::project::below;
use crate::manifest::Written;
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::nearest::nearest;

/// What of Python lies in a wheel.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Modules {
    /// Path in the project → path in the wheel.
    pub(super) files: BTreeMap<String, String>,
    names: BTreeSet<String>,
}

impl Modules {
    /// Names by which they are imported.
    pub(super) fn names(&self) -> Vec<String> {
        self.names.iter().cloned().collect()
    }

    /// A folder of a package, or a single file, at `path` in the project. Whether there is one.
    fn add(&mut self, path: &str, sources: &BTreeSet<String>) -> bool {
        let own = path.rsplit('/').next().unwrap_or(path);
        if sources.contains(path) {
            let Some(name) = own.strip_suffix(".py").filter(|name| is_identifier(name)) else { return false };
            self.files.insert(path.to_owned(), own.to_owned());
            self.names.insert(name.to_owned());
            return true;
        }
        let inside = sources.iter().filter_map(|source| Some((source, below(source, path)?)));
        let inside = inside.filter(|(_, inner)| !is_compiled(inner)).collect::<Vec<_>>();
        if inside.is_empty() || !is_identifier(own) {
            return false;
        }
        // One without an `__init__.py` is a namespace, whose parts may be in other distributions: there is nothing to import by itself.
        if inside.iter().any(|(_, inner)| *inner == "__init__.py") {
            self.names.insert(own.to_owned());
        }
        self.files.extend(inside.into_iter().map(|(source, inner)| (source.clone(), format!("{own}/{inner}"))));
        true
    }
}

/// Those of a project; none if one that is listed is not there.
pub(super) fn find(own: &Table, described: &Described, sources: &BTreeSet<String>, out: &mut Diagnostics) -> Option<Modules> {
    let mut modules = Modules::default();
    if let Some(list) = &own.modules {
        let before = out.count();
        for written in &list.value {
            let path = written.value.trim_end_matches('/').trim_start_matches("./");
            if !modules.add(path, sources) {
                out.push(missing(written, sources));
            }
        }
        return (out.count() == before).then_some(modules);
    }
    for place in usual(described) {
        if modules.add(&within(&described.folder, &place), sources) {
            break;
        }
    }
    Some(modules)
}

/// Where modules lie by custom, relative to the project's folder, the first that is there counting.
fn usual(described: &Described) -> Vec<String> {
    let tool = described.pyproject.parse::<TomlTable>().ok();
    let maturin = tool.as_ref().and_then(|table| table.get("tool")?.get("maturin")?.as_table());
    let said = |key: &str| maturin.and_then(|table| table.get(key)?.as_str());
    // `a._native` is a part of the package `a`.
    let module = said("module-name").and_then(|name| name.split('.').next()).map(str::to_owned);
    let module = module.unwrap_or_else(|| normalised_name(described.project.name.as_str(), '_'));
    let folders = match said("python-source") {
        Some(folder) => vec![format!("{}/", folder.trim_end_matches('/'))],
        None => ["src/", "python/", ""].map(str::to_owned).to_vec(),
    };
    folders.iter().flat_map(|folder| [format!("{folder}{module}"), format!("{folder}{module}.py")]).collect()
}

/// What Python leaves beside sources when it runs them.
fn is_compiled(path: &str) -> bool {
    path.split('/').any(|part| part == "__pycache__") || path.ends_with(".pyc") || path.ends_with(".pyo")
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| first.is_alphabetic() || first == '_') && chars.all(|c| c.is_alphanumeric() || c == '_')
}

fn missing(written: &Written<String>, sources: &BTreeSet<String>) -> Diagnostic {
    let shown = written.value.chars().take(120).collect::<String>();
    let missing = Diagnostic::new("no-module", &written.span, format!("`{shown}` is no module among the sources"));
    let near = nearest(&written.value, sources.iter().map(String::as_str)).filter(|near| *near != written.value);
    let hint = near.map_or_else(
        || "a folder with Python files, or one `.py` file, relative to the project; its name is the module's".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    missing.label("no folder of a module, and no file").hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn a_folder_is_a_package_and_a_file_a_module() {
        let sources = sources(&["core/src/a/__init__.py", "core/src/a/data/x,y.txt", "core/src/a/__pycache__/b.pyc", "b.py", "c/d.py"]);
        let mut modules = Modules::default();
        assert!(modules.add("core/src/a", &sources) && modules.add("b.py", &sources) && modules.add("c", &sources));
        let placed = modules.files.values().map(String::as_str).collect::<Vec<_>>();
        assert_eq!(placed, ["b.py", "c/d.py", "a/__init__.py", "a/data/x,y.txt"]);
        // A namespace is nothing to import.
        assert_eq!(modules.names(), ["a", "b"]);
        assert!(!modules.add("none", &sources) && !modules.add("core/src/a/data/x,y.txt", &sources));
    }
}
