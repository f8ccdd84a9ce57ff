//! Names of projects: PEP 503 and PEP 508.

/// Whether a project may be called so: letters, digits, and between them `.`, `-` and `_`.
pub fn is_valid(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let ends = [name.bytes().next(), name.bytes().last()];
    name.bytes().all(is_inner) && ends.iter().all(|byte| byte.is_some_and(|byte| byte.is_ascii_alphanumeric()))
}

/// As indexes compare names: lower-case, each run of `.`, `-` and `_` one `separator`. With `_` it is how files and folders are called.
pub fn normalised(name: &str, separator: char) -> String {
    let mut made = String::new();
    let mut is_run = false;
    for c in name.chars() {
        let is_separator = matches!(c, '.' | '-' | '_');
        match (is_separator, is_run) {
            (true, true) => {}
            (true, false) => made.push(separator),
            (false, _) => made.extend(c.to_lowercase()),
        }
        is_run = is_separator;
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_indexes_take_for_one_are_one() {
        for name in ["Friendly-Bard", "friendly.bard", "FRIENDLY__BARD", "friendly-._bard"] {
            assert!(is_valid(name));
            assert_eq!(normalised(name, '-'), "friendly-bard");
            assert_eq!(normalised(name, '_'), "friendly_bard");
        }
        for name in ["", "-a", "a_", "a b", "ä", "a/b", "a\n"] {
            assert!(!is_valid(name), "{name}");
        }
    }
}
