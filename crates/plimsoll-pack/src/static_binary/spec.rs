//! The spec of a bare binary: what it is called. Its bytes are the file's own.

use plimsoll_model::FileName;

/// How a bare binary is packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticSpec {
    file_name: FileName,
}

impl StaticSpec {
    /// The spec of a bare binary.
    pub const fn new(file_name: FileName) -> Self {
        Self { file_name }
    }

    /// The file's name.
    pub const fn file_name(&self) -> &FileName {
        &self.file_name
    }
}
