//! What the store holds, and making it smaller. Waits until no other process uses the store.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::error::{InStore, StoreError, io_error};
use crate::{LAYOUT, Patience, Store, locks};

/// Sizes in bytes and counts, by what they are for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Files by digest.
    pub blobs: Part,
    /// Remembered actions.
    pub actions: Part,
    /// Mirrors and target folders.
    pub work: Part,
    /// What zig compiled once for all builds.
    #[serde(rename = "zig-cache")]
    pub zig_cache: Part,
    /// Microsoft's SDK, as cargo-xwin unpacked it.
    #[serde(rename = "xwin-cache")]
    pub xwin_cache: Part,
    /// Clean roots.
    pub roots: Part,
    /// plimsoll's own tools.
    pub tools: Part,
    /// What is remembered of files by their stat.
    pub memory: Part,
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
    /// Work folders and zig's cache too, whatever their age.
    pub work: bool,
    /// Clean roots too, whatever their age.
    pub roots: bool,
    /// plimsoll's own tools and Microsoft's SDK too; nothing else removes them.
    pub tools: bool,
}

impl Store {
    /// Measures the store.
    pub fn usage(&self) -> Usage {
        let part = |name| measure(&self.root().join(name));
        Usage {
            blobs: part("blobs"),
            actions: part("actions"),
            work: part("work"),
            zig_cache: part("zig-cache"),
            xwin_cache: part("xwin-cache"),
            roots: part("roots"),
            tools: part("tools"),
            memory: part("memory"),
            temporary: part("temporary"),
        }
    }
}

impl Trim {
    /// Removes what `self` names from the store below `folder`, and what killed processes left; gives back the bytes freed.
    ///
    /// Waits for processes that have the store open. `now` decides what is old.
    ///
    /// # Errors
    /// Where something cannot be listed or removed.
    pub fn run(self, folder: &Path, now: SystemTime, patience: &Patience) -> InStore<u64> {
        drop(Store::open(folder)?);
        let root = folder.join(LAYOUT);
        let _alone = locks::exclusive(&root.join("in-use.lock"), patience)?;
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
        for part in ["memory", "roots"] {
            remove_leftovers(&root.join(part))?;
        }
        let whole = [
            ("temporary", true),
            ("work", self.work),
            ("zig-cache", self.work),
            ("roots", self.roots),
            ("tools", self.tools),
            ("xwin-cache", self.tools),
        ];
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

/// Removes files that a killed process had not yet named. No process writes now; folders may be roots, in which such names are as good as any.
fn remove_leftovers(folder: &Path) -> InStore<()> {
    let leftover = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        name.starts_with(b".tmp") && fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
    };
    entries(folder)?.iter().filter(|path| leftover(path)).try_for_each(|path| remove_file(path))
}

/// A part that was not yet needed does not exist.
fn entries(folder: &Path) -> InStore<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let listed = fs::read_dir(folder).map_err(io_error("list", folder))?;
    listed.map(|entry| entry.map(|entry| entry.path()).map_err(io_error("list", folder))).collect()
}

fn empty_folder(path: &Path) -> InStore<()> {
    for entry in entries(path)? {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_shown_and_removed_only_when_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = Store::open(folder.path()).unwrap().root().to_owned();
        for file in ["zig-cache/o/a", "tools/zig/zig", "memory/tools.json", "memory/.tmpAb12", "roots/.tmpAb12", "roots/r/.tmp"] {
            fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            fs::write(root.join(file), "1234").unwrap();
        }
        let usage = || Store::open(folder.path()).unwrap().usage();
        let one = Part { files: 1, bytes: 4 };
        assert_eq!((usage().zig_cache, usage().tools, usage().memory.files), (one, one, 2));

        let trim = Trim { unused_for: Duration::from_secs(60), work: false, roots: false, tools: false };
        assert_eq!(trim.run(folder.path(), SystemTime::now(), &Patience::default()).unwrap(), 8);
        assert_eq!((usage().zig_cache, usage().tools, usage().memory, usage().roots), (one, one, one, one));

        Trim { work: true, ..trim }.run(folder.path(), SystemTime::now(), &Patience::default()).unwrap();
        assert_eq!((usage().zig_cache, usage().tools, usage().memory), (Part::default(), one, one));
        Trim { tools: true, ..trim }.run(folder.path(), SystemTime::now(), &Patience::default()).unwrap();
        assert_eq!(usage().tools, Part::default());
    }
}
