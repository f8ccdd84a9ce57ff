//! Reference pages from the command's own tables: what the reader of manifests accepts is what the page says.

use std::fmt::Write;

use plimsoll::manifest::{Key, keys, later_keys};

use crate::documents::Page;

const HEAD: &str = "\
# plimsoll.toml

Made by `cargo xtask reference` from the table that the reader itself uses; do not edit.

Words in capitals stand for what the project chooses: `TARGET` for a rustc triple, `NAME` for a name of yours, `VARIABLE` for an environment
variable; `KIND` stands for `archive` and `static`. Text with placeholders knows `{name}` (the artifact's), `{version}`, `{target}`, `{arch}` and
`{os}`; braces that are meant as they are are doubled. A key that is not here is an error, with its place and the nearest valid word.

";

/// All pages.
pub fn pages() -> Vec<Page> {
    vec![("docs/reference/manifest.md".to_owned(), manifest(keys()))]
}

fn manifest(keys: &[Key]) -> String {
    let mut text = HEAD.to_owned();
    let mut section = "";
    for key in keys {
        let (heading, _) = section_of(key.path);
        if heading != section {
            section = heading;
            let _ = writeln!(text, "## {}\n", section_of(key.path).1);
        }
        let _ = writeln!(text, "### `{}`\n\n{}\n\n- takes {}", key.path, key.meaning, key.takes);
        if !key.default.is_empty() {
            let _ = writeln!(text, "- default: {}", key.default);
        }
        text.push('\n');
    }
    text.push_str("## Not yet\n\nKeys that later versions will have. A manifest that uses one is told so.\n\n");
    for later in later_keys() {
        let _ = writeln!(text, "- `{}`: {}", later.path, later.subject);
    }
    text
}

/// The section that a key belongs to: a mark, and the heading.
fn section_of(path: &str) -> (&'static str, &'static str) {
    match path.split('.').next().unwrap_or_default() {
        "target" => ("target", "Targets in detail"),
        "core" => ("core", "Cores: what gets compiled"),
        "KIND" | "archive" | "static" if path.contains(".probe") => ("probe", "Probes: what must run"),
        "KIND" | "archive" | "static" => ("artifact", "Artifacts: what users get"),
        "root" => ("root", "Named roots: where their files come from"),
        "nif" => ("nif", "Libraries for the BEAM"),
        "gates" => ("gates", "Gates: commands around it"),
        "publish" => ("publish", "Where releases go"),
        "version" if path != "version" => ("version", "The version, in every file that holds it"),
        _ => ("top", "The release"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_key_once_and_every_section_once() {
        let page = manifest(keys());
        for key in keys() {
            assert_eq!(page.matches(&format!("### `{}`\n", key.path)).count(), 1, "{}", key.path);
            assert!(page.contains(key.meaning));
        }
        let headings = page.lines().filter(|line| line.starts_with("## ")).collect::<Vec<_>>();
        let mut distinct = headings.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(headings.len(), distinct.len(), "{headings:?}");
    }
}
