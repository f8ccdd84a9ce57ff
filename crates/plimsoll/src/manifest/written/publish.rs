//! `[publish.pypi]`, as it is written.

use std::ops::Range;

use super::Written;

/// `[publish.pypi]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PypiTable {
    /// Where it stands.
    pub place: Range<usize>,
    /// Where `repository` stands, if it is there.
    pub repository: Option<Range<usize>>,
    /// `repository.upload`.
    pub upload: Option<Written<String>>,
    /// `repository.index`.
    pub index: Option<Written<String>>,
}
