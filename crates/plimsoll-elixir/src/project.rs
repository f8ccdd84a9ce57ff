//! All that a package's Elixir sources say of native libraries.

use super::{ElixirError, MixProject, Precompiled, Requirement, read_mix, read_modules, unread, unread_of_mix};

/// Who told it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Teller {
    /// The text, read; with the reason, if Elixir was to evaluate it and did not.
    #[default]
    Text,
    /// The text, since Elixir could not be asked.
    TextFor {
        /// Why, as a sentence ends.
        reason: String,
        /// What to do about it.
        cure: String,
    },
    /// Elixir of this version.
    Elixir(String),
}

impl Teller {
    /// How a setting is told of.
    pub(super) const fn verb(&self) -> &'static str {
        match self {
            Self::Text | Self::TextFor { .. } => "says",
            Self::Elixir(_) => "evaluates to",
        }
    }
}

/// A module that says `use Rustler`: its users compile the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RustlerModule {
    /// Its name.
    pub module: String,
    /// The crate that it names.
    pub crate_name: Option<String>,
}

/// What was read, or evaluated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ElixirProject {
    /// mix.exs, where there is one.
    pub mix: Option<MixProject>,
    /// Every module that says `use RustlerPrecompiled`, in the order of files.
    pub modules: Vec<Precompiled>,
    /// Modules that have their users compile; none unless evaluated.
    pub rustler: Vec<RustlerModule>,
    /// Who told it.
    pub teller: Teller,
    /// Place → why Elixir did not come to an end there, if it was asked.
    pub not_evaluated: Vec<(String, String)>,
    /// What could not be read at all.
    pub unreadable: Vec<String>,
    /// What contradicts the manifest is passed over: for the command that prints what should stand there.
    pub may_contradict: bool,
}

impl ElixirProject {
    /// Reads mix.exs and the sources; `files` are paths relative to the project with their texts.
    pub fn read<'f>(files: impl Iterator<Item = (&'f str, &'f str)> + Clone) -> Self {
        let mut project = Self::default();
        if let Some((name, text)) = files.clone().find(|(name, _)| *name == "mix.exs") {
            match read_mix(name, text) {
                Ok(mix) => project.mix = mix,
                Err(error) => project.unreadable.push(error.to_string()),
            }
        }
        let texts = project.mix.as_ref().map(|mix| mix.texts.clone()).unwrap_or_default();
        for (name, text) in files.filter(|(name, text)| name.ends_with(".ex") && text.contains("RustlerPrecompiled")) {
            match read_modules(name, text, &texts) {
                Ok(modules) => project.modules.extend(modules),
                Err(ElixirError::Unterminated { .. }) if !text.contains("use RustlerPrecompiled") => {}
                Err(error) => project.unreadable.push(error.to_string()),
            }
        }
        project
    }

    /// Whether something that is looked at could not be read from the text.
    pub fn has_unread(&self) -> bool {
        let Some(mix) = &self.mix else { return !self.unreadable.is_empty() };
        let of_modules = self.modules.iter().any(|module| !unread(module, mix).is_empty());
        of_modules || !unread_of_mix(mix).is_empty() || !self.unreadable.is_empty() || mix.app.value().is_none()
    }

    /// Which versions of Elixir the package asks for; none if any will do, as far as it is known. What is no requirement is mix's to refuse.
    pub fn requirement(&self) -> Option<Requirement> {
        self.mix.as_ref()?.elixir.as_ref()?.parse().ok()
    }

    /// The module of a name.
    pub fn module(&self, name: &str) -> Option<&Precompiled> {
        self.modules.iter().find(|module| module.module == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_with_what_mix_says() {
        let mix = "defmodule A.MixProject do\n  use Mix.Project\n  def project do\n    [app: :a, version: \"1.2.3\"]\n  end\nend\n";
        let module = "defmodule A.Native do\n  version = Mix.Project.config()[:version]\n  use RustlerPrecompiled, otp_app: :a, version: version\nend\n";
        let files = [("mix.exs", mix), ("lib/a.ex", "defmodule A do\nend\n"), ("lib/native.ex", module)];
        let project = ElixirProject::read(files.into_iter());
        assert_eq!(project.module("A.Native").unwrap().version.value().unwrap(), "1.2.3");
        assert_eq!((project.modules.len(), project.unreadable.len()), (1, 0));
    }

    #[test]
    fn the_elixir_that_is_asked_for_is_read_from_the_text_and_evaluated() {
        let read = |elixir: &str| {
            let mix =
                format!("defmodule A.MixProject do\n  use Mix.Project\n  def project, do: [app: :a, {elixir}version: \"1.2.3\"]\nend\n");
            ElixirProject::read([("mix.exs", mix.as_str())].into_iter())
        };
        let asked = |project: &ElixirProject| project.requirement().map(|requirement| requirement.to_string());
        assert_eq!(asked(&read("elixir: \"~> 1.15\", ")).unwrap(), "~> 1.15");
        for unknown in ["", "elixir: version(), ", "elixir: \"1.15\", "] {
            assert_eq!(asked(&read(unknown)), None, "{unknown}");
        }
        let answer = r#"{"elixir":"1.14.0","mix":{"app":"a","elixir":"~> 1.16","has_package":false},"modules":[]}"#;
        let evaluated = crate::Evaluated::parse(answer).map(|answer| read("elixir: version(), ").evaluated(&answer));
        assert_eq!(asked(&evaluated.unwrap()).unwrap(), "~> 1.16");
    }
}
