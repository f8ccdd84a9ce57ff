//! What the store holds, and making it smaller. Waits until no other process uses the store.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::error::{InStore, StoreError, io_error};
use crate::{LAYOUT, Store, locks};

/// Sizes in bytes and counts, by what they are for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Files by digest.
    pub blobs: Part,
    /// Remembered actions.
    pub actions: Part,
    /// Mirrors and target folders.
    pub work: Part,
    /// Clean roots.
    pub roots: Part,
    /// Left over from processes that were killed.
    pub temporary: Part,
}

/// One part of the store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Number of files.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
}

/// What [`trim`](Trim::run) may remove.
#[derive(Debug, Clone, Copy)]
pub struct Trim {
    /// Records and blobs that were not used for this long.
    pub unused_for: Duration,
    /// Work folders too, whatever their age.
    pub work: bool,
    /// Clean roots too, whatever their age.
    pub roots: bool,
}

impl Store {
    /// Measures the store.
    pub fn usage(&self) -> Usage {
        let part = |name| measure(&self.root().join(name));
        Usage { blobs: part("blobs"), actions: part("actions"), work: part("work"), roots: part("roots"), temporary: part("temporary") }
    }
}

impl Trim {
    /// Removes what `self` names from the store below `folder`, and what killed processes left; gives back the bytes freed.
    ///
    /// Waits for processes that have the store open. `now` decides what is old.
    ///
    /// # Errors
    /// Where something cannot be listed or removed.
    pub fn run(self, folder: &Path, now: SystemTime) -> InStore<u64> {
        drop(Store::open(folder)?);
        let root = folder.join(LAYOUT);
        let _alone = locks::exclusive(&root.join("in-use.lock"))?;
        let before = measure(&root).bytes;
        let old = |path: &Path| {
            let modified = fs::metadata(path).and_then(|metadata| metadata.modified()).unwrap_or(now);
            now.duration_since(modified).is_ok_and(|age| age >= self.unused_for)
        };
        let mut kept = BTreeSet::new();
        for record in files_below(&root.join("actions")) {
            if old(&record) {
                remove_file(&record)?;
            } else {
                kept.extend(outputs_of(&record));
            }
        }
        for blob in files_below(&root.join("blobs")) {
            let name = blob.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !kept.contains(&name) && old(&blob) {
                remove_file(&blob)?;
            }
        }
        let whole = [("temporary", true), ("work", self.work), ("roots", self.roots)];
        for (part, _) in whole.iter().filter(|(_, chosen)| *chosen) {
            empty_folder(&root.join(part))?;
        }
        Ok(before.saturating_sub(measure(&root).bytes))
    }
}

/// Digests that a record's outputs name; an unreadable record names none.
fn outputs_of(record: &Path) -> Vec<String> {
    let value: serde_json::Value = fs::read(record).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let outputs = value["record"]["outputs"].as_object().cloned().unwrap_or_default();
    outputs.values().filter_map(|output| output["digest"].as_str().map(str::to_owned)).collect()
}

fn remove_file(path: &Path) -> InStore<()> {
    fs::remove_file(path).map_err(io_error("remove", path))
}

fn empty_folder(path: &Path) -> InStore<()> {
    for entry in fs::read_dir(path).map_err(io_error("list", path))? {
        let entry = entry.map_err(io_error("list", path))?.path();
        let removed = if entry.is_dir() && !entry.is_symlink() { fs::remove_dir_all(&entry) } else { fs::remove_file(&entry) };
        removed.map_err(|source| StoreError::Io { action: "remove", path: entry, source })?;
    }
    Ok(())
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => waiting.push(entry.path()),
                Ok(_) => found.push(entry.path()),
                Err(_) => {}
            }
        }
    }
    found
}

fn measure(folder: &Path) -> Part {
    files_below(folder)
        .iter()
        .filter_map(|path| fs::symlink_metadata(path).ok())
        .fold(Part::default(), |part, metadata| Part { files: part.files + 1, bytes: part.bytes + metadata.len() })
}
