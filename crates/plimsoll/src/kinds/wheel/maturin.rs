//! What `[tool.maturin]` of a `pyproject.toml` says.

use toml::Table;

use crate::manifest::source_path::join;

/// Its keys, as far as they say what lies where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Maturin {
    /// `bindings`.
    pub(crate) bindings: Option<String>,
    /// `module-name`: `package._native`.
    pub(crate) module_name: Option<String>,
    /// `python-source`, without a slash at its end.
    pub(crate) python_source: Option<String>,
    /// The folder of `manifest-path`, relative to that of `pyproject.toml`; empty if it is the same.
    cargo_folder: String,
}

impl Maturin {
    /// What a `pyproject.toml` says; nothing if it has no such table.
    pub(crate) fn of(pyproject: &Table) -> Self {
        let own = pyproject.get("tool").and_then(|tool| tool.get("maturin"));
        let said = |key: &str| own.and_then(|own| own.get(key)?.as_str()).map(str::to_owned);
        let manifest_path = said("manifest-path").unwrap_or_default();
        let cargo_folder = manifest_path.strip_suffix("Cargo.toml").unwrap_or_default().trim_start_matches("./").trim_end_matches('/');
        Self {
            bindings: said("bindings"),
            module_name: said("module-name"),
            python_source: said("python-source").map(|folder| folder.trim_end_matches('/').to_owned()),
            cargo_folder: cargo_folder.to_owned(),
        }
    }

    /// The folder of the cargo package that a project of Python's in `folder` is made of.
    pub(crate) fn cargo_folder(&self, folder: &str) -> String {
        join(folder, &self.cargo_folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_where_the_package_of_cargo_lies() {
        let of = |folder: &str, path: &str| {
            Maturin::of(&format!("[tool.maturin]\nmanifest-path = \"{path}\"\n").parse().unwrap()).cargo_folder(folder)
        };
        assert_eq!(of("", "crates/a/Cargo.toml"), "crates/a");
        assert_eq!(of("py", "./Cargo.toml"), "py");
        assert_eq!(of("py", "rust/Cargo.toml"), "py/rust");
        assert_eq!(Maturin::default().cargo_folder("py"), "py");
    }
}
