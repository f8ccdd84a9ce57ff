//! The steps of a change as data, so that a test can stop after any of them.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use plimsoll_model::Failure;
use plimsoll_store::platform;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operation {
    /// Makes a folder with those above it, or finds it there.
    MakeFolder(PathBuf),
    /// Writes a file of the journal's own, to the disk.
    Write { path: PathBuf, bytes: Vec<u8>, mode: u32 },
    /// Replaces a file.
    Rename { from: PathBuf, to: PathBuf },
    /// Removes a file.
    Remove(PathBuf),
    /// Removes a folder with everything in it, if it is there.
    RemoveFolder(PathBuf),
    /// Brings the names in a folder to the disk.
    Sync(PathBuf),
}

impl Operation {
    /// Does it.
    pub(super) fn run(&self) -> Result<(), Failure> {
        let (path, done) = match self {
            Self::MakeFolder(path) => (path, make_folder(path)),
            Self::Write { path, bytes, mode } => (path, write(path, bytes, *mode)),
            Self::Rename { from, to } => (to, fs::rename(from, to)),
            Self::Remove(path) => (path, fs::remove_file(path)),
            Self::RemoveFolder(path) => (path, remove_folder(path)),
            Self::Sync(path) => (path, platform::sync_folder(path)),
        };
        done.map_err(|error| Failure::io(path, &error))
    }
}

/// Does one after the other, up to the first that fails.
pub(super) fn run(operations: &[Operation]) -> Result<(), Failure> {
    operations.iter().try_for_each(Operation::run)
}

fn remove_folder(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        // An undoing that was stopped itself may have removed it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    match fs::create_dir(path) {
        // Of an undoing that was stopped itself; a link would lead elsewhere.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && fs::symlink_metadata(path)?.is_dir() => Ok(()),
        other => other,
    }
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    // One of an undoing that was stopped may be there, and read-only.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = platform::make_private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(bytes)?;
    // Not in `mode`: the umask does not concern a file that replaces another.
    platform::set_mode_of_open(&file, mode)?;
    file.sync_all()
}
