//! A session's folder on this machine: made with what every step needs, and removed with whatever steps left in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plimsoll_store::platform;
use tempfile::TempDir;

use super::removal;
use crate::enter::{HOME, WORK};

const SCRATCH: &str = "scratch";

/// The folder; gone when it is dropped.
#[derive(Debug)]
pub(super) struct Folder {
    folder: TempDir,
}

impl Folder {
    pub(super) fn new(parent: &Path) -> io::Result<Self> {
        // With a space, because users have them. For nobody else: a step can make a program that anybody who finds it runs as its owner.
        let folder = platform::temporary(0o700).prefix("session ").tempdir_in(parent)?;
        let made = Self { folder };
        for name in [WORK, HOME] {
            fs::create_dir_all(made.scratch().join(name))?;
        }
        Ok(made)
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn scratch(&self) -> PathBuf {
        self.path().join(SCRATCH)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the store's next trim; a session that has ended well is no failure for it.
        let _ = removal::empty(self.path());
    }
}
