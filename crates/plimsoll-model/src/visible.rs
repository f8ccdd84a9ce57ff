//! Text of others, made harmless for whoever reads it: a terminal, a page, cargo.
//!
//! A name, a reason, a message may hold characters that steer a terminal, turn the direction of writing, are not seen at all, or begin a line
//! that says something else. Each of them becomes a sign that is seen.

/// What stands for a character that is not seen.
const UNSEEN: char = '\u{fffd}';
/// What stands for the end of a line, where text must stay in one.
const LINE_END: char = '\u{23ce}';

/// Whether a character steers a terminal (C0, DEL and C1, which include line end and tab), turns the direction of writing, or ends a line
/// without being a line end: there is no honest use of it in text for people, tab and line end excepted.
pub fn is_steering(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character leaves no mark of its own: what steers, and marks of direction, joiners, spaces without width, fillers, tags. A
/// document may need some of them to be read well; a name that holds one is not the name that it looks like.
pub fn is_unseen(character: char) -> bool {
    is_steering(character)
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// One field: it stays in its line, and everything in it is seen. Tabs stay.
pub fn line(text: &str) -> String {
    let seen = |character: char| match character {
        '\t' => character,
        '\n' => LINE_END,
        _ if is_unseen(character) => UNSEEN,
        _ => character,
    };
    text.chars().map(seen).collect()
}

/// Text of several lines, each as [`line()`] has it. A carriage return before a line end belongs to it.
pub fn lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(line)
}

/// One field whose white space says nothing: all of it is folded to single spaces first.
pub fn folded(text: &str) -> String {
    line(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A whole document of others, such as the notes of a release: its lines, joiners and marks of direction stay; what steers does not.
pub fn document(text: &str) -> String {
    let seen = |character: char| match character {
        '\t' | '\n' => character,
        _ if is_steering(character) => UNSEEN,
        _ => character,
    };
    text.replace("\r\n", "\n").chars().map(seen).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_or_turns_the_text_is_shown_as_such() {
        assert_eq!(
            line("a\u{1b}[2J\r\u{9b}\u{7f}\0\u{202e}\u{2066}b\tä"),
            "a\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}b\tä"
        );
        for unseen in ['\u{61c}', '\u{200b}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{2060}', '\u{feff}', '\u{ad}', '\u{e0041}', '\u{3164}']
        {
            assert_eq!(line(&format!("a{unseen}b")), "a\u{fffd}b", "{:x}", unseen as u32);
        }
        assert_eq!(line("größer 日本 é ✓ 👍🏽"), "größer 日本 é ✓ 👍🏽");
    }

    #[test]
    fn a_field_begins_no_line() {
        assert_eq!(line("no\nverified"), "no⏎verified");
        assert_eq!(line("no\u{2028}verified\u{2029}\u{85}\u{b}\u{c}"), "no\u{fffd}verified\u{fffd}\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(lines("one\r\ntwo\rthree\n").collect::<Vec<_>>(), ["one", "two\u{fffd}three"]);
        assert_eq!(folded(" no \r\n\u{2028} verified\u{1b}\n"), "no verified\u{fffd}");
    }

    #[test]
    fn a_document_keeps_what_its_language_needs() {
        assert_eq!(document("می\u{200c}خواهم\r\n\u{200f}x\t👩\u{200d}💻"), "می\u{200c}خواهم\n\u{200f}x\t👩\u{200d}💻");
        assert_eq!(document("\u{1b}]0;x\u{7}\r\u{202e}"), "\u{fffd}]0;x\u{fffd}\u{fffd}\u{fffd}");
    }
}
