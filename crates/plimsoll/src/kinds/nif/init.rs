//! What `init` finds of libraries for the BEAM: Elixir modules that load one.

use std::path::Path;

use plimsoll_elixir::ElixirProject;
use plimsoll_exec::launcher::Launcher;
use plimsoll_model::Failure;
use plimsoll_store::plain_file;

use crate::manifest::PackageFacts;

/// An Elixir module that loads a library.
pub(crate) struct Module {
    name: String,
    /// Whether it is found without being named.
    is_only: bool,
}

impl Module {
    /// Its name, where the manifest must say it.
    pub(crate) fn to_say(&self) -> Option<&str> {
        Some(self.name.as_str()).filter(|_| !self.is_only)
    }
}

/// Modules that load a library, each with the crate that it names.
#[derive(Default)]
pub(crate) struct Modules {
    loading: Vec<(String, Option<String>)>,
    /// Whether the only one is found by the manifest itself.
    is_only: bool,
}

impl Modules {
    pub(crate) fn look(root: &Path, launcher: &Launcher) -> Result<Self, Failure> {
        let files = plimsoll_exec::git::ending(root, root, &[".ex", "mix.exs"], launcher)?;
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
    pub(crate) fn of(&self, package: &PackageFacts) -> Option<Module> {
        let library = package.library.as_ref()?;
        let is_named =
            |name: &Option<String>| name.as_ref().is_some_and(|name| name.replace('-', "_") == *library || *name == package.name);
        let named = self.loading.iter().find(|(_, name)| is_named(name));
        let (module, _) = named.or(match self.loading.as_slice() {
            [only @ (_, None)] => Some(only),
            _ => None,
        })?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_of_rustler_is_found_with_its_crate() {
        let text = "defmodule A do\nend\n\ndefmodule A.Native do\n  use Rustler,\n    otp_app: :a,\n    crate: :a_nif\n\n  def add(_, _), do: 1\nend\n";
        assert_eq!(by_rustler(text), Some(("A.Native".to_owned(), Some("a_nif".to_owned()))));
        assert_eq!(by_rustler(&text.replace("crate: :a_nif", "crate: \"b\"")).unwrap().1.as_deref(), Some("b"));
        assert_eq!(by_rustler("defmodule A do\n  use Rustler\nend\n"), Some(("A".to_owned(), None)));
        assert_eq!(by_rustler("defmodule A do\n  use RustlerPrecompiled, crate: \"b\"\nend\n"), None);
    }
}
