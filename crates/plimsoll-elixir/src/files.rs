//! Whether a package's `files:` take a file along: paths, folders with all that lies in them, and wildcards.

/// What Hex takes where a package has no `files:` ("mix hex.build", options of the package).
pub(crate) const USUAL: [&str; 13] = [
    "lib",
    "priv",
    "mix.exs",
    "README*",
    "readme*",
    "LICENSE*",
    "license*",
    "CHANGELOG*",
    "changelog*",
    "src",
    "c_src",
    "Makefile*",
    ".formatter.exs",
];

/// Whether `path`, relative to mix.exs, is in a package of these files; none: of the usual ones.
///
/// A folder takes everything in it, names that begin with a dot too. A wildcard stands for no such name, so
/// `native/x/**/*.toml` leaves out `.cargo/config.toml`; but a wildcard that takes a folder takes all of it.
pub fn is_packaged(path: &str, files: Option<&[String]>) -> bool {
    let parts = path.split('/').collect::<Vec<_>>();
    let takes = |pattern: &str| {
        let alternatives = alternatives(pattern.trim_start_matches("./").trim_end_matches('/'));
        alternatives.iter().any(|pattern| {
            let pattern = pattern.split('/').collect::<Vec<_>>();
            // The pattern takes the file itself, or a folder that it lies in.
            (1..=parts.len()).any(|length| matches(&pattern, &parts[..length]))
        })
    };
    match files {
        Some(files) => files.iter().any(|pattern| takes(pattern)),
        None => USUAL.into_iter().any(takes),
    }
}

/// `a{b,c}d` as `abd` and `acd`. Bounded: no real pattern has more.
fn alternatives(pattern: &str) -> Vec<String> {
    let mut patterns = vec![pattern.to_owned()];
    for _ in 0..4 {
        patterns = patterns
            .iter()
            .flat_map(|pattern| match pattern.split_once('{').and_then(|(front, rest)| Some((front, rest.split_once('}')?))) {
                Some((front, (inside, back))) => inside.split(',').map(|one| format!("{front}{one}{back}")).collect(),
                None => vec![pattern.clone()],
            })
            .take(64)
            .collect();
    }
    patterns
}

fn matches(pattern: &[&str], parts: &[&str]) -> bool {
    match (pattern.split_first(), parts.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) if matches(rest, parts) => true,
        (Some((&"**", _)), Some((part, below))) => !part.starts_with('.') && matches(pattern, below),
        (Some((one, rest)), Some((part, below))) => matches_part(one, part) && matches(rest, below),
        _ => false,
    }
}

/// `*` and `?` in one name; neither stands for a dot at its beginning.
fn matches_part(pattern: &str, part: &str) -> bool {
    let is_wild = pattern.starts_with(['*', '?']);
    if is_wild && part.starts_with('.') {
        return false;
    }
    let (pattern, part) = (pattern.chars().collect::<Vec<_>>(), part.chars().collect::<Vec<_>>());
    // Row by row: which beginnings of the part the pattern so far takes.
    let mut taken = vec![false; part.len() + 1];
    taken[0] = true;
    for sign in pattern {
        let mut next = vec![false; part.len() + 1];
        for at in 0..=part.len() {
            next[at] = match sign {
                '*' => taken[at] || (at > 0 && next[at - 1]),
                '?' => at > 0 && taken[at - 1],
                sign => at > 0 && taken[at - 1] && part[at - 1] == sign,
            };
        }
        taken = next;
    }
    taken[part.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_take_all_and_wildcards_no_hidden_name() {
        let takes = |path: &str, files: &[&str]| is_packaged(path, Some(&files.iter().map(|file| (*file).to_owned()).collect::<Vec<_>>()));
        let config = "native/x/.cargo/config.toml";
        assert!(takes(config, &["native"]) && takes(config, &["native/x"]) && takes(config, &["native/x/.cargo/"]));
        assert!(!takes(config, &["native/x/*.toml"]) && !takes(config, &["native/x/**/*.toml"]) && !takes(config, &["native/x/src"]));
        assert!(takes("native/x/src/lib.rs", &["native/**/*.rs"]) && takes("native/x/src/lib.rs", &["native/x/{src,Cargo.toml}"]));
        assert!(takes("native/x/Cargo.lock", &["native/x/Cargo*"]) && !takes("native/x/Cargo.lock", &["native/x/Cargo.toml"]));
        assert!(takes("checksum-Elixir.X.exs", &["checksum-*.exs"]) && !takes("checksum-Elixir.X.exs", &["checksum.exs"]));
        // A wildcard that takes a folder takes all of it.
        assert!(takes(config, &["native/*"]));
    }

    #[test]
    fn without_a_list_only_the_usual_files_go_along() {
        assert!(is_packaged("lib/a/b.ex", None) && is_packaged("README.md", None));
        assert!(!is_packaged("native/x/src/lib.rs", None) && !is_packaged("checksum-Elixir.X.exs", None));
    }

    proptest::proptest! {
        #[test]
        fn no_pattern_takes_for_ever(pattern in "[a*?{},/.]{0,24}", path in "[a./]{1,24}") {
            is_packaged(&path, Some(&[pattern]));
        }
    }
}
