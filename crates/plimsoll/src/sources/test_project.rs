//! For tests: a folder for projects and their surroundings.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use plimsoll_exec::launcher::Launcher;

/// A folder, and a store; what is done with them is said where it is tested.
pub(crate) struct TestProject {
    pub folder: TempDir,
    pub store: TempDir,
    pub launcher: Launcher,
}

impl TestProject {
    pub fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), store: TempDir::new().unwrap(), launcher: Launcher::new().unwrap() }
    }

    /// A path below the folder, canonical.
    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name).components().collect()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}
