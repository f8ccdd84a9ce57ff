//! Files that a package's code names beside its own: what it includes as text, and what its build script reads. `cargo metadata` does not tell of them, and
//! cargo's dep-info only once it was built, which is too late for a package that is checked before. What is no literal is not seen.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::asking::{MOST_TEXTS, read};
use crate::manifest::{CargoFacts, PackageFacts};

/// What takes the text of a file in; paths are relative to the file that says so.
const MACROS: [&str; 4] = ["include_str!", "include_bytes!", "include!", "path"];
/// Folders of a package that a build script names for other reasons.
const USUAL: [&str; 5] = ["src", "tests", "benches", "examples", "target"];
/// By which a build script says what it reads.
const CHANGED: [&str; 2] = ["cargo:rerun-if-changed=", "cargo::rerun-if-changed="];

/// Adds them to what packages with a library, and those of the workspace that they need, are compiled from.
pub(super) fn add(facts: &mut CargoFacts, workspace: &Path) {
    let mut names = facts.with_libraries().map(|package| package.name.clone()).collect::<Vec<_>>();
    let mut at = 0;
    while let Some(name) = names.get(at).cloned() {
        let neighbours = facts.package(&name).map(|package| package.neighbours.clone()).unwrap_or_default();
        let further = facts.packages.iter().filter(|known| neighbours.contains(&known.folder) && !names.contains(&known.name));
        let further = further.map(|known| known.name.clone()).collect::<Vec<_>>();
        names.extend(further);
        at += 1;
    }
    for package in facts.packages.iter_mut().filter(|package| names.contains(&package.name)) {
        let included = of_package(package, &workspace.join(&package.folder));
        package.compiled.extend(included);
    }
}

fn of_package(package: &PackageFacts, folder: &Path) -> BTreeSet<String> {
    let walked = |root: &String| ignore::WalkBuilder::new(folder.join(root)).standard_filters(false).build();
    let files = package.compiled.iter().flat_map(|root| walked(root).flatten().map(ignore::DirEntry::into_path));
    let code = files.filter(|path| path.extension().is_some_and(|ending| ending == "rs")).take(MOST_TEXTS);
    let mut included = BTreeSet::new();
    for path in code {
        let (Ok(file), Some(text)) = (path.strip_prefix(folder), read(&path)) else { continue };
        let is_script = file.starts_with("build") || file == Path::new("build.rs");
        included.extend(named(file, &text, is_script, &|path| folder.join(path).exists()));
    }
    included.iter().filter_map(|path| Some(path.to_str()?.replace('\\', "/"))).collect()
}

/// Paths that the text of `file` names; both are relative to the package's folder. `exists` says whether something lies at such a path.
pub(super) fn named(file: &Path, text: &str, is_script: bool, exists: &dyn Fn(&Path) -> bool) -> BTreeSet<PathBuf> {
    let beside = file.parent().unwrap_or(Path::new(""));
    let mut found = BTreeSet::new();
    let mut before = "";
    for (code, literal) in literals(text) {
        let from_package = before == "CARGO_MANIFEST_DIR" && literal.starts_with('/');
        let written = if from_package {
            Some(Path::new("").join(literal.trim_start_matches('/')))
        } else if includes(code) {
            Some(beside.join(literal))
        } else if is_script {
            of_script(literal)
        } else {
            None
        };
        found.extend(written.map(|path| plain(&path)).filter(|path| !path.as_os_str().is_empty() && exists(path)));
        before = literal;
    }
    found
}

/// A path that a build script names.
fn of_script(literal: &str) -> Option<PathBuf> {
    let changed = CHANGED.iter().find_map(|begin| literal.strip_prefix(begin));
    let is_path = changed.is_some() || !USUAL.contains(&literal);
    let path = changed.unwrap_or(literal);
    let is_sound = !path.is_empty() && path.len() < 200 && !path.starts_with('/') && !path.contains(['{', '}', '\n', '\\', '=', ' ']);
    (is_path && is_sound && path != "." && path != "..").then(|| PathBuf::from(path))
}

/// Whether the code before a literal takes in the file that it names.
fn includes(code: &str) -> bool {
    let code = code.trim_end().trim_end_matches(['(', '=', '[', '{']).trim_end();
    MACROS.iter().any(|word| {
        let before = code.strip_suffix(word).and_then(|before| before.chars().next_back());
        code.ends_with(word)
            && if *word == "path" { before == Some('[') } else { before.is_none_or(|sign| !sign.is_alphanumeric() && sign != '_') }
    })
}

/// Without `.` and, as far as that can be, `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => drop(plain.pop()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

/// Texts in quotes, each with the code since the one before, comments left out.
fn literals(text: &str) -> Vec<(&str, &str)> {
    let (mut found, mut at, mut begin) = (Vec::new(), 0, 0);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let rest = &text[at..];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
            begin = at;
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
            begin = at;
        } else if bytes[at] == b'\'' {
            at += character(rest);
        } else if bytes[at] == b'"' {
            let hashes = text[..at].bytes().rev().take_while(|byte| *byte == b'#').count();
            let is_raw = text[..at - hashes].ends_with('r');
            let inner = at + 1;
            let length = if is_raw { text[inner..].find(&format!("\"{}", "#".repeat(hashes))) } else { end_of_text(&text[inner..]) };
            let Some(length) = length else { break };
            // `r#` belongs to the text.
            let code = if is_raw { begin..at - hashes - 1 } else { begin..at };
            found.push((&text[code], &text[inner..inner + length]));
            at = inner + length + 1;
            begin = at;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

/// The length of a character in quotes; that of the quote alone, if it begins a lifetime.
fn character(rest: &str) -> usize {
    let mut signs = rest.char_indices().skip(1);
    match (signs.next(), signs.next()) {
        (Some((_, '\\')), Some((at, sign))) => {
            let after = at + sign.len_utf8();
            after + rest[after..].find('\'').map_or(0, |end| end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

fn end_of_text(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.char_indices().find_map(|(at, sign)| {
        let ends = !is_escaped && sign == '"';
        is_escaped = !is_escaped && sign == '\\';
        ends.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const THERE: [&str; 7] =
        ["../README.md", "README.md", "data/words.txt", "proto", "proto/a.proto", "src/other.rs", "../../shared/x.txt"];

    fn of(file: &str, text: &str) -> String {
        let exists = |path: &Path| THERE.iter().any(|there| Path::new(there) == path);
        let is_script = file == "build.rs";
        named(Path::new(file), text, is_script, &exists).iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_code_includes_is_found_from_where_it_stands() {
        assert_eq!(of("src/lib.rs", "#![doc = include_str!(\"../README.md\")]"), "README.md");
        assert_eq!(of("src/deep/x.rs", "const W: &[u8] = include_bytes!(\n    r#\"../../data/words.txt\"#);"), "data/words.txt");
        assert_eq!(of("src/lib.rs", "#[path = \"../../../shared/x.txt\"] mod x;"), "../../shared/x.txt");
        assert_eq!(of("src/lib.rs", "include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../README.md\"))"), "../README.md");
        for text in [
            "// include_str!(\"../README.md\")",
            "/* include_str!(\"../README.md\") */",
            "let path = \"../README.md\";",
            "include!(concat!(env!(\"OUT_DIR\"), \"/proto\"));",
            "let q = '\"'; let s = \"include_str!(\\\"../README.md\\\")\";",
            "fn f<'a>(x: &'a str) { my_include_str!(\"../README.md\") }",
        ] {
            assert_eq!(of("src/lib.rs", text), "", "{text}");
        }
    }

    #[test]
    fn a_build_script_reads_what_it_names() {
        let script = "fn main() {\n  println!(\"cargo:rerun-if-changed=data/words.txt\");\n  tonic::compile(&[\"proto/a.proto\"], &[\"proto\"]);\n  \
                      copy(\"src\", \"nowhere\");\n}";
        assert_eq!(of("build.rs", script), "data/words.txt proto proto/a.proto");
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_strange(text in "(include_str!|\\(|\"|'|#|r|\\\\|//|/\\*|\\*/|\n|\\PC){0,40}") {
            of("src/lib.rs", &text);
            of("build.rs", &text);
        }
    }
}
