//! The store: blobs named by their digest, actions remembered by their key, work folders, and the locks around them.
//!
//! Nothing here knows what an action means or starts a program. Every file appears by rename, so a process that is killed at any point
//! leaves either nothing or a whole file; everything that is read back is checked against its digest, so a flipped bit is a miss.

pub mod actions;
pub mod blobs;
pub mod durable;
pub mod error;
pub mod locks;
pub mod outputs;
pub mod plain_file;
pub mod platform;
pub mod programs;
pub mod scratch;
pub mod stat_memory;
pub mod trim;
pub mod work;

use std::fs::File;
use std::path::{Path, PathBuf};

pub use actions::{ActionKey, ActionRecord, KeyBuilder, Output};
pub use blobs::BlobWriter;
pub use error::StoreError;
pub use locks::{Guard, Patience};
pub use stat_memory::StatMemory;
pub use work::{Mirrored, WorkFolder};

use error::{InStore, io_error};

/// Form of the store's folders; another number is another folder, so that versions do not trip over each other.
const LAYOUT: &str = "v1";

/// A store on disk. Holding one keeps [`trim`](Store::trim) by other processes out.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    audit: bool,
    patience: Patience,
    _in_use: File,
}

impl Store {
    /// Opens the store below `folder`, making what is missing.
    ///
    /// # Errors
    /// Where the folder cannot be made, written or locked.
    pub fn open(folder: &Path) -> InStore<Self> {
        Self::open_with(folder, Patience::default())
    }

    /// As [`Store::open`], with something to say about waiting for other processes.
    ///
    /// # Errors
    /// As [`Store::open`], and where waiting was stopped.
    pub fn open_with(folder: &Path, patience: Patience) -> InStore<Self> {
        let root = folder.join(LAYOUT);
        for part in ["blobs", "actions", "work", "roots", "temporary", "locks"] {
            let path = root.join(part);
            std::fs::create_dir_all(&path).map_err(io_error("make", &path))?;
        }
        // Programs are started in other folders, with paths of the store.
        let root = root.canonicalize().map_err(io_error("resolve", &root))?;
        let in_use = locks::shared(&root.join("in-use.lock"), &patience)?;
        Ok(Self { root, audit: false, patience, _in_use: in_use })
    }

    /// Whether everything is done again, and what is remembered only compared with: [`StoreError::NotTheSame`] where bytes differ.
    #[must_use]
    pub fn auditing(self, audit: bool) -> Self {
        Self { audit, ..self }
    }

    /// Whether the store audits.
    pub const fn is_auditing(&self) -> bool {
        self.audit
    }

    /// The store's own folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder that the store was opened below: for what is kept beside it.
    pub fn folder(&self) -> PathBuf {
        self.root.parent().unwrap_or(&self.root).to_owned()
    }

    /// Where clean roots are kept.
    pub fn roots(&self) -> PathBuf {
        self.root.join("roots")
    }

    /// A private folder for work in progress; removed when dropped. On the same file system as the blobs.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn temporary_folder(&self) -> InStore<tempfile::TempDir> {
        let parent = self.root.join("temporary");
        tempfile::Builder::new().prefix("work-").tempdir_in(&parent).map_err(io_error("make a folder in", &parent))
    }
}
