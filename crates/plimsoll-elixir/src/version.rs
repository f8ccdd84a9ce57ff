//! Where a mix.exs writes its project's version.

use std::collections::BTreeMap;
use std::ops::Range;

use super::expression::{Expression, Key, Value};
use super::location::ElixirError;
use super::module::{Modules, scan};
use super::scope::{Resolver, Scope};
use super::tokens::plain;

/// Names that lead to names, and lists in lists.
const MOST_STEPS: usize = 8;

/// How the version is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MixVersion {
    /// As a plain string.
    Literal {
        /// `@version`, or `project version:`.
        what: String,
        /// The bytes between its quotes.
        span: Range<usize>,
    },
    /// As something that only Elixir can tell.
    Other {
        /// As above.
        what: String,
        /// Its beginning, on one line.
        written: String,
    },
    /// Not at all.
    Absent,
}

/// The version of the project that `text` defines: what `version:` in the list of `project/0` leads to, and nothing else that is called so.
/// Where that list cannot be followed, an attribute `@version` is what it is by custom.
///
/// # Errors
/// The source ends in the middle of something.
pub fn mix_version(file: &str, text: &str) -> Result<MixVersion, ElixirError> {
    let modules = scan(file, text)?;
    let Some(scope) = project_scope(&modules) else { return Ok(MixVersion::Absent) };
    let nothing = BTreeMap::new();
    let resolver = Resolver { file, text, scope, project: &nothing };
    let list = scope.functions.get("project").and_then(Option::as_ref);
    let attribute = || match scope.attributes.get("version").map(Vec::as_slice) {
        Some([only]) => Some(only),
        _ => None,
    };
    let Some(version) = list.and_then(|list| version_in(&resolver, list, MOST_STEPS)) else {
        return Ok(attribute().map_or(MixVersion::Absent, |only| written(&resolver, only, "@version")));
    };
    let found = match &version.value {
        Value::Attribute(name) => written(&resolver, version, &format!("@{name}")),
        _ => written(&resolver, version, "project version:"),
    };
    // Such as `System.get_env("RELEASE", @version)`.
    let mentions = text.get(version.span.clone()).is_some_and(|code| code.contains("@version"));
    match (&found, attribute()) {
        (MixVersion::Other { .. }, Some(only)) if mentions && matches!(version.value, Value::Opaque | Value::Environment(_)) => {
            Ok(written(&resolver, only, "@version"))
        }
        _ => Ok(found),
    }
}

/// The module that is the project: the first that says `use Mix.Project`, else the first with a `project/0`, else the first.
fn project_scope(modules: &Modules) -> Option<&Scope> {
    let used = modules.uses.iter().find(|used| used.used == "Mix.Project").and_then(|used| modules.scopes.get(used.scope));
    used.or_else(|| modules.scopes.iter().find(|scope| scope.functions.contains_key("project"))).or_else(|| modules.scopes.first())
}

/// The first `version:` of a list, as `Keyword.get/2` takes it; lists that are joined are looked at in their order.
fn version_in<'e>(resolver: &'e Resolver<'_>, list: &'e Expression, steps: usize) -> Option<&'e Expression> {
    let steps = steps.checked_sub(1)?;
    let list = resolver.follow(list, MOST_STEPS);
    match &list.value {
        Value::List(members) => {
            let is_version = |key: &Option<Key>| matches!(key, Some(Key::Atom(name)) if name == "version");
            members.iter().find(|member| is_version(&member.key)).map(|member| &member.value)
        }
        Value::Concatenated(operands) => operands.iter().find_map(|operand| version_in(resolver, operand, steps)),
        _ => None,
    }
}

fn written(resolver: &Resolver<'_>, expression: &Expression, what: &str) -> MixVersion {
    let found = resolver.follow(expression, MOST_STEPS);
    let what = what.to_owned();
    if let Value::Text(parts) = &found.value {
        let inner = found.span.start + 1..found.span.end.saturating_sub(1);
        let quoted = resolver.text.get(inner.clone());
        // Escapes and heredocs do not say what they are, byte by byte.
        if plain(parts).is_some_and(|text| quoted == Some(text.as_str()) && !text.contains('\\')) {
            return MixVersion::Literal { what, span: inner };
        }
    }
    MixVersion::Other { what, written: resolver.written(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> String {
        let text = format!("defmodule A.MixProject do\n  use Mix.Project\n{body}\nend\n");
        match mix_version("mix.exs", &text).unwrap() {
            MixVersion::Literal { what, span } => format!("{what} {}", &text[span]),
            MixVersion::Other { what, written } => format!("{what} is {written}"),
            MixVersion::Absent => "absent".to_owned(),
        }
    }

    #[test]
    fn only_the_project_s_own_list_has_its_version() {
        let nested = "[app: :a, releases: [b: [version: \"0.9.0\"]], version: \"1.2.3\", docs: [version: \"9.9.9\"]]";
        assert_eq!(read(&format!("  def project do\n    {nested}\n  end\n")), "project version: 1.2.3");
        assert_eq!(
            read("  @version \"1.2.3\"\n  def project, do: [version: @version, releases: [b: [version: \"0.9.0\"]]]"),
            "@version 1.2.3"
        );
        // One of something else.
        assert_eq!(read("  @version \"0.9.0\"\n  def project, do: [version: \"1.2.3\"]"), "project version: 1.2.3");
        assert_eq!(read("  @app_version \"1.2.3\"\n  def project, do: [version: @app_version]"), "@app_version 1.2.3");
        assert_eq!(read("  def project, do: [version: version()]\n  defp version, do: \"1.2.3\""), "project version: 1.2.3");
        assert_eq!(
            read("  def project do\n    common() ++ [app: :a]\n  end\n  defp common, do: [version: \"1.2.3\"]"),
            "project version: 1.2.3"
        );
        assert_eq!(read("  def project, do: [releases: [b: [version: \"0.9.0\"]]]\n  def application, do: [version: \"1.0.0\"]"), "absent");
    }

    #[test]
    fn a_list_that_cannot_be_followed_leaves_the_attribute_of_that_name() {
        assert_eq!(read("  @version \"1.2.3\"\n  def project do\n    x = 1\n    [version: @version]\n  end\n"), "@version 1.2.3");
        assert_eq!(read("  @version \"1.2.3\"\n  def project, do: [version: System.get_env(\"V\", @version)]"), "@version 1.2.3");
        assert_eq!(
            read("  @version \"1.2.3\"\n  def project do\n    [version: @version]\n    |> Keyword.merge(x())\n  end\n"),
            "@version 1.2.3"
        );
    }

    #[test]
    fn what_only_elixir_can_tell_is_told() {
        for (value, told) in [
            ("File.read!(\"VERSION\") |> String.trim()", "File.read!(\"VERSION\") |> String.trim()"),
            ("\"1.#{x}\"", "\"1.#{x}\""),
            ("\"1.2\" <> \".3\"", "\"1.2\" <> \".3\""),
            ("\"1.2\\u002E3\"", "\"1.2\\u002E3\""),
            ("'1.2.3'", "'1.2.3'"),
        ] {
            assert_eq!(read(&format!("  def project, do: [version: {value}]")), format!("project version: is {told}"));
        }
    }
}
