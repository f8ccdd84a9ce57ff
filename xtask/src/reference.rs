//! Reference pages from the command's own tables: what the reader of manifests accepts is what the page says.

use std::fmt::Write;

use plimsoll::manifest::{Key, KindKeys, keys, keys_of_kinds, later_keys};

use crate::documents::Page;

const HEAD: &str = "\
# plimsoll.toml

Made by `cargo xtask reference` from the table that the reader itself uses; do not edit.

Words in capitals stand for what the project chooses: `TARGET` for a rustc triple, `NAME` for a name of yours, `VARIABLE` for an environment
variable; `KIND` stands for each kind of artifact that has the key, as its own part says. Text with placeholders knows `{name}` (the artifact's), `{version}`, `{target}`, `{arch}` and
`{os}`, and these two in Go's words, as in `amd64` and `darwin`: `{goarch}` and `{goos}`; braces that are meant as they are are doubled. A key that is not here is an error, with its place and the nearest valid word.

";

/// All pages.
pub fn pages() -> Vec<Page> {
    vec![("docs/reference/manifest.md".to_owned(), manifest(&keys()))]
}

fn manifest(keys: &[&Key]) -> String {
    let mut text = HEAD.to_owned();
    let mut section = "";
    for key in keys {
        let kind = keys_of_kinds().find(|kind| key.path.starts_with(&format!("{}.", kind.kind)));
        let heading = kind.map_or_else(|| section_of(key.path), |kind| kind.heading);
        if heading != section {
            section = heading;
            let _ = writeln!(text, "## {heading}\n");
            if let Some(shared) = kind.and_then(shared) {
                let _ = writeln!(text, "{shared}\n");
            }
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

/// Which keys of several kinds a kind has.
fn shared(kind: KindKeys) -> Option<String> {
    let names = kind.shared.iter().copied().flatten().filter_map(|key| key.path.strip_prefix("KIND.NAME.")?.split('.').next());
    let mut names = names.map(|name| format!("`{name}`")).collect::<Vec<_>>();
    names.dedup();
    let (last, others) = names.split_last()?;
    Some(if others.is_empty() { format!("Has {last} as well.") } else { format!("Has {} and {last} as well.", others.join(", ")) })
}

/// The heading of the section that a key belongs to which is not one kind's own.
fn section_of(path: &str) -> &'static str {
    match path.split('.').next().unwrap_or_default() {
        "target" => "Targets in detail",
        "core" => "Cores: what gets compiled",
        "generate" => "Generated files: completions, man pages",
        "prebuilt" => "Prebuilt files: what others made",
        "previous" => "The release before this one",
        "KIND" if path.contains(".probe") => "Probes: what must run",
        "KIND" => "Artifacts: what users get",
        "test" => "Tests: artifacts that are installed together",
        "root" => "Named roots: where their files come from",
        "gates" => "Gates: commands around it",
        "publish" => "Where releases go",
        "version" if path != "version" => "The version, in every file that holds it",
        _ => "The release",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_key_once_and_every_section_once() {
        let page = manifest(&keys());
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
