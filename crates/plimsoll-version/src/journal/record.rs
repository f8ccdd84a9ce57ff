//! The journal's file: which files are being replaced, from which bytes to which.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use plimsoll_model::{Class, Digest, Failure};
use serde::{Deserialize, Serialize};

use super::STAGING;
use plimsoll_exec::git;

/// The form of the file. The first one was that of journals in the project itself.
const FORM: u32 = 2;

/// Everything that is being replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    form: u32,
    /// The inode of the project's folder.
    root: u64,
    /// The folder of the project in which new contents are staged.
    pub staging: String,
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
    pub(super) fn new(root: u64, staging: String, files: Vec<Entry>) -> Self {
        Self { form: FORM, root, staging, files }
    }

    /// Whether it was written for the folder of this inode.
    pub(super) const fn is_of(&self, root: u64) -> bool {
        self.root == root
    }

    /// Whether it names nothing but what a change of versions may touch. This machine wrote it, but what it says is written over.
    fn is_sound(&self) -> bool {
        let inside = |path: &Path| path.components().all(|part| matches!(part, Component::Normal(_))) && !git::lies_in_git(path);
        let staging = Path::new(&self.staging);
        let own = self.staging.starts_with(STAGING) && staging.components().count() == 1;
        self.form == FORM && own && inside(staging) && self.files.iter().all(|entry| inside(&entry.path))
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
            Err(error) => return Err(Failure::io(path, &error)),
        };
        let record = serde_json::from_slice::<Self>(&bytes).ok().filter(Self::is_sound);
        record.map(Some).ok_or_else(|| {
            Failure::new(Class::NotProven, "version-journal", "is no journal that this plimsoll can read")
                .about(path.display().to_string())
                .hint("use the plimsoll that wrote it, or put the files back by hand (`old/` beside it holds them) and delete the folder")
        })
    }
}
