//! The spec of a file: what it is called. Its bytes are its own.

use plimsoll_model::FileName;

/// How a file is packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSpec {
    file_name: FileName,
}

impl FileSpec {
    /// The spec of a file.
    pub const fn new(file_name: FileName) -> Self {
        Self { file_name }
    }

    /// The file's name.
    pub const fn file_name(&self) -> &FileName {
        &self.file_name
    }
}
