//! Digests of files remembered by what `stat` says of them, so that an unchanged file is not read again.
//!
//! The change time is part of it: unlike the modification time no program can set it back, so new content with an old date is seen.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use plimsoll_model::{Digest, Hashed};
use serde::{Deserialize, Serialize};

use crate::error::{InStore, io_error};
use crate::{Store, platform};

/// What `stat` says: equal stamps mean an unchanged file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    pub(crate) size: u64,
    pub(crate) modified: (i64, i64),
    pub(crate) changed: (i64, i64),
    pub(crate) inode: u64,
    pub(crate) device: u64,
}

impl Stamp {
    /// The stamp of a file; none on a system that does not tell when a file was last changed in a way that no program can undo.
    pub fn of(metadata: &Metadata) -> Option<Self> {
        platform::stamp(metadata)
    }
}

/// Clocks of file systems tick coarsely: a file changed within this many seconds of being read could change again under the same stamp.
const TOO_FRESH_SECONDS: i64 = 2;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Table {
    digests: BTreeMap<PathBuf, (Stamp, Digest)>,
}

/// A table of remembered digests, kept in the store under a name.
#[derive(Debug)]
pub struct StatMemory {
    path: PathBuf,
    known: Table,
    seen: Table,
    changed: bool,
}

impl StatMemory {
    /// Reads the table `name`; an unreadable one counts as empty.
    pub fn load(store: &Store, name: &str) -> Self {
        let path = store.root().join("memory").join(format!("{name}.json"));
        let known = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Self { path, known, seen: Table::default(), changed: false }
    }

    /// The digest of a file, read only where `stat` says that it changed. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn digest(&mut self, path: &Path, metadata: &Metadata, now: i64) -> InStore<Digest> {
        let stamp = Stamp::of(metadata);
        if let Some((known, digest)) = self.known.digests.get(path)
            && Some(*known) == stamp
        {
            self.seen.digests.insert(path.to_owned(), (*known, *digest));
            return Ok(*digest);
        }
        self.changed = true;
        let mut file = fs::File::open(path).map_err(io_error("read", path))?;
        let digest = Hashed::read(&mut file).map_err(io_error("read", path))?.digest();
        if let Some(stamp) = stamp.filter(|stamp| stamp.changed.0 + TOO_FRESH_SECONDS < now) {
            self.seen.digests.insert(path.to_owned(), (stamp, digest));
        }
        Ok(digest)
    }

    /// Keeps the digests that were asked for since loading.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub fn save(&self, store: &Store) -> InStore<()> {
        if !self.changed && self.seen.digests.len() == self.known.digests.len() {
            return Ok(());
        }
        store.write_whole(&self.path, &serde_json::to_vec(&self.seen).unwrap_or_default())
    }
}
