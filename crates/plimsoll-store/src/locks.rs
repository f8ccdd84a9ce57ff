//! Locks between processes. The system drops them when a process ends, however it ends.

use std::fs::{File, OpenOptions};
use std::path::Path;

use crate::Store;
use crate::error::{InStore, io_error};

fn open(path: &Path) -> InStore<File> {
    OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path).map_err(io_error("open", path))
}

/// A shared lock; waits for an exclusive holder.
pub(crate) fn shared(path: &Path) -> InStore<File> {
    let file = open(path)?;
    file.lock_shared().map_err(io_error("lock", path))?;
    Ok(file)
}

/// An exclusive lock; waits for all other holders.
pub(crate) fn exclusive(path: &Path) -> InStore<File> {
    let file = open(path)?;
    file.lock().map_err(io_error("lock", path))?;
    Ok(file)
}

/// Held as long as it lives.
#[derive(Debug)]
pub struct Guard {
    _file: File,
}

impl Store {
    /// Waits until no other process holds `name`, then holds it. Used so that two processes do not do the same action twice.
    ///
    /// # Errors
    /// Where the lock file cannot be made.
    pub fn lock(&self, name: &str) -> InStore<Guard> {
        let name = name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "_");
        Ok(Guard { _file: exclusive(&self.root.join("locks").join(name))? })
    }
}
