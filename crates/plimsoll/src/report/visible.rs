//! Text of others, made harmless.

/// Without control characters and without those that turn the direction of writing: what a program printed must neither steer the terminal
/// nor change how the text around it is read. Line ends and tabs stay.
pub fn visible(text: &str) -> String {
    let harmful = |character: char| {
        (character.is_control() && !matches!(character, '\t' | '\n'))
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|character| if harmful(character) { '\u{fffd}' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_or_turns_the_text_is_shown_as_such() {
        assert_eq!(visible("a\u{1b}[2J\r\u{9b}\u{202e}\u{2066}b\n\tä"), "a\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}\u{fffd}b\n\tä");
    }
}
