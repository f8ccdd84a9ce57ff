//! Writes what is one file: the bytes of the tree's only file, verified, as they are.

use std::io::Write;

use plimsoll_model::FileName;

use crate::blobs::{Blobs, FileEntry, copy};
use crate::error::PackError;
use crate::tree::{Entry, Tree};

pub(crate) fn pack(file_name: &FileName, tree: &Tree, blobs: &dyn Blobs, out: &mut dyn Write) -> Result<(), PackError> {
    let file_name = || file_name.to_string();
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
