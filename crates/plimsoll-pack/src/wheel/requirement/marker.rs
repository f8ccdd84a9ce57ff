//! When a requirement holds: `python_version < "3.9" and os_name == "nt"`. Read to be sure that installers can; never evaluated.

use std::fmt;

use crate::shown::shown;

/// A condition, as its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marker(Vec<Word>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    Open,
    Close,
    And,
    Or,
    /// `==`, `not in`.
    Operator(&'static str),
    Variable(&'static str),
    /// What stood between quotes.
    Text(String),
}

/// What markers know of where they are evaluated.
const VARIABLES: [&str; 14] = [
    "python_version",
    "python_full_version",
    "os_name",
    "sys_platform",
    "platform_release",
    "platform_system",
    "platform_version",
    "platform_machine",
    "platform_python_implementation",
    "implementation_name",
    "implementation_version",
    "extra",
    "extras",
    "dependency_groups",
];
/// The longer ones first.
const OPERATORS: [&str; 8] = ["===", "~=", "==", "!=", "<=", ">=", "<", ">"];
/// So deep that nobody writes it, and no stack ends.
const DEEPEST: usize = 64;

impl Marker {
    /// Reads what follows `;`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let words = words(text)?;
        let mut reader = Reader { words: &words, at: 0, depth: 0 };
        reader.any()?;
        match reader.next() {
            None => Ok(Self(words)),
            Some(word) => Err(format!("its marker goes on with `{word}`")),
        }
    }

    /// Whether it must stand in `(…)` before an `and`.
    pub(super) fn has_or(&self) -> bool {
        self.0.contains(&Word::Or)
    }
}

fn words(text: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, after) = match first {
            '(' => (Word::Open, &rest[1..]),
            ')' => (Word::Close, &rest[1..]),
            '"' | '\'' => {
                let (inner, after) = rest[1..].split_once(first).ok_or("a quote in its marker is not closed")?;
                (Word::Text(inner.to_owned()), after)
            }
            _ if first.is_ascii_alphabetic() => named(rest)?,
            _ => {
                let operator = OPERATORS.into_iter().find(|operator| rest.starts_with(operator));
                let operator =
                    operator.ok_or_else(|| format!("its marker has `{}` where an operator belongs", shown(&rest[..first.len_utf8()])))?;
                (Word::Operator(operator), &rest[operator.len()..])
            }
        };
        words.push(word);
        rest = after.trim_start();
    }
    Ok(words)
}

/// A word of letters, and what follows it.
fn named(rest: &str) -> Result<(Word, &str), String> {
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    let word = match name {
        "and" => Word::And,
        "or" => Word::Or,
        "in" => Word::Operator("in"),
        "not" => {
            let after = after.trim_start().strip_prefix("in").ok_or("its marker has `not` without `in`")?;
            return Ok((Word::Operator("not in"), after));
        }
        _ => {
            let known = VARIABLES.into_iter().find(|known| *known == name);
            Word::Variable(known.ok_or_else(|| format!("its marker has `{}`, which is nothing that markers know", shown(name)))?)
        }
    };
    Ok((word, after))
}

/// Goes through the words by the grammar.
struct Reader<'w> {
    words: &'w [Word],
    at: usize,
    depth: usize,
}

impl<'w> Reader<'w> {
    fn next(&mut self) -> Option<&'w Word> {
        let word = self.words.get(self.at);
        self.at += 1;
        word
    }

    fn takes(&mut self, wanted: &Word) -> bool {
        let is_it = self.words.get(self.at) == Some(wanted);
        self.at += usize::from(is_it);
        is_it
    }

    fn any(&mut self) -> Result<(), String> {
        loop {
            self.one()?;
            if !self.takes(&Word::And) && !self.takes(&Word::Or) {
                return Ok(());
            }
        }
    }

    fn one(&mut self) -> Result<(), String> {
        if self.takes(&Word::Open) {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err("its marker has too many `(`".to_owned());
            }
            self.any()?;
            self.depth -= 1;
            return if self.takes(&Word::Close) { Ok(()) } else { Err("a `(` in its marker is not closed".to_owned()) };
        }
        let early = "its marker ends too early";
        let left = self.next().ok_or(early)?;
        let operator = self.next().ok_or(early)?;
        let right = self.next().ok_or(early)?;
        match (left, operator, right) {
            (Word::Text(_), Word::Operator(_), Word::Text(_)) => Err("its marker compares two texts".to_owned()),
            (Word::Text(_) | Word::Variable(_), Word::Operator(_), Word::Text(_) | Word::Variable(_)) => Ok(()),
            (Word::Text(_) | Word::Variable(_), other, _) if !matches!(other, Word::Operator(_)) => {
                Err(format!("its marker has `{other}` where an operator belongs"))
            }
            (Word::Text(_) | Word::Variable(_), _, other) | (other, _, _) => Err(format!("its marker compares `{other}`")),
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("("),
            Self::Close => f.write_str(")"),
            Self::And => f.write_str("and"),
            Self::Or => f.write_str("or"),
            Self::Operator(word) | Self::Variable(word) => f.write_str(word),
            Self::Text(text) if text.contains('"') => write!(f, "'{text}'"),
            Self::Text(text) => write!(f, "\"{text}\""),
        }
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before: Option<&Word> = None;
        for word in &self.0 {
            let spaced = !matches!(before, None | Some(Word::Open)) && *word != Word::Close;
            write!(f, "{}{word}", if spaced { " " } else { "" })?;
            before = Some(word);
        }
        Ok(())
    }
}
