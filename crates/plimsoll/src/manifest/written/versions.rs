//! `[version]`, as it is written.

use std::ops::Range;

use super::{Strings, Written};

/// `[version]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionTable {
    /// Place of the table.
    pub span: Range<usize>,
    /// `source`.
    pub source: Option<VersionEntry>,
    /// `copies`.
    pub copies: Vec<VersionEntry>,
    /// `tag`.
    pub tag: Option<Written<String>>,
    /// `changelog`.
    pub changelog: Option<Written<String>>,
    /// `maintainer`.
    pub maintainer: Option<Written<String>>,
    /// `line`.
    pub line: Option<Strings>,
}

/// `version.source`, or one of `version.copies`: a file's path, or a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionEntry {
    /// The string, or `file`.
    pub file: Written<String>,
    /// `pattern`: one expression, or three.
    pub pattern: Option<Written<Vec<String>>>,
    /// `dialect`.
    pub dialect: Option<Written<String>>,
    /// `count`.
    pub count: Option<Written<i64>>,
}
