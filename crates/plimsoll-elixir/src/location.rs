//! Where something stands in a source, and what reading it came to.

use std::fmt;

/// A place in a source file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// Relative to the project.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

impl Location {
    /// The place of a byte of `text`.
    pub(super) fn of(file: &str, text: &str, offset: usize) -> Self {
        let before = &text[..text.floor_char_boundary(offset)];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { file: file.to_owned(), line, column }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// What reading one setting came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read<T> {
    /// A literal, or something that leads to one.
    Found {
        /// What it says.
        value: T,
        /// Where the setting stands.
        at: Location,
    },
    /// It is not there.
    Absent,
    /// It is there and is no literal: what it comes to is known to Elixir only.
    NotLiteral {
        /// Where it stands.
        at: Location,
        /// Its beginning, as it is written.
        written: String,
    },
    /// Elixir says what it comes to, and that is no such setting.
    Unfit {
        /// Where it stands.
        at: Location,
        /// What it is, as Elixir shows it.
        found: String,
    },
}

impl<T> Read<T> {
    /// The value, where it was read.
    pub fn value(&self) -> Option<&T> {
        if let Self::Found { value, .. } = self { Some(value) } else { None }
    }

    /// Where the setting stands, if it is there.
    pub fn at(&self) -> Option<&Location> {
        match self {
            Self::Found { at, .. } | Self::NotLiteral { at, .. } | Self::Unfit { at, .. } => Some(at),
            Self::Absent => None,
        }
    }
}

/// A source that cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ElixirError {
    /// Something has no end.
    #[error("{at}: this {what} has no end")]
    Unterminated {
        /// Where it begins.
        at: Location,
        /// What: a string, a sigil, a list.
        what: &'static str,
    },
    /// Nested deeper than any real source.
    #[error("{at}: nested more than {limit} levels deep")]
    Deep {
        /// Where.
        at: Location,
        /// How deep is read.
        limit: usize,
    },
    /// Longer than any real source.
    #[error("{file} has {bytes} bytes; an Elixir source is read up to {limit}")]
    Long {
        /// The file.
        file: String,
        /// Its length.
        bytes: usize,
        /// How much is read.
        limit: usize,
    },
}
