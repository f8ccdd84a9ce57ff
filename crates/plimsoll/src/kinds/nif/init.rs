//! What `init` finds of libraries for the BEAM: Elixir modules that load one.

use std::collections::BTreeSet;
use std::path::Path;

use plimsoll_elixir::DEFAULT_TARGETS;
use plimsoll_exec::launcher::Launcher;
use plimsoll_model::{Failure, Target};
use plimsoll_store::plain_file;

use crate::kinds::Inquiry;
use crate::manifest::PackageFacts;
use crate::project::now;
use crate::sources::{Fetched, SourceQuery, Sources};

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
    /// Whether none of them downloads what is released.
    compiles_only: bool,
    /// Targets that users are promised, if they are promised any.
    promised: Option<Vec<Target>>,
    /// The package's version.
    version: Option<String>,
}

impl Modules {
    /// Looks through the sources in `root`, and has Elixir evaluate what it alone can know.
    pub(crate) fn look(root: &Path, inquiry: Inquiry<'_>) -> Result<Self, Failure> {
        let nothing = (BTreeSet::new(), BTreeSet::new());
        let query = SourceQuery {
            project: root,
            others: &nothing.0,
            inputs: &nothing.1,
            dependencies: &Fetched::default(),
            derived: &[],
            epoch: None,
            now: now(),
        };
        let sources = Sources::read(&query, inquiry.store, inquiry.launcher)?;
        let project = super::read_elixir(&sources, inquiry)?;
        let texts = super::elixir_texts(&sources)?;
        let mut promised = BTreeSet::new();
        for module in &project.modules {
            let defaults = DEFAULT_TARGETS.map(str::to_owned).to_vec();
            promised.extend(module.targets.value().unwrap_or(&defaults).iter().flat_map(|word| Target::named(word)).flatten());
        }
        let precompiled = project.modules.iter().map(|module| (module.module.clone(), module.crate_name.value().cloned()));
        let mut loading = precompiled.collect::<Vec<_>>();
        let (is_only, compiles_only) = (loading.len() == 1, loading.is_empty());
        if loading.is_empty() {
            loading.extend(project.rustler.iter().map(|module| (module.module.clone(), module.crate_name.clone())));
        }
        if loading.is_empty() {
            loading.extend(texts.iter().filter_map(|(_, text)| by_rustler(text)));
        }
        let version = project.mix.as_ref().and_then(|mix| mix.version.value().cloned());
        let promised = (!compiles_only).then(|| promised.into_iter().collect());
        Ok(Self { loading, is_only, compiles_only, promised, version })
    }

    /// Folders below `root` with a package of their own that loads a library; `mixes` are paths of mix.exs there.
    pub(crate) fn folders(root: &Path, mixes: &[&str], launcher: &Launcher) -> Result<Vec<String>, Failure> {
        let mut folders = BTreeSet::new();
        for path in plimsoll_exec::git::ending(root, root, &[".ex"], launcher)? {
            let inside = path.strip_prefix(root).ok().and_then(Path::to_str).unwrap_or_default().to_owned();
            let holding = mixes.iter().filter_map(|mix| mix.strip_suffix("/mix.exs"));
            let holding = holding.filter(|folder| inside.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')));
            let Some(folder) = holding.max_by_key(|folder| folder.len()) else { continue };
            let text = plain_file::read_text(&path).unwrap_or_default();
            if ["use RustlerPrecompiled", "use(RustlerPrecompiled", "use Rustler,", "use Rustler\n"].iter().any(|used| text.contains(used))
            {
                folders.insert(folder.to_owned());
            }
        }
        Ok(folders.into_iter().collect())
    }

    /// Whether a mix.exs is that of an umbrella, whose applications have packages of their own.
    pub(crate) fn is_umbrella(mix: &str) -> bool {
        mix.contains("apps_path:")
    }

    /// Targets that users are promised.
    pub(crate) fn promised(&self) -> Option<&[Target]> {
        self.promised.as_deref()
    }

    /// The package's version, if it is known.
    pub(crate) fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// What to do so that users download what is released, if they would not yet.
    pub(crate) fn advice(&self) -> Option<&'static str> {
        (self.compiles_only && !self.loading.is_empty()).then_some(
            "users would still compile: put {:rustler_precompiled, \"~> 0.8\"} among `deps` of mix.exs, make :rustler `optional: true`, and put the \
             lines that `plimsoll nif module` prints in place of `use Rustler`",
        )
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
