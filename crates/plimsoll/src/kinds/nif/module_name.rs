//! Names of Elixir modules: aliases, as the manifest and Elixir sources write them, and the atoms that they stand for.

use std::fmt;
use std::str::FromStr;

/// A module such as `MyApp.Native`. The BEAM knows it as the atom `Elixir.MyApp.Native`, and case counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleName(String);

/// Text that is no Elixir alias.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an Elixir module{}", near(.text))]
pub struct InvalidModuleName {
    text: String,
}

/// The longest name of an atom, in characters.
const MOST_ATOM: usize = 255;

impl ModuleName {
    /// The name without `Elixir.`, as people write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name that the BEAM, and a library's entry, have for it.
    pub fn atom(&self) -> String {
        format!("Elixir.{}", self.0)
    }
}

impl FromStr for ModuleName {
    type Err = InvalidModuleName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.strip_prefix("Elixir.").unwrap_or(text);
        if name.len() + "Elixir.".len() <= MOST_ATOM && name.split('.').all(is_alias) {
            Ok(Self(name.to_owned()))
        } else {
            Err(InvalidModuleName { text: text.escape_debug().take(80).collect() })
        }
    }
}

/// One part of an alias: ASCII, an upper-case letter first (Elixir's syntax reference, "Aliases").
fn is_alias(part: &str) -> bool {
    part.starts_with(|first: char| first.is_ascii_uppercase()) && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// What was meant, where upper-case letters make it a module.
fn near(text: &str) -> String {
    let parts = text.trim_start_matches(':').split(['.', '/']).map(|part| {
        let words = part.split(['_', '-']).map(|word| {
            let mut chars = word.chars();
            chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
        });
        words.collect::<String>()
    });
    let guess = parts.collect::<Vec<_>>().join(".");
    let is_module = guess != text && guess.split('.').all(is_alias);
    if is_module { format!("; did you mean `{guess}`?") } else { " (such as MyApp.Native)".to_owned() }
}

impl fmt::Display for ModuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_parse_with_and_without_their_prefix() {
        for text in ["NifCounter.Native", "Elixir.NifCounter.Native"] {
            let name = text.parse::<ModuleName>().unwrap();
            assert_eq!((name.as_str(), name.atom().as_str()), ("NifCounter.Native", "Elixir.NifCounter.Native"));
        }
        assert!("FastRSS".parse::<ModuleName>().unwrap() != "FastRss".parse::<ModuleName>().unwrap());
    }

    #[test]
    fn what_is_no_alias_is_told_with_what_may_be_meant() {
        for (text, expected) in [
            ("fast_rss", "`fast_rss` is not an Elixir module; did you mean `FastRss`?"),
            (":crypto", "`:crypto` is not an Elixir module; did you mean `Crypto`?"),
            ("my_app.native", "`my_app.native` is not an Elixir module; did you mean `MyApp.Native`?"),
            ("", "`` is not an Elixir module (such as MyApp.Native)"),
            ("A..B", "`A..B` is not an Elixir module (such as MyApp.Native)"),
            ("Ä", "`Ä` is not an Elixir module (such as MyApp.Native)"),
        ] {
            assert_eq!(text.parse::<ModuleName>().unwrap_err().to_string(), expected);
        }
        assert!("A".repeat(249).parse::<ModuleName>().is_err());
    }
}
