//! The journal's file: which files are being replaced, from which bytes to which.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use plimsoll_model::{Class, Digest, Failure};
use serde::{Deserialize, Serialize};

use crate::io_failure;

/// The form of the file.
const FORM: u32 = 1;

/// Everything that is being replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    form: u32,
    /// In the order of their backups.
    pub files: Vec<Entry>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Relative to the project.
    pub path: PathBuf,
    /// Its bytes before.
    pub old: Digest,
    /// Its bytes after.
    pub new: Digest,
    /// Its permissions.
    pub mode: u32,
}

impl Record {
    pub(super) fn new(files: Vec<Entry>) -> Self {
        Self { form: FORM, files }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        plimsoll_model::document_json(self)
    }

    /// The record at `path`; none where there is no file.
    ///
    /// # Errors
    /// Where it cannot be read or is of another form: it may be another version's, and must not be thrown away.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Failure> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_failure(path, &error)),
        };
        let inside = |entry: &Entry| entry.path.components().all(|part| matches!(part, Component::Normal(_)));
        let record = serde_json::from_slice::<Self>(&bytes).ok().filter(|record| record.form == FORM && record.files.iter().all(inside));
        record.map(Some).ok_or_else(|| {
            Failure::new(Class::NotProven, "version-journal", "is no journal that this plimsoll can read")
                .about(path.display().to_string())
                .hint("use the plimsoll that wrote it, or put the files back by hand (`old/` beside it holds them) and delete the folder")
        })
    }
}
