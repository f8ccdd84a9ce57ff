//! The folder beside a destination in which a fetch works, and what killed ones left of theirs.
//!
//! A folder is locked as long as somebody works in it. Whoever finds one that nobody holds takes it away, after a look at whether it keeps the
//! only copy of what stood at a destination. Links are not followed, and what another user made, or does not look like ours, stays.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};

use crate::place::PlaceError;
use crate::platform;

/// What such folders are called, before the letters that make each its own.
const PREFIX: &str = ".plimsoll-fetch-";
/// How many letters follow.
const LETTERS: usize = 6;
/// The locked file; holds the name of the destination.
const LOCK: &str = "lock";
const DOWNLOAD: &str = "download";
const UNPACKED: &str = "unpacked";
const REPLACED: &str = "replaced";
/// More than the longest name of a destination.
const LONGEST_NAME: usize = 4096;
/// How often a folder is made anew because somebody took it for an abandoned one before it was locked.
const ATTEMPTS: usize = 100;

/// A folder to work in; goes with this value.
pub(crate) struct Stage {
    // Let go of before the folder is removed, which some systems ask for.
    lock: File,
    folder: TempDir,
}

impl Stage {
    /// Makes and locks a folder in `parent`, for a fetch to `to`, and takes away what killed fetches left there.
    pub(crate) fn new(parent: &Path, to: &Path) -> Result<Self, PlaceError> {
        let broken = |source| PlaceError::Io { path: parent.to_owned(), source };
        for _ in 0..ATTEMPTS {
            let folder = tempfile::Builder::new().prefix(PREFIX).rand_bytes(LETTERS).tempdir_in(parent).map_err(broken)?;
            match lock(folder.path(), to) {
                Ok(Some(lock)) => {
                    let stage = Self { lock, folder };
                    stage.sweep(parent);
                    return Ok(stage);
                }
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(broken(error)),
            }
        }
        Err(broken(io::Error::new(io::ErrorKind::ResourceBusy, "others keep removing folders there")))
    }

    /// A new file for a download that no cache keeps.
    pub(crate) fn download(&self) -> Result<NamedTempFile, PlaceError> {
        let folder = self.folder.path();
        let made = tempfile::Builder::new().prefix(DOWNLOAD).rand_bytes(0).tempfile_in(folder);
        made.map_err(|source| PlaceError::Io { path: folder.to_owned(), source })
    }

    /// For what the artifact holds.
    pub(crate) fn unpacked(&self) -> PathBuf {
        self.folder.path().join(UNPACKED)
    }

    /// For what stood at the destination.
    pub(crate) fn replaced(&self) -> PathBuf {
        self.folder.path().join(REPLACED)
    }

    /// Leftovers hinder nobody, so an error here is none.
    fn sweep(&self, parent: &Path) {
        let (Ok(entries), Ok(own)) = (fs::read_dir(parent), self.lock.metadata()) else { return };
        let others = entries.flatten().map(|entry| entry.path()).filter(|path| path != self.folder.path() && is_stage(path, &own));
        for path in others {
            let _ = remove_abandoned(&path, parent, &own);
        }
    }
}

/// Makes and locks the file; none if somebody else had it first, or has removed the folder.
fn lock(folder: &Path, to: &Path) -> io::Result<Option<File>> {
    let path = folder.join(LOCK);
    let mut file = File::options().read(true).write(true).create_new(true).open(&path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        // File systems that know no locks: then nobody can find this folder abandoned either.
        Err(TryLockError::Error(_)) => return Ok(Some(file)),
    }
    if !path.is_file() {
        return Ok(None);
    }
    file.write_all(to.file_name().and_then(|name| name.to_str()).unwrap_or_default().as_bytes())?;
    Ok(Some(file))
}

/// A folder of such a name, by the same user.
fn is_stage(path: &Path, own: &fs::Metadata) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let letters = name.strip_prefix(PREFIX).is_some_and(|rest| rest.len() == LETTERS && rest.bytes().all(|b| b.is_ascii_alphanumeric()));
    letters && fs::symlink_metadata(path).is_ok_and(|data| data.is_dir() && platform::is_same_user(&data, own))
}

/// Removes a folder that nobody holds and that has nothing but what a fetch puts there.
fn remove_abandoned(folder: &Path, parent: &Path, own: &fs::Metadata) -> io::Result<()> {
    let known = [LOCK, DOWNLOAD, UNPACKED, REPLACED];
    for entry in fs::read_dir(folder)? {
        if !known.iter().any(|name| entry.as_ref().is_ok_and(|entry| entry.file_name() == *name)) {
            return Ok(());
        }
    }
    let path = folder.join(LOCK);
    match fs::symlink_metadata(&path) {
        Ok(data) if data.is_file() && platform::is_same_user(&data, own) => {}
        Ok(_) => return Ok(()),
        // One was killed before it had made the file; if it is alive after all, it will make another folder.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return take_away(folder, parent, ""),
        Err(error) => return Err(error),
    }
    let lock = File::options().read(true).write(true).open(&path)?;
    if lock.try_lock().is_err() {
        return Ok(());
    }
    let mut name = String::new();
    (&lock).take(LONGEST_NAME as u64).read_to_string(&mut name)?;
    take_away(folder, parent, &name)
}

/// Removes the folder; what was moved aside from a destination at which nothing is now goes back there first.
fn take_away(folder: &Path, parent: &Path, name: &str) -> io::Result<()> {
    let replaced = folder.join(REPLACED);
    if fs::symlink_metadata(&replaced).is_ok_and(|data| data.is_dir()) {
        let mut parts = Path::new(name).components();
        let (Some(Component::Normal(name)), None) = (parts.next(), parts.next()) else { return Ok(()) };
        let to = parent.join(name);
        if fs::symlink_metadata(&to).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            fs::rename(&replaced, to)?;
        }
    }
    fs::remove_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>();
        names.sort();
        names
    }

    /// As a killed fetch leaves it.
    fn abandoned(parent: &Path, letters: &str, to: &str) -> PathBuf {
        let folder = parent.join(format!("{PREFIX}{letters}"));
        fs::create_dir_all(folder.join(UNPACKED).join("root")).unwrap();
        fs::write(folder.join(LOCK), to).unwrap();
        fs::write(folder.join(DOWNLOAD), "half").unwrap();
        folder
    }

    #[test]
    fn what_nobody_holds_is_removed_and_what_somebody_holds_stays() {
        let folder = tempfile::tempdir().unwrap();
        let parent = folder.path();
        abandoned(parent, "aaaaaa", "tool");
        fs::create_dir(parent.join(".plimsoll-fetch-bbbbbb")).unwrap();
        fs::create_dir_all(parent.join(".plimsoll-fetch-cccccc/unpacked/x")).unwrap();
        let first = Stage::new(parent, &parent.join("tool")).unwrap();
        fs::create_dir(first.unpacked()).unwrap();
        let second = Stage::new(parent, &parent.join("other")).unwrap();
        assert_eq!(names(parent).len(), 2);
        assert!(first.unpacked().is_dir());
        drop(first);
        drop(second);
        assert_eq!(names(parent), Vec::<String>::new());
    }

    #[test]
    #[cfg(unix)]
    fn what_is_not_ours_stays() {
        let folder = tempfile::tempdir().unwrap();
        let parent = folder.path().join("parent");
        fs::create_dir(&parent).unwrap();
        let elsewhere = abandoned(folder.path(), "aaaaaa", "tool");
        std::os::unix::fs::symlink(&elsewhere, parent.join(".plimsoll-fetch-aaaaaa")).unwrap();
        fs::write(parent.join(".plimsoll-fetch-bbbbbb"), "a file").unwrap();
        abandoned(&parent, "backups", "tool");
        fs::write(abandoned(&parent, "backup", "tool").join("mine"), "x").unwrap();
        let linked = abandoned(&parent, "linked", "tool");
        fs::remove_file(linked.join(LOCK)).unwrap();
        std::os::unix::fs::symlink(elsewhere.join(LOCK), linked.join(LOCK)).unwrap();
        let before = names(&parent);
        drop(Stage::new(&parent, &parent.join("tool")).unwrap());
        assert_eq!(names(&parent), before);
        assert!(elsewhere.join(DOWNLOAD).exists());
        // A link inside goes without what it leads to.
        let inside = abandoned(&parent, "inside", "tool");
        std::os::unix::fs::symlink(&elsewhere, inside.join(REPLACED)).unwrap();
        drop(Stage::new(&parent, &parent.join("tool")).unwrap());
        assert!(!inside.exists() && elsewhere.join(DOWNLOAD).exists());
    }

    #[test]
    fn the_only_copy_of_what_was_replaced_goes_back() {
        let folder = tempfile::tempdir().unwrap();
        let parent = folder.path();
        for (to, back) in [("tool", true), ("../tool", false), ("", false), ("a/b", false)] {
            let left = abandoned(parent, "aaaaaa", to);
            fs::create_dir(left.join(REPLACED)).unwrap();
            fs::write(left.join(REPLACED).join("old"), "x").unwrap();
            drop(Stage::new(parent, &parent.join("other")).unwrap());
            assert_eq!((parent.join("tool/old").exists(), left.exists()), (back, !back), "{to}");
            let _ = (fs::remove_dir_all(parent.join("tool")), fs::remove_dir_all(left));
        }
        // Where something stands at the destination, the old one is of no use.
        let left = abandoned(parent, "aaaaaa", "tool");
        fs::create_dir(left.join(REPLACED)).unwrap();
        fs::create_dir(parent.join("tool")).unwrap();
        drop(Stage::new(parent, &parent.join("other")).unwrap());
        assert_eq!(names(parent), ["tool"]);
    }
}
