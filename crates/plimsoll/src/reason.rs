//! Reasons that programs gave, as they may stand in evidence and in a sealed release.

/// A line that can stand in a sealed release: no control characters, and of absolute paths, which are this machine's, the last name.
pub fn reason(line: &str) -> String {
    let short = |word: &str| match word.rsplit_once('/') {
        Some((folders, name)) if folders.contains('/') && word.trim_start_matches(['\'', '"', '(', '`']).starts_with('/') => {
            format!("…/{name}")
        }
        _ => word.to_owned(),
    };
    let plain = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    plain.split_whitespace().map(short).collect::<Vec<_>>().join(" ").chars().take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_holds_nothing_of_this_machine() {
        assert_eq!(reason("  no\u{1b} SDK in '/srv/work/sdk', see /etc\t"), "no SDK in …/sdk', see /etc");
        assert_eq!(reason("see https://example.org/a and src/a/b"), "see https://example.org/a and src/a/b");
        assert_eq!(reason(" \u{7} "), "");
    }
}
