//! Cuts an Elixir source into tokens: enough to tell code from strings, comments and sigils, and to know literals. Operators are single signs, save
//! the few that matter.

use std::ops::Range;

use super::location::{ElixirError, Location};

/// The longest source that is read, in bytes.
pub(super) const MOST_BYTES: usize = 1 << 20;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub span: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// `name`, `name?`, `name!`; words such as `do` and `end` too.
    Name(String),
    /// One part of an alias: `Mix`.
    Alias(String),
    /// `name:` or `"name":` before a value.
    Key(String),
    /// `:name` or `:"name"`.
    Atom(String),
    /// A number of any form.
    Number,
    /// A string of double quotes, or a heredoc.
    Text(Vec<Part>),
    /// A list of characters, `?x`, or a sigil that is not for words.
    Other,
    /// `~w` without modifiers or with `s`: its words; none where it is interpolated.
    Words(Option<Vec<String>>),
    /// A sign, or one of `<>`, `++`, `=>`, `->`, `==`, `!=`, `|>`, `<-`, `..`, `::`.
    Sign(&'static str),
    /// The end of a line outside of strings.
    Line,
}

/// A piece of a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Plain(String),
    /// What stands in `#{…}`, and where.
    Code(Range<usize>),
}

const SIGNS: [&str; 38] = [
    "<<>>", "===", "!==", "<>", "++", "--", "=>", "->", "==", "!=", "|>", "<-", "..", "::", "&&", "||", "<=", ">=", "(", ")", "[", "]",
    "{", "}", ",", ".", "@", "%", "|", "=", "<", ">", "&", "+", "-", "*", "/", ";",
];

pub(super) fn tokens(file: &str, text: &str) -> Result<Vec<Token>, ElixirError> {
    if text.len() > MOST_BYTES {
        return Err(ElixirError::Long { file: file.to_owned(), bytes: text.len(), limit: MOST_BYTES });
    }
    let mut cutter = Cutter { file, text, at: 0 };
    let mut tokens = Vec::new();
    while let Some(c) = cutter.peek() {
        let start = cutter.at;
        if let Some(kind) = cutter.token(c)? {
            tokens.push(Token { kind, span: start..cutter.at });
        }
    }
    Ok(tokens)
}

struct Cutter<'text> {
    file: &'text str,
    text: &'text str,
    at: usize,
}

impl Cutter<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let length = self.rest().find(|c| !wanted(c)).unwrap_or(self.rest().len());
        let taken = self.rest()[..length].to_owned();
        self.at += length;
        taken
    }

    fn token(&mut self, c: char) -> Result<Option<Kind>, ElixirError> {
        Ok(match c {
            '\n' => {
                self.at += 1;
                Some(Kind::Line)
            }
            c if c.is_whitespace() || c == '\u{feff}' || (c == '\\' && self.rest().starts_with("\\\n")) => {
                self.at += if c == '\\' { 2 } else { c.len_utf8() };
                None
            }
            '#' => {
                self.take_while(|c| c != '\n');
                None
            }
            '"' => Some(self.quoted()?),
            '\'' => {
                let start = self.at;
                let closing = self.opened("'''", "'");
                self.text_until(closing, start, true, "list of characters")?;
                Some(Kind::Other)
            }
            '~' => self.sigil()?,
            '?' => {
                self.at += 1;
                self.take("\\");
                self.at += self.peek().map_or(0, char::len_utf8);
                Some(Kind::Other)
            }
            ':' => Some(self.atom()?),
            c if c.is_ascii_digit() => {
                self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
                let mut after = self.rest().chars();
                if after.next() == Some('.') && after.next().is_some_and(|c| c.is_ascii_digit()) {
                    self.at += 1;
                    self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
                }
                Some(Kind::Number)
            }
            c if c == '_' || c.is_alphabetic() => Some(self.name(c)),
            _ => Some(self.sign(c)),
        })
    }

    /// Passes over the longer opening, or else the shorter, which is known to be there. Each closes itself.
    fn opened(&mut self, longer: &'static str, shorter: &'static str) -> &'static str {
        let opening = if self.rest().starts_with(longer) { longer } else { shorter };
        self.at += opening.len();
        opening
    }

    fn name(&mut self, first: char) -> Kind {
        let mut name = self.take_while(|c| c == '_' || c.is_alphanumeric());
        if let Some(end) = self.peek().filter(|c| matches!(c, '?' | '!') && !self.rest()[1..].starts_with('=')) {
            name.push(end);
            self.at += 1;
        }
        let is_key = self.rest().starts_with(':') && !self.rest().starts_with("::");
        if is_key && self.rest()[1..].starts_with(|c: char| c.is_whitespace()) {
            self.at += 1;
            Kind::Key(name)
        } else if first.is_ascii_uppercase() {
            Kind::Alias(name)
        } else {
            Kind::Name(name)
        }
    }

    fn atom(&mut self) -> Result<Kind, ElixirError> {
        if self.take("::") {
            return Ok(Kind::Sign("::"));
        }
        self.at += 1;
        if self.peek() == Some('"') {
            let quoted = self.quoted()?;
            return Ok(match quoted {
                Kind::Text(parts) => plain(&parts).map_or(Kind::Other, Kind::Atom),
                other => other,
            });
        }
        let name = self.take_while(|c| c == '_' || c == '@' || c.is_alphanumeric());
        if name.is_empty() {
            // An atom of signs, such as `:+`.
            self.take_while(|c| "+-*/<>=!&|.^~".contains(c));
            return Ok(Kind::Other);
        }
        let end = self.peek().filter(|c| matches!(c, '?' | '!')).map(|c| c.to_string()).unwrap_or_default();
        self.at += end.len();
        Ok(Kind::Atom(name + &end))
    }

    /// A string or heredoc of double quotes, or a quoted key.
    fn quoted(&mut self) -> Result<Kind, ElixirError> {
        let start = self.at;
        let closing = self.opened("\"\"\"", "\"");
        let heredoc = closing.len() > 1;
        let parts = self.text_until(closing, start, true, "string")?;
        let is_key = !heredoc && self.rest().starts_with(':') && self.rest()[1..].starts_with(|c: char| c.is_whitespace());
        match plain(&parts).filter(|_| is_key) {
            Some(key) => {
                self.at += 1;
                Ok(Kind::Key(key))
            }
            None => Ok(Kind::Text(parts)),
        }
    }

    fn sigil(&mut self) -> Result<Option<Kind>, ElixirError> {
        let start = self.at;
        self.at += 1;
        let letters = self.take_while(|c| c.is_ascii_alphanumeric());
        let closing = match self.rest() {
            _ if letters.is_empty() => return Ok(Some(Kind::Other)),
            rest if rest.starts_with("\"\"\"") => "\"\"\"",
            rest if rest.starts_with("'''") => "'''",
            rest => match rest.chars().next() {
                Some('(') => ")",
                Some('[') => "]",
                Some('{') => "}",
                Some('<') => ">",
                Some('"') => "\"",
                Some('\'') => "'",
                Some('/') => "/",
                Some('|') => "|",
                _ => return Ok(Some(Kind::Other)),
            },
        };
        self.at += closing.len();
        let interpolates = letters.starts_with(|c: char| c.is_ascii_lowercase());
        let parts = self.text_until(closing, start, interpolates, "sigil")?;
        let modifiers = self.take_while(|c| c.is_ascii_alphabetic());
        if !matches!(letters.as_str(), "w" | "W") || !matches!(modifiers.as_str(), "" | "s") {
            return Ok(Some(Kind::Other));
        }
        Ok(Some(Kind::Words(plain(&parts).map(|text| text.split_whitespace().map(str::to_owned).collect()))))
    }

    /// Everything up to `closing`, which is passed over.
    fn text_until(
        &mut self,
        closing: &'static str,
        start: usize,
        interpolates: bool,
        what: &'static str,
    ) -> Result<Vec<Part>, ElixirError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        loop {
            if self.take(closing) {
                break;
            }
            if interpolates && self.take("#{") {
                parts.push(Part::Plain(std::mem::take(&mut plain)));
                parts.push(Part::Code(self.code(start, what)?));
                continue;
            }
            let c = self.peek().ok_or_else(|| self.endless(start, what))?;
            self.at += c.len_utf8();
            if c == '\\' && interpolates {
                let escaped = self.peek().ok_or_else(|| self.endless(start, what))?;
                self.at += escaped.len_utf8();
                match escaped {
                    '\n' => {}
                    'n' => plain.push('\n'),
                    't' => plain.push('\t'),
                    's' => plain.push(' '),
                    'r' => plain.push('\r'),
                    // Numbers are left as they are written: nothing that is compared here has them.
                    'x' | 'u' => plain.extend(['\\', escaped]),
                    other => plain.push(other),
                }
            } else {
                plain.push(c);
            }
        }
        parts.push(Part::Plain(plain));
        parts.retain(|part| !matches!(part, Part::Plain(text) if text.is_empty()));
        Ok(parts)
    }

    /// The inside of `#{…}`: braces and strings in it are balanced.
    fn code(&mut self, start: usize, what: &'static str) -> Result<Range<usize>, ElixirError> {
        let begin = self.at;
        let mut depth = 0_usize;
        loop {
            match self.peek().ok_or_else(|| self.endless(start, what))? {
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                '{' => depth += 1,
                '"' => {
                    self.at += 1;
                    self.take_while(|c| c != '"');
                }
                _ => {}
            }
            self.at += self.peek().map_or(0, char::len_utf8);
        }
        self.at += 1;
        Ok(begin..self.at - 1)
    }

    fn sign(&mut self, c: char) -> Kind {
        let known = SIGNS.into_iter().find(|sign| self.rest().starts_with(sign));
        self.at += known.map_or(c.len_utf8(), str::len);
        known.map_or(Kind::Other, Kind::Sign)
    }

    fn endless(&self, start: usize, what: &'static str) -> ElixirError {
        ElixirError::Unterminated { at: Location::of(self.file, self.text, start), what }
    }
}

/// The text of a string without code in it.
pub(super) fn plain(parts: &[Part]) -> Option<String> {
    let texts = parts.iter().map(|part| if let Part::Plain(text) = part { Some(text.as_str()) } else { None });
    texts.collect()
}
