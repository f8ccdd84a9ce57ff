//! The checksum map that an Elixir package carries: archive → digest, as an Elixir map literal. It is written from sealed bytes, and read
//! strictly: the consumer evaluates the file as code, so whatever is no plain map must not pass here.
//!
//! `checksum-Elixir.{Module}.exs` for `rustler_precompiled`, `checksum.exs` for `elixir_make`; both have the same form. A consumer takes a
//! file that it cannot read for an empty map, which is why an unreadable one is an error and never an empty map here.

mod difference;
mod error;
mod scan;
mod syntax;

use std::collections::BTreeMap;
use std::fmt;

use plimsoll_model::Digest;
use plimsoll_model::NifScheme;

pub use difference::{Comparison, Difference};
pub use error::ChecksumSyntax;

/// The name of `elixir_make`'s map.
pub const ELIXIR_MAKE_FILE: &str = "checksum.exs";

/// The longest file that is read, in bytes: room for ten thousand entries.
pub const MOST_BYTES: usize = 2 << 20;

/// The name of `rustler_precompiled`'s map: the module's case counts, and so does the prefix, which the module's name has as an atom.
pub fn precompiled_file(module: &str) -> String {
    let module = module.strip_prefix("Elixir.").unwrap_or(module);
    format!("checksum-Elixir.{module}.exs")
}

/// The name of the map in a package whose users follow a scheme.
pub fn file(scheme: NifScheme, module: &str) -> String {
    match scheme {
        NifScheme::RustlerPrecompiled => precompiled_file(module),
        NifScheme::ElixirMake => ELIXIR_MAKE_FILE.to_owned(),
    }
}

/// Digests of archives by file name, sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChecksumMap {
    entries: BTreeMap<String, Digest>,
}

impl ChecksumMap {
    /// A map of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the text of a map.
    ///
    /// # Errors
    /// It is anything but one map literal of plain strings, each `"name" => "sha256:…"`, no name twice; says where.
    pub fn parse(text: &str) -> Result<Self, ChecksumSyntax> {
        let lines = syntax::parse(text)?;
        Ok(Self { entries: lines.into_iter().map(|(name, (digest, _))| (name, digest)).collect() })
    }

    /// Adds an archive; gives back the digest that its name had before.
    pub fn insert(&mut self, file_name: &str, digest: Digest) -> Option<Digest> {
        self.entries.insert(file_name.to_owned(), digest)
    }

    /// The digest of an archive.
    pub fn get(&self, file_name: &str) -> Option<Digest> {
        self.entries.get(file_name).copied()
    }

    /// All entries, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Digest)> {
        self.entries.iter().map(|(name, digest)| (name.as_str(), *digest))
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How a committed text differs from this map.
    ///
    /// # Errors
    /// The committed text is no map.
    pub fn compare(&self, committed: &str) -> Result<Comparison, ChecksumSyntax> {
        difference::compare(self, committed)
    }
}

/// The file's text: one line an entry, sorted, with trailing commas, so that a changed digest is a changed line.
impl fmt::Display for ChecksumMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("%{\n")?;
        for (name, digest) in &self.entries {
            writeln!(f, "  {} => \"sha256:{digest}\",", quoted(name))?;
        }
        f.write_str("}\n")
    }
}

/// An Elixir string literal. Names of artifacts need no escapes; whatever else comes must not become code.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' | '#' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{{{:X}}}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_text_is_what_the_consumer_writes_itself() {
        let mut map = ChecksumMap::new();
        assert_eq!(map.to_string(), "%{\n}\n");
        map.insert("libx-v0.1.0-nif-2.15-x86_64-unknown-linux-musl.so.tar.gz", Digest::of(b"b"));
        map.insert("libx-v0.1.0-nif-2.15-x86_64-unknown-linux-gnu.so.tar.gz", Digest::of(b"a"));
        let expected = "%{\n  \"libx-v0.1.0-nif-2.15-x86_64-unknown-linux-gnu.so.tar.gz\" => \
                        \"sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb\",\n  \
                        \"libx-v0.1.0-nif-2.15-x86_64-unknown-linux-musl.so.tar.gz\" => \
                        \"sha256:3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d\",\n}\n";
        assert_eq!(map.to_string(), expected);
        assert_eq!(ChecksumMap::parse(expected).unwrap(), map);
    }

    #[test]
    fn files_are_named_after_the_module_and_its_case() {
        assert_eq!(precompiled_file("FastRSS.Native"), "checksum-Elixir.FastRSS.Native.exs");
        assert_eq!(precompiled_file("Elixir.FastRss"), "checksum-Elixir.FastRss.exs");
    }

    proptest! {
        #[test]
        fn every_map_comes_back(entries in prop::collection::btree_map(".{0,30}", any::<[u8; 32]>(), 0..12)) {
            let mut map = ChecksumMap::new();
            for (name, bytes) in &entries {
                map.insert(name, Digest::from_bytes(*bytes));
            }
            prop_assert_eq!(ChecksumMap::parse(&map.to_string()).unwrap(), map);
        }

        #[test]
        fn no_text_is_read_as_another_map_than_it_is(text in "[%{}\"=>,a# \\\\\n:]{0,60}") {
            if let Ok(map) = ChecksumMap::parse(&text) {
                prop_assert!(map.is_empty(), "{text:?}");
            }
        }

        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,200}") {
            let _ = ChecksumMap::parse(&text);
        }
    }
}
