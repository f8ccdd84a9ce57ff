//! What the manifest says about the version: plain data.

use super::dialect::Dialect;
use super::format::{Format, Pattern};
use super::line::LineFile;
use super::tag::TagForm;

/// `[version]`, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionSpec {
    /// The file that a person edits.
    pub source: VersionFile,
    /// Files that repeat it.
    pub copies: Vec<VersionFile>,
    /// The form of release tags.
    pub tag: TagForm,
    /// The changelog, relative to the project.
    pub changelog: Option<String>,
    /// Who signs new entries of packagings' changelogs, `Name <address>`; else it is asked of git.
    pub maintainer: Option<String>,
    /// Files that are written with the version's line.
    pub line: Vec<LineFile>,
}

impl VersionSpec {
    /// The names that headings of the changelog may have: that in the form of tags, which is one release's alone, else `others`.
    pub fn names(&self, others: &[String]) -> Vec<String> {
        self.tag.name().map_or_else(|| others.to_vec(), |name| vec![name.to_owned()])
    }
}

/// One file, and how it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionFile {
    /// Relative to the project, with `/`.
    pub file: String,
    /// How its places are found.
    pub reading: Reading,
    /// How many places it must have.
    pub count: Option<usize>,
}

/// How the places of a file are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// By the file's name.
    Known(Format),
    /// By a pattern, in a dialect.
    Pattern(Pattern, Dialect),
}
