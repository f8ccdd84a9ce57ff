//! Where a text stops being a checksum map, and why.

use super::MOST_BYTES;

/// Text that is no checksum map, and where it stops being one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChecksumSyntax {
    /// Something else stands where a part of the map should be.
    #[error("line {line}, column {column}: expected {expected}, found {found}")]
    Unexpected {
        /// Line, from 1.
        line: u32,
        /// Column in characters, from 1.
        column: u32,
        /// What should be there.
        expected: Expected,
        /// What is there.
        found: String,
    },
    /// A string that would be evaluated.
    #[error("line {line}, column {column}: `#{{` in a string runs code; a checksum map holds plain strings only")]
    Code {
        /// Line, from 1.
        line: u32,
        /// Column in characters, from 1.
        column: u32,
    },
    /// A value that is no SHA-256 digest.
    #[error("line {line}: the checksum of `{file_name}` is `{value}`, not `sha256:` and 64 lowercase hexadecimal characters")]
    Value {
        /// Line, from 1.
        line: u32,
        /// The entry.
        file_name: String,
        /// What stands there.
        value: String,
    },
    /// One name, two lines.
    #[error("line {line}: `{file_name}` stands on line {first} already")]
    Twice {
        /// Line of the second, from 1.
        line: u32,
        /// The entry.
        file_name: String,
        /// Line of the first.
        first: u32,
    },
    /// Longer than any real map.
    #[error("the file has {bytes} bytes; a checksum map has {MOST_BYTES} at most")]
    Long {
        /// Its length.
        bytes: usize,
    },
}

/// A part of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Expected {
    /// The beginning.
    #[error("`%{{`")]
    Opening,
    /// A string.
    #[error("a string in double quotes")]
    String,
    /// Between name and digest.
    #[error("`=>`")]
    Arrow,
    /// Between two entries.
    #[error("`,` or `}}`")]
    Comma,
    /// Nothing more.
    #[error("the end of the file after the map")]
    End,
    /// The end of a string.
    #[error("the closing `\"` of the string")]
    Quote,
    /// The rest of an escape sequence.
    #[error("an escape sequence of a plain string")]
    Escape,
}
