//! Folders of a project whose cores are compiled with toolchains of their own.

use std::path::{Path, PathBuf};

use super::Wishes;
use plimsoll_exec::toolchain_pin::Pin;

impl Wishes {
    /// The same for what is built in these folders of the project.
    pub(in crate::cli) fn built_in(self, folders: Vec<String>) -> Self {
        Self { folders, ..self }
    }

    /// Where what is built is compiled with a toolchain of its own; the first is the project's usual one.
    pub(super) fn toolchain_folders(&self, project: &Path) -> Vec<PathBuf> {
        let inside = |path: &String| project.join(path).canonicalize().ok().filter(|folder| folder.starts_with(project));
        let mut folders = self.folders.iter().filter_map(inside).collect::<Vec<_>>();
        let mut pins = Vec::new();
        folders.retain(|folder| {
            let pin = Pin::of(folder);
            let is_new = !pins.contains(&pin);
            pins.push(pin);
            is_new
        });
        if folders.is_empty() {
            folders.push(project.to_owned());
        }
        folders
    }
}
