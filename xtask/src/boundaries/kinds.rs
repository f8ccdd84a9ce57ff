//! Kinds of artifact in rooms that serve all of them: a name of one there is a question that its own folder should have answered.

use std::path::Path;

use super::rules::Breach;
use super::scan::{Kind as Form, Mention, Source};

/// The folder with a folder a kind.
const HOME: &str = "crates/plimsoll/src/kinds";

/// Files that may name kinds: those folders and the matches beside them, what `docs/adding-a-kind.md` lists besides, and crates about files of
/// one sort.
const HOMES: [&str; 7] = [
    "crates/plimsoll/src/kinds/",
    "crates/plimsoll-elixir/",
    "crates/plimsoll-fetch/src/kinds.rs",
    "crates/plimsoll-inspect/",
    "crates/plimsoll-model/src/kind/",
    "crates/plimsoll-model/src/lib.rs",
    "crates/plimsoll-pack/src/",
];

/// Names that are words of every day, or of Rust: only a variant, a folder, a name of a type, the very string or `[archive.NAME]` tells that a kind
/// is meant.
const PLAIN_WORDS: [&str; 4] = ["archive", "file", "static", "wheel"];

/// Files in which the very string is another thing.
const OTHER_THINGS: [(&str, &str); 8] = [
    // Keys of `[root.NAME]`, and what a root comes from.
    ("archive", "crates/plimsoll/src/manifest/check/roots.rs"),
    ("archive", "crates/plimsoll/src/manifest/decode/roots.rs"),
    ("archive", "crates/plimsoll-roots/src/root_status.rs"),
    // A key of `[version]`, what is counted, and what a listing holds.
    ("file", "crates/plimsoll/src/manifest/decode/versions.rs"),
    ("file", "crates/plimsoll/src/manifest/check/versions.rs"),
    ("file", "crates/plimsoll/src/cli/version.rs"),
    ("file", "crates/plimsoll-roots/src/tree.rs"),
    // How a program is linked.
    ("static", "crates/plimsoll-fetch/src/choose.rs"),
];

/// What a type of one kind is called besides the kind.
const TYPES: [&str; 4] = ["Plan", "Spec", "Table", "FileName"];

/// A kind, as code names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its folder: `static_binary`.
    folder: String,
    /// As manifests have it: `static`.
    name: String,
    /// As enums have it: `Static`.
    variant: String,
}

impl Named {
    /// The kind whose keys are `text`, in `folder`.
    fn read(folder: &str, text: &str) -> Option<Self> {
        let after = |mark: &str| text.split_once(mark).map(|(_, rest)| rest);
        let variant = after("kind: Kind::")?.split(|c: char| !c.is_alphanumeric()).next()?;
        let name = after("place: \"")?.split('.').next()?;
        Some(Self { folder: folder.to_owned(), name: name.to_owned(), variant: variant.to_owned() })
    }

    /// What of it a file names, with the line.
    fn named_in(&self, source: &Source) -> Option<(String, usize)> {
        let is_other = OTHER_THINGS.contains(&(self.name.as_str(), source.path.as_str()));
        let is_named = |string: &str| self.is_named_in(string) || string == self.name && !is_other;
        let string = source.strings.iter().find(|(string, _)| is_named(string));
        let string = string.map(|(string, line)| (format!("\"{string}\""), *line));
        string.or_else(|| {
            let paths = source.mentions.iter().filter(|mention| mention.kind == Form::Path);
            paths.into_iter().find(|mention| self.is_named_by(mention)).map(|mention| (mention.segments.join("::"), mention.line))
        })
    }

    /// Whether a string tells people of it, or is compared with it.
    fn is_named_in(&self, string: &str) -> bool {
        let mut words = string.split(|c: char| !c.is_alphanumeric() && c != '_');
        string.contains(&format!("[{}.", self.name)) || !self.is_plain_word() && words.any(|word| word == self.name)
    }

    fn is_plain_word(&self) -> bool {
        PLAIN_WORDS.contains(&self.name.as_str())
    }

    fn is_named_by(&self, mention: &Mention) -> bool {
        let pairs = mention.segments.windows(2);
        let is_variant = |pair: &[String]| ["Kind", "KindPlan", "KindTable", "Spec"].contains(&pair[0].as_str()) && pair[1] == self.variant;
        let is_folder = |pair: &[String]| pair[0] == "kinds" && pair[1] == self.folder;
        let is_type = |segment: &String| segment.strip_prefix(&self.variant).is_some_and(|rest| TYPES.contains(&rest));
        let is_word = |segment: &String| !self.is_plain_word() && words(segment).any(|word| word == self.name);
        pairs.into_iter().any(|pair| is_variant(pair) || is_folder(pair))
            || mention.segments.iter().any(|segment| is_type(segment) || is_word(segment))
    }
}

/// The words of an identifier, in lowercase: `NifPlan` and `nif_plan` have the same two.
fn words(identifier: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    for character in identifier.chars() {
        if character == '_' || character.is_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| character != '_') {
            word.extend(character.to_lowercase());
        }
    }
    words.into_iter().filter(|word| !word.is_empty())
}

/// The kinds that have a folder.
///
/// # Errors
/// If one cannot be read, or its keys do not say which kind it is.
pub fn known(root: &Path) -> Result<Vec<Named>, String> {
    let failed = |error: std::io::Error| format!("{HOME}: {error}");
    let mut known = Vec::new();
    for entry in std::fs::read_dir(root.join(HOME)).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let Some(folder) = path.file_name().and_then(|name| name.to_str()).filter(|_| path.is_dir()) else { continue };
        let text = std::fs::read_to_string(path.join("keys.rs")).map_err(|error| format!("{HOME}/{folder}/keys.rs: {error}"))?;
        known.push(Named::read(folder, &text).ok_or_else(|| format!("{HOME}/{folder}/keys.rs does not say which kind it is"))?);
    }
    Ok(known)
}

/// Holds one source against the kinds; each that it names is told once.
pub fn check(source: &Source, kinds: &[Named]) -> Vec<Breach> {
    if HOMES.iter().any(|home| source.path.starts_with(home)) {
        return Vec::new();
    }
    let breach = |(what, line): (String, usize)| Breach {
        rule: "kinds",
        place: format!("{}:{line}", source.path),
        message: format!("names {what}; ask crate::kinds, which answers for every kind (docs/adding-a-kind.md)"),
    };
    kinds.iter().filter_map(|kind| kind.named_in(source)).map(breach).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds() -> [Named; 2] {
        let named = |folder: &str, keys: &str| Named::read(folder, keys).unwrap();
        [
            named("nif", "KindKeys { kind: Kind::Nif, place: \"nif.NAME\", heading"),
            named("static_binary", "KindKeys {\n    kind: Kind::Static,\n    place: \"static.NAME\","),
        ]
    }

    fn named(path: &str, text: &str) -> Vec<String> {
        let source = Source::parse(path, text).unwrap();
        check(&source, &kinds()).into_iter().map(|breach| breach.message.split(';').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_kind_in_a_room_for_all_is_found_however_it_is_named() {
        let prove = |text: &str| named("crates/plimsoll/src/prove/mod.rs", text);
        assert_eq!(prove("use plimsoll_model::NifPlan;"), ["names plimsoll_model::NifPlan"]);
        assert_eq!(prove("fn f(k: &K) -> bool { matches!(k, KindPlan::Static) }"), ["names KindPlan::Static"]);
        assert_eq!(prove("fn f(k: &str) -> bool { k == \"nif\" }"), ["names \"nif\""]);
        assert_eq!(prove("fn f(k: &str) -> bool { k == \"static\" }"), ["names \"static\""]);
        assert_eq!(prove("fn f() { g!(x, \"a nif of yours\") }"), ["names \"a nif of yours\""]);
        assert_eq!(prove("const HINT: &str = \"write [static.NAME]\";"), ["names \"write [static.NAME]\""]);
        assert_eq!(prove("use crate::kinds::static_binary::Table;"), ["names crate::kinds::static_binary::Table"]);
        assert_eq!(prove("fn f() { judge_nif_bytes() }"), ["names judge_nif_bytes"]);
    }

    #[test]
    fn plain_words_tests_and_homes_are_left_alone() {
        assert_eq!(
            named("crates/plimsoll/src/prove/mod.rs", "static A: &str = \"significant manifest\"; fn f() { Rank::Static; }"),
            [""; 0]
        );
        assert_eq!(named("crates/plimsoll/src/prove/mod.rs", "#[cfg(test)] mod tests { use plimsoll_model::NifPlan; }"), [""; 0]);
        assert_eq!(named("crates/plimsoll/src/kinds/mod.rs", "use plimsoll_model::NifPlan;"), [""; 0]);
    }
}
