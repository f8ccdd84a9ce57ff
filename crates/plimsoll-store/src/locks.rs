//! Locks between processes. The system drops them when a process ends, however it ends.
//!
//! Waiting is told of, and can be stopped: a person at a terminal must be able to leave.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::Store;
use crate::error::{InStore, StoreError, io_error};

/// How often a waiting process looks again.
const PAUSE: Duration = Duration::from_millis(100);

/// What happens while another process holds a lock.
pub struct Patience {
    /// Whether to give up.
    pub stop: Box<dyn Fn() -> bool + Send + Sync>,
    /// Called once when waiting begins.
    pub waits: Box<dyn Fn() + Send + Sync>,
}

impl Default for Patience {
    /// Waits without a word, as long as it takes.
    fn default() -> Self {
        Self { stop: Box::new(|| false), waits: Box::new(|| {}) }
    }
}

impl std::fmt::Debug for Patience {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Patience")
    }
}

#[derive(Clone, Copy)]
enum Mode {
    Shared,
    Exclusive,
}

impl Patience {
    /// Locks an open file or folder, which nobody else then holds; waits for all who do.
    ///
    /// # Errors
    /// Where it cannot be locked, or waiting was stopped.
    pub fn hold(&self, file: &File, path: &Path) -> InStore<()> {
        hold(file, path, &self.stop, &mut || (self.waits)())
    }
}

/// As [`Patience::hold`], with what is at hand: `stop` says whether to give up, and `waits` is called once when waiting begins.
///
/// # Errors
/// As [`Patience::hold`].
pub fn hold(file: &File, path: &Path, stop: &dyn Fn() -> bool, waits: &mut dyn FnMut()) -> InStore<()> {
    acquire(file, path, Mode::Exclusive, stop, waits)
}

fn acquire(file: &File, path: &Path, mode: Mode, stop: &dyn Fn() -> bool, waits: &mut dyn FnMut()) -> InStore<()> {
    let mut told = false;
    loop {
        let tried = match mode {
            Mode::Shared => file.try_lock_shared(),
            Mode::Exclusive => file.try_lock(),
        };
        match tried {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Interrupted => return Err(io_error("lock", path)(error)),
            Err(_) => {}
        }
        if stop() {
            return Err(StoreError::Interrupted);
        }
        if !told {
            waits();
            told = true;
        }
        std::thread::sleep(PAUSE);
    }
}

fn open(path: &Path) -> InStore<File> {
    OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path).map_err(io_error("open", path))
}

/// A shared lock; waits for an exclusive holder.
pub(crate) fn shared(path: &Path, patience: &Patience) -> InStore<File> {
    let file = open(path)?;
    acquire(&file, path, Mode::Shared, &patience.stop, &mut || (patience.waits)())?;
    Ok(file)
}

/// An exclusive lock; waits for all other holders.
pub(crate) fn exclusive(path: &Path, patience: &Patience) -> InStore<File> {
    let file = open(path)?;
    patience.hold(&file, path)?;
    Ok(file)
}

/// Held as long as it lives.
#[derive(Debug)]
pub struct Guard {
    _file: File,
}

impl Store {
    /// What happens while others hold a lock, for locks beside the store.
    pub const fn patience(&self) -> &Patience {
        &self.patience
    }

    /// Waits until no other process holds `name`, then holds it. Used so that two processes do not do the same action twice.
    ///
    /// # Errors
    /// Where the lock file cannot be made, or waiting was stopped.
    pub fn lock(&self, name: &str) -> InStore<Guard> {
        let name = name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "_");
        Ok(Guard { _file: exclusive(&self.root.join("locks").join(name), &self.patience)? })
    }
}
