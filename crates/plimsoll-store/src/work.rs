//! Work folders: a mirror of the sources, and cargo's target folder beside it. Accelerators, never outputs.
//!
//! cargo trusts modification times. So a file is rewritten, with a fresh time, exactly when its *content* differs from what the mirror
//! holds: new content with an older time is built, and the same content with a newer time is not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use plimsoll_model::{Digest, Hashed};
use serde::{Deserialize, Serialize};

use crate::error::{InStore, StoreError, io_error};
use crate::locks::Guard;
use crate::stat_memory::Stamp;
use crate::{Store, platform, programs};

/// One source file: where its bytes are now, their digest, and whether it is executable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Where to read it.
    pub from: PathBuf,
    /// What its bytes must be.
    pub digest: Digest,
    /// Mode 0755 instead of 0644.
    pub executable: bool,
}

/// A locked work folder.
#[derive(Debug)]
pub struct WorkFolder {
    path: PathBuf,
    _guard: Guard,
}

/// What mirroring did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mirrored {
    /// Files written because their content was new.
    pub written: usize,
    /// Files removed because they are no source any more.
    pub removed: usize,
}

#[derive(Default, Serialize, Deserialize)]
struct Held {
    files: BTreeMap<String, HeldFile>,
}

#[derive(Clone, Serialize, Deserialize)]
struct HeldFile {
    digest: Digest,
    executable: bool,
    /// None where the file is to be read again.
    stamp: Option<Stamp>,
}

impl Store {
    /// The work folder `name`, locked against other processes as long as the value lives.
    ///
    /// # Errors
    /// Where it cannot be made or locked.
    pub fn work_folder(&self, name: &str) -> InStore<WorkFolder> {
        let path = self.root().join("work").join(name);
        for part in ["src", "target"] {
            let folder = path.join(part);
            fs::create_dir_all(&folder).map_err(io_error("make", &folder))?;
        }
        let guard = self.lock(&format!("work-{name}"))?;
        Ok(WorkFolder { path, _guard: guard })
    }
}

impl WorkFolder {
    /// The mirror of the sources.
    pub fn sources(&self) -> PathBuf {
        self.path.join("src")
    }

    /// cargo's target folder.
    pub fn target(&self) -> PathBuf {
        self.path.join("target")
    }

    /// Gives the mirrored files that `chosen` names a fresh time where `stamp` is not the one of the last call with this `name`, so that cargo
    /// looks at them again: for what build scripts read besides files.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub fn refresh(&self, name: &str, stamp: &str, chosen: &mut dyn Iterator<Item = &str>) -> InStore<()> {
        let path = self.path.join(name);
        if fs::read_to_string(&path).is_ok_and(|last| last == stamp) {
            return Ok(());
        }
        let now = std::time::SystemTime::now();
        for name in chosen {
            let file = self.sources().join(checked(name)?);
            let refreshed = fs::File::options().write(true).open(&file).and_then(|opened| opened.set_modified(now));
            refreshed.map_err(io_error("set the time of", &file))?;
        }
        fs::write(&path, stamp).map_err(io_error("write", &path))
    }

    /// Empties the target folder, so that nothing in it can be reused.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub fn start_over(&self) -> InStore<()> {
        let target = self.target();
        fs::remove_dir_all(&target).map_err(io_error("remove", &target))?;
        fs::create_dir_all(&target).map_err(io_error("make", &target))
    }

    /// Makes the mirror hold exactly `listing` (path relative to the mirror → file).
    ///
    /// # Errors
    /// Where a path climbs, a file changed or went while it was copied, or the file system refuses.
    pub fn mirror(&self, listing: &BTreeMap<String, SourceFile>) -> InStore<Mirrored> {
        // Before anything is removed: a climbing name would make strangers of files outside of the mirror.
        for name in listing.keys() {
            checked(name)?;
        }
        let held_path = self.path.join("mirror.json");
        let held: Held = fs::read(&held_path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let sources = self.sources();
        let mut done = Mirrored { removed: self.remove_strangers(listing)?, ..Mirrored::default() };
        let mut now_held = Held::default();
        for (name, source) in listing {
            let destination = sources.join(checked(name)?);
            let stamp = match held.files.get(name).filter(|file| still_holds(file, source, &destination)) {
                Some(file) => file.stamp,
                None => {
                    if !same_content(&destination, source) {
                        write_fresh(source, &destination)?;
                        done.written += 1;
                    }
                    Stamp::of(&fs::symlink_metadata(&destination).map_err(io_error("look at", &destination))?)
                }
            };
            now_held.files.insert(name.clone(), HeldFile { digest: source.digest, executable: source.executable, stamp });
        }
        let bytes = serde_json::to_vec(&now_held).unwrap_or_default();
        fs::write(&held_path, bytes).map_err(io_error("write", &held_path))?;
        Ok(done)
    }

    /// Removes what is in the mirror and not in the listing: leftovers of renamed files, and what build scripts wrote beside sources.
    fn remove_strangers(&self, listing: &BTreeMap<String, SourceFile>) -> InStore<usize> {
        let sources = self.sources();
        let mut folders = BTreeSet::from([PathBuf::new()]);
        for name in listing.keys() {
            folders.extend(Path::new(name).ancestors().skip(1).map(Path::to_owned));
        }
        let mut removed = 0;
        for folder in &folders {
            let path = sources.join(folder);
            let entries = match fs::read_dir(&path) {
                Ok(entries) => entries,
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => continue,
                Err(error) => return Err(io_error("list", &path)(error)),
            };
            for entry in entries {
                let entry = entry.map_err(io_error("list", &path))?;
                let relative = folder.join(entry.file_name());
                let is_folder = entry.file_type().map_err(io_error("look at", &path))?.is_dir();
                let known = relative.to_str().is_some_and(|name| listing.contains_key(name));
                if is_folder && !folders.contains(&relative) {
                    fs::remove_dir_all(entry.path()).map_err(io_error("remove", &path))?;
                    removed += 1;
                } else if !is_folder && !known {
                    fs::remove_file(entry.path()).map_err(io_error("remove", &path))?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}

fn checked(name: &str) -> InStore<&Path> {
    let path = Path::new(name);
    let stays = !name.is_empty() && path.components().all(|component| matches!(component, Component::Normal(_)));
    if stays { Ok(path) } else { Err(StoreError::Climbs(name.to_owned())) }
}

fn still_holds(held: &HeldFile, source: &SourceFile, destination: &Path) -> bool {
    held.digest == source.digest
        && held.executable == source.executable
        && fs::symlink_metadata(destination)
            .is_ok_and(|metadata| metadata.is_file() && held.stamp.is_some() && Stamp::of(&metadata) == held.stamp)
}

/// Whether the mirror's file has the content already, and its modification time can stay.
fn same_content(destination: &Path, source: &SourceFile) -> bool {
    let same_mode = fs::symlink_metadata(destination)
        .is_ok_and(|metadata| metadata.is_file() && (platform::mode(&metadata) & 0o100 != 0) == source.executable);
    let same_bytes = || {
        let mut file = fs::File::open(destination).ok()?;
        Some(Hashed::read(&mut file).ok()?.digest() == source.digest)
    };
    same_mode && same_bytes() == Some(true)
}

fn write_fresh(source: &SourceFile, destination: &Path) -> InStore<()> {
    let changing = || StoreError::Changing { path: source.from.clone() };
    let bytes = fs::read(&source.from)
        .map_err(|error| if error.kind() == io::ErrorKind::NotFound { changing() } else { io_error("read", &source.from)(error) })?;
    if Digest::of(&bytes) != source.digest {
        return Err(changing());
    }
    let parent = destination.parent().unwrap_or(destination);
    // A file may stand where a folder is needed now, or a folder where the file is to be.
    if let Ok(metadata) = fs::symlink_metadata(destination)
        && metadata.is_dir()
    {
        fs::remove_dir_all(destination).map_err(io_error("remove", destination))?;
    }
    fs::create_dir_all(parent).map_err(io_error("make", parent))?;
    let mut file = tempfile::NamedTempFile::new_in(parent).map_err(io_error("make a file in", parent))?;
    io::Write::write_all(&mut file, &bytes).map_err(io_error("write", destination))?;
    programs::persist(file, if source.executable { 0o755 } else { 0o644 }, destination).map_err(io_error("name", destination))
}
