//! Elixir's tokens, as far as it takes to tell code from comments, strings and documentation.
//! <https://hexdocs.pm/elixir/syntax-reference.html>

use std::ops::Range;

/// A token; what matters to nobody is passed over character by character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// `@name`.
    Attribute(&'t str),
    /// `name:`.
    Key(&'t str),
    /// A name or a word of the language.
    Word(&'t str),
    /// A string; plain where its text is its value.
    Text {
        /// Without the quotes.
        span: Range<usize>,
        /// Whether there are neither escapes nor interpolations, and it is no heredoc or charlist.
        plain: bool,
    },
    /// Anything else.
    Other(char),
}

/// All tokens of a text that need not be Elixir.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut scan = Scan { text, at: 0, tokens: Vec::new() };
    while scan.at < text.len() {
        scan.next();
    }
    scan.tokens
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token<'t>>,
}

impl<'t> Scan<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn next(&mut self) {
        let Some(first) = self.rest().chars().next() else { return };
        match first {
            '#' => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
            '"' | '\'' => self.quoted(first),
            '~' => self.sigil(),
            // A character, as in ?" or ?\n.
            '?' => self.skip(if self.rest().starts_with("?\\") { 3 } else { 2 }),
            '@' => {
                self.at += 1;
                let name = self.name();
                self.tokens.push(if name.is_empty() { Token::Other('@') } else { Token::Attribute(name) });
            }
            ':' => {
                self.at += 1;
                if self.rest().starts_with('"') {
                    self.quoted('"');
                    self.tokens.pop();
                } else {
                    self.name();
                }
                self.tokens.push(Token::Other(':'));
            }
            _ if first.is_alphabetic() || first == '_' => {
                let name = self.name();
                if self.rest().starts_with(':') && !self.rest().starts_with("::") {
                    self.at += 1;
                    self.tokens.push(Token::Key(name));
                } else {
                    self.tokens.push(Token::Word(name));
                }
            }
            _ => {
                self.skip(1);
                if !first.is_whitespace() {
                    self.tokens.push(Token::Other(first));
                }
            }
        }
    }

    fn skip(&mut self, characters: usize) {
        self.at += self.rest().chars().take(characters).map(char::len_utf8).sum::<usize>();
    }

    fn name(&mut self) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|character: char| !(character.is_alphanumeric() || character == '_')).unwrap_or(rest.len());
        let length = if length > 0 && rest[length..].starts_with(['?', '!']) { length + 1 } else { length };
        self.at += length;
        &rest[..length]
    }

    fn quoted(&mut self, quote: char) {
        let heredoc = if quote == '"' { "\"\"\"" } else { "'''" };
        let (end, is_heredoc) = if self.rest().starts_with(heredoc) { (heredoc, true) } else { (&heredoc[..1], false) };
        self.at += end.len();
        let start = self.at;
        let plain = self.until(end, 0);
        let span = start..self.at.saturating_sub(end.len()).max(start);
        self.tokens.push(Token::Text { span, plain: plain && !is_heredoc && quote == '"' });
    }

    /// Goes behind `end`, over escapes and interpolations; gives back whether there were none.
    fn until(&mut self, end: &str, depth: usize) -> bool {
        let mut plain = true;
        while let Some(character) = self.rest().chars().next() {
            if self.rest().starts_with(end) {
                self.at += end.len();
                return plain;
            }
            if character == '\\' {
                plain = false;
                self.skip(2);
            } else if self.rest().starts_with("#{") {
                plain = false;
                self.at += 2;
                self.interpolation(depth + 1);
            } else {
                self.skip(1);
            }
        }
        false
    }

    /// Goes behind the brace that closes an interpolation.
    fn interpolation(&mut self, depth: usize) {
        let mut open = 1;
        while let Some(character) = self.rest().chars().next() {
            self.skip(1);
            match character {
                '{' => open += 1,
                '}' => open -= 1,
                // Deeper nesting is no version's business; the text is then taken as it comes.
                '"' if depth < 8 => drop(self.until("\"", depth)),
                _ => {}
            }
            if open == 0 {
                return;
            }
        }
    }

    fn sigil(&mut self) {
        self.at += 1;
        let letters = self.rest().find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(0);
        let after = &self.rest()[letters..];
        let end = match after.chars().next() {
            _ if letters == 0 => None,
            Some('"') if after.starts_with("\"\"\"") => Some("\"\"\""),
            Some('\'') if after.starts_with("'''") => Some("'''"),
            Some('"') => Some("\""),
            Some('\'') => Some("'"),
            Some('(') => Some(")"),
            Some('[') => Some("]"),
            Some('{') => Some("}"),
            Some('<') => Some(">"),
            Some('/') => Some("/"),
            Some('|') => Some("|"),
            _ => None,
        };
        let Some(end) = end else {
            self.tokens.push(Token::Other('~'));
            return;
        };
        self.at += letters + end.len();
        let start = self.at;
        self.until(end, 0);
        self.tokens.push(Token::Text { span: start..start, plain: false });
    }
}
