//! A library's entry: what it says of itself to whoever loads it.

use plimsoll_model::NifVersion;
use serde::{Deserialize, Serialize};

use super::ModuleName;
use super::trouble::Trouble;

/// The entry, as the host prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NifEntry {
    /// The NIF version's part before the dot.
    pub major: u8,
    /// The part after the dot.
    pub minor: u8,
    /// The module that may load it, as the atom's text: `Elixir.MyApp.Native`.
    pub module: String,
    /// The VM that it was made for; `beam.vanilla` is the only one left.
    pub variant: String,
    /// What it implements, sorted by name and arity.
    pub functions: Vec<NifFunction>,
}

/// A function of a library.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NifFunction {
    /// Its name.
    pub name: String,
    /// How many arguments it takes.
    pub arity: u8,
    /// 1: it runs on a scheduler for long calculations, 2: on one for input and output.
    #[serde(default)]
    pub flags: u32,
}

impl NifEntry {
    /// The version that it asks for.
    pub const fn version(&self) -> NifVersion {
        NifVersion::new(self.major, self.minor)
    }

    /// Holds the entry against what the file's name and the manifest say. Empty: it is that library.
    pub fn check(&self, module: &ModuleName, shipped_for: NifVersion) -> Vec<Trouble> {
        let mut found = Vec::new();
        if self.module != module.atom() {
            found.push(Trouble::Module { found: self.module.clone(), expected: module.atom() });
        }
        if self.version() != shipped_for {
            found.push(Trouble::Version { found: self.version(), shipped_for });
        }
        if self.variant != "beam.vanilla" {
            found.push(Trouble::Entry(format!("it is made for the VM `{}`", self.variant)));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_held_against_manifest_and_file_name() {
        let entry =
            NifEntry { major: 2, minor: 16, module: "Elixir.FastRss".into(), variant: "beam.vanilla".into(), functions: Vec::new() };
        assert_eq!(entry.check(&"FastRss".parse().unwrap(), NifVersion::new(2, 16)), []);
        let found = entry.check(&"FastRSS".parse().unwrap(), NifVersion::new(2, 15));
        let shown = found.iter().map(|trouble| trouble.failure()).collect::<Vec<_>>();
        assert_eq!(shown[0].message, "the library is for the module Elixir.FastRss, and the project's is Elixir.FastRSS");
        assert!(shown[0].hint.as_deref().unwrap().starts_with("case counts"));
        assert_eq!(shown[1].message, "the library asks for NIF 2.16, and its file name says 2.15");
        let other = NifEntry { variant: "beam.halfword".into(), ..entry };
        assert_eq!(other.check(&"FastRss".parse().unwrap(), NifVersion::new(2, 16)).len(), 1);
    }
}
