//! Goes through a text character by character and knows where it is; reads Elixir's double-quoted strings without evaluating anything.

use super::error::{ChecksumSyntax, Expected};

/// Longest string that is read, in bytes: names of files have no more than 255.
const MOST_STRING: usize = 1024;

pub(super) struct Scan<'text> {
    rest: &'text str,
    pub line: u32,
    pub column: u32,
}

impl<'text> Scan<'text> {
    pub fn new(text: &'text str) -> Self {
        Self { rest: text, line: 1, column: 1 }
    }

    pub fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.rest = &self.rest[c.len_utf8()..];
        if c == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(c)
    }

    /// Passes over white space and comments.
    pub fn skip(&mut self) {
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\r' | '\n' => {
                    self.next();
                }
                '#' => while self.peek().is_some_and(|c| c != '\n') && self.next().is_some() {},
                _ => return,
            }
        }
    }

    /// Takes a word of signs, if it is what comes.
    pub fn take(&mut self, word: &str) -> bool {
        if !self.rest.starts_with(word) {
            return false;
        }
        word.chars().for_each(|_| {
            self.next();
        });
        true
    }

    pub fn wrong(&self, expected: Expected) -> ChecksumSyntax {
        let found = self.rest.chars().take(12).collect::<String>().escape_debug().to_string();
        let found = if found.is_empty() { "the end of the file".to_owned() } else { format!("`{found}`") };
        ChecksumSyntax::Unexpected { line: self.line, column: self.column, expected, found }
    }

    /// A string in double quotes.
    pub fn string(&mut self) -> Result<String, ChecksumSyntax> {
        if !self.take("\"") {
            return Err(self.wrong(Expected::String));
        }
        let mut text = String::new();
        while text.len() <= MOST_STRING {
            if self.rest.starts_with("#{") {
                return Err(ChecksumSyntax::Code { line: self.line, column: self.column });
            }
            match self.peek() {
                None | Some('\n') => return Err(self.wrong(Expected::Quote)),
                Some('"') => {
                    self.next();
                    return Ok(text);
                }
                Some('\\') => text.push(self.escape()?),
                Some(c) => {
                    text.push(c);
                    self.next();
                }
            }
        }
        Err(self.wrong(Expected::Quote))
    }

    /// One escape sequence ("Strings" in Elixir's syntax reference). Of the numbers only `\xHH` below 128 and `\u` are taken.
    fn escape(&mut self) -> Result<char, ChecksumSyntax> {
        self.next();
        let c = self.peek().ok_or_else(|| self.wrong(Expected::Escape))?;
        let plain = match c {
            '"' | '\\' | '#' => c,
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            's' => ' ',
            'x' | 'u' => return self.number(c),
            _ => return Err(self.wrong(Expected::Escape)),
        };
        self.next();
        Ok(plain)
    }

    fn number(&mut self, letter: char) -> Result<char, ChecksumSyntax> {
        self.next();
        let braced = self.take("{");
        let most = match (braced, letter) {
            (true, _) => 6,
            (false, 'x') => 2,
            (false, _) => 4,
        };
        let mut value = 0_u32;
        let mut digits = 0;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(16)).filter(|_| digits < most) {
            value = value * 16 + digit;
            digits += 1;
            self.next();
        }
        let ended = if braced { digits > 0 && self.take("}") } else { digits == most };
        let fits = letter == 'u' || value < 128;
        char::from_u32(value).filter(|_| ended && fits).ok_or_else(|| self.wrong(Expected::Escape))
    }
}
