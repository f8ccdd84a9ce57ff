//! What is one file without a container: its spec is its name, and its bytes are those of the tree's only file, verified, as they are.

use std::io::Write;

use plimsoll_model::FileName;

use crate::blobs::{Blobs, FileEntry, copy};
use crate::error::PackError;
use crate::tree::{Entry, Tree};

/// How what has no container is packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneFileSpec {
    file_name: FileName,
}

impl OneFileSpec {
    /// The spec of a file of that name.
    pub const fn new(file_name: FileName) -> Self {
        Self { file_name }
    }

    /// The file's name.
    pub const fn file_name(&self) -> &FileName {
        &self.file_name
    }
}

pub(crate) fn pack(spec: &OneFileSpec, tree: &Tree, blobs: &dyn Blobs, out: &mut dyn Write) -> Result<(), PackError> {
    let file_name = || spec.file_name.to_string();
    let mut entries = tree.iter();
    match (entries.next(), entries.next()) {
        (None, _) => Err(PackError::Empty { file_name: file_name() }),
        (Some((path, &Entry::File { digest, size, .. })), None) => copy(FileEntry { path, digest, size }, blobs, out)
            .map_err(|error| PackError::copying(error, |source| PackError::Write { file_name: file_name(), source })),
        _ => {
            let files = tree.iter().filter(|(_, entry)| matches!(entry, Entry::File { .. })).count();
            Err(PackError::NotOneFile { file_name: file_name(), files, links: tree.len() - files })
        }
    }
}
