//! Words for a shell of a root.

/// Words as a shell reads them; those that mean nothing to it stay as they are, for the sake of who reads them.
pub(super) fn quoted(words: &[String]) -> String {
    words.iter().map(|word| if is_plain(word) { word.clone() } else { in_quotes(word) }).collect::<Vec<_>>().join(" ")
}

/// A word in quotes.
pub(super) fn in_quotes(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn is_plain(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:@%+,".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_read_otherwise_is_quoted() {
        let words = ["ht", "--version", "a b", "it's", "", "$HOME", "x=1"].map(str::to_owned);
        assert_eq!(quoted(&words), "ht --version 'a b' 'it'\\''s' '' '$HOME' 'x=1'");
    }
}
