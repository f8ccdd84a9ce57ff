//! Text for a person, harmless by the way it is made: it is put together from pieces, each is cleaned when it is put in, and only then
//! coloured. What is printed is a [`Text`], so that nothing of others reaches a terminal as it came.

use std::fmt::{self, Display};

use plimsoll_model::visible;

use super::{Paint, Style};

/// Lines of pieces. No piece ends a line: [`Text::end`] does.
#[derive(Debug, Clone)]
pub struct Text {
    written: String,
    paint: Paint,
}

impl Text {
    /// Nothing yet.
    pub const fn new(paint: Paint) -> Self {
        Self { written: String::new(), paint }
    }

    /// A document that is printed as a whole, such as the notes of a release or a manifest. Its lines are its own, so no field of others may
    /// be set into it that was not made a single line.
    pub fn document(text: &str) -> Self {
        Self { written: visible::document(text), paint: Paint::PLAIN }
    }

    /// What a library has drawn for a terminal: of its escape sequences those that colour stay. The library must have been given text that
    /// holds none.
    pub fn drawn(text: &str) -> Self {
        let mut written = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('\u{1b}') {
            let (before, from) = rest.split_at(at);
            keep_lines(&mut written, before);
            let colour = colour(from);
            written.push_str(colour);
            if colour.is_empty() {
                written.push('\u{fffd}');
            }
            rest = &from[colour.len().max(1)..];
        }
        keep_lines(&mut written, rest);
        Self { written, paint: Paint::PLAIN }
    }

    /// Puts a piece into the line.
    pub fn put(&mut self, piece: impl Display) -> &mut Self {
        self.styled(Style::Plain, piece)
    }

    /// Puts a piece into the line, in a style.
    pub fn styled(&mut self, style: Style, piece: impl Display) -> &mut Self {
        self.written.push_str(&self.paint.wrap(style, &visible::line(&piece.to_string())));
        self
    }

    /// Something went well.
    pub fn good(&mut self, piece: impl Display) -> &mut Self {
        self.styled(Style::Good, piece)
    }

    /// Something went wrong.
    pub fn bad(&mut self, piece: impl Display) -> &mut Self {
        self.styled(Style::Bad, piece)
    }

    /// Something to look at.
    pub fn warning(&mut self, piece: impl Display) -> &mut Self {
        self.styled(Style::Warning, piece)
    }

    /// A label or hint.
    pub fn label(&mut self, piece: impl Display) -> &mut Self {
        self.styled(Style::Label, piece)
    }

    /// What matters less.
    pub fn faint(&mut self, piece: impl Display) -> &mut Self {
        self.styled(Style::Faint, piece)
    }

    /// What matters more.
    pub fn strong(&mut self, piece: impl Display) -> &mut Self {
        self.styled(Style::Strong, piece)
    }

    /// Ends the line.
    pub fn end(&mut self) -> &mut Self {
        self.written.push('\n');
        self
    }

    /// The lines of a text, in a style: the first goes on in this line, the others are set in below it by `indent`. None of them can pass for
    /// a line of its own.
    pub fn lines(&mut self, style: Style, indent: usize, text: &str) -> &mut Self {
        for (at, line) in text.trim_end().lines().enumerate() {
            if at > 0 {
                self.put(" ".repeat(indent));
            }
            self.styled(style, line).end();
        }
        if text.trim_end().is_empty() {
            self.end();
        }
        self
    }

    /// Puts another text behind this one.
    pub fn append(&mut self, other: &Self) -> &mut Self {
        self.written.push_str(&other.written);
        self
    }

    /// The text as it is printed.
    pub fn as_str(&self) -> &str {
        &self.written
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// Cleans text line by line.
fn keep_lines(written: &mut String, text: &str) {
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            written.push('\n');
        }
        written.push_str(&visible::line(line));
    }
}

/// The sequence that colours at the beginning of a text, such as `ESC [ 1 ; 31 m`; empty where there is none.
fn colour(text: &str) -> &str {
    let parameters = text.strip_prefix("\u{1b}[").unwrap_or_default();
    match parameters.find(|character: char| !character.is_ascii_digit() && character != ';') {
        Some(end) if parameters[end..].starts_with('m') => &text[..end + 3],
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_go_around_what_was_cleaned() {
        let coloured = Paint::choose(true, None, None);
        let mut text = Text::new(coloured);
        text.put("a ").good("b\u{1b}[0m\nc").faint("").end();
        assert_eq!(text.as_str(), "a \u{1b}[1;32mb\u{fffd}[0m⏎c\u{1b}[0m\n");
    }

    #[test]
    fn lines_of_others_are_set_in() {
        let mut text = Text::new(Paint::PLAIN);
        text.put("said: ").lines(Style::Plain, 4, "no\nverified\r\n\u{1b}[2J\n").lines(Style::Plain, 4, "");
        assert_eq!(text.as_str(), "said: no\n    verified\n    \u{fffd}[2J\n\n");
    }

    #[test]
    fn of_what_is_drawn_only_colours_stay() {
        let text = "\u{1b}[1m\u{1b}[91merror\u{1b}[0m: \u{1b}[2Jx\u{9b}31m\u{1b}]0;t\u{7}\r\u{202e}\n|\u{1b}[";
        let kept = "\u{1b}[1m\u{1b}[91merror\u{1b}[0m: \u{fffd}[2Jx\u{fffd}31m\u{fffd}]0;t\u{fffd}\u{fffd}\u{fffd}\n|\u{fffd}[";
        assert_eq!(Text::drawn(text).as_str(), kept);
        assert_eq!(Text::document("a\n\u{1b}[1mb\n").as_str(), "a\n\u{fffd}[1mb\n");
    }
}
