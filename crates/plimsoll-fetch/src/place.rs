//! Puts a new folder where an old one may be, so that whoever looks finds the one or the other, whole.
//!
//! Only folders that carry [`MARKER`], or are empty, are replaced: a mistyped destination must not cost anybody's files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::platform;

/// The file that a folder made by fetch carries; tells what is in it.
pub(crate) const MARKER: &str = ".plimsoll-fetch.json";
/// How often the step is tried when others replace the same folder at the same time.
const ATTEMPTS: usize = 100;

/// Why a folder could not be put in place.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The file system.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something is there that fetch did not make.
    #[error("{} exists and was not made by fetch, so it is not replaced", .0.display())]
    NotOurs(PathBuf),
    /// The path has no last component, or is a root.
    #[error("{} cannot be a destination", .0.display())]
    NoName(PathBuf),
}

/// The folder above a destination, made if need be.
pub(crate) fn parent(to: &Path) -> Result<PathBuf, PlaceError> {
    let (Some(parent), Some(_)) = (to.parent(), to.file_name()) else { return Err(PlaceError::NoName(to.to_owned())) };
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    fs::create_dir_all(parent).map_err(|source| PlaceError::Io { path: parent.to_owned(), source })?;
    Ok(parent.to_owned())
}

/// Whether `to` is free, empty, or made by fetch.
pub(crate) fn check(to: &Path) -> Result<(), PlaceError> {
    let broken = |source| PlaceError::Io { path: to.to_owned(), source };
    match fs::symlink_metadata(to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(broken(error)),
        Ok(metadata) if !metadata.is_dir() => Err(PlaceError::NotOurs(to.to_owned())),
        Ok(_) if to.join(MARKER).is_file() => Ok(()),
        Ok(_) => match fs::read_dir(to).map(|mut entries| entries.next().is_none()) {
            Ok(true) => Ok(()),
            Ok(false) => Err(PlaceError::NotOurs(to.to_owned())),
            // Replaced by another process between the two looks.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(broken(error)),
        },
    }
}

/// Moves `new` to `to`. What was there is moved to `aside`, a path that is free, on the same file system; the caller removes it.
pub(crate) fn place(new: &Path, to: &Path, aside: &Path) -> Result<(), PlaceError> {
    let broken = |source| PlaceError::Io { path: to.to_owned(), source };
    // For all to read whatever the umask, as is the rest of the folder.
    platform::set_mode(&new.join(MARKER), false).map_err(broken)?;
    for _ in 0..ATTEMPTS {
        check(to)?;
        match fs::rename(new, to) {
            Ok(()) => return Ok(()),
            Err(error) if platform::stands_in_the_way(&error) => {}
            Err(error) => return Err(broken(error)),
        }
        match platform::exchange(new, to) {
            // The old one is now where the new one was.
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(_) => {}
        }
        match replace_in_two_steps(new, to, aside) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound || platform::stands_in_the_way(&error) => {}
            Err(error) => return Err(broken(error)),
        }
    }
    Err(broken(io::Error::new(io::ErrorKind::ResourceBusy, "others keep replacing it")))
}

/// For file systems that cannot swap: for a moment there is nothing at `to`, never a mixture. If the second step fails, the first is undone.
fn replace_in_two_steps(new: &Path, to: &Path, aside: &Path) -> io::Result<()> {
    fs::rename(to, aside)?;
    let placed = fs::rename(new, to);
    if placed.is_err() {
        // Fails only if another process has put its own there, which is as good.
        if fs::rename(aside, to).is_err() {
            let _ = fs::remove_dir_all(aside);
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(path: &Path, file: &str) {
        fs::create_dir(path).unwrap();
        fs::write(path.join(MARKER), "{}").unwrap();
        fs::write(path.join(file), "").unwrap();
    }

    #[test]
    fn a_folder_replaces_another_whole() {
        for two_steps in [false, true] {
            let base = tempfile::tempdir().unwrap();
            let [new, to, aside] = ["new", "to", "aside"].map(|name| base.path().join(name));
            folder(&new, "a");
            place(&new, &to, &aside).unwrap();
            folder(&new, "b");
            if two_steps {
                replace_in_two_steps(&new, &to, &aside).unwrap();
            } else {
                place(&new, &to, &aside).unwrap();
            }
            assert!(to.join("b").exists() && !to.join("a").exists());
        }
    }

    #[test]
    fn foreign_files_are_not_replaced() {
        let base = tempfile::tempdir().unwrap();
        let [new, to, aside] = ["new", "to", "aside"].map(|name| base.path().join(name));
        folder(&new, "a");
        fs::create_dir(&to).unwrap();
        fs::write(to.join("mine"), "").unwrap();
        assert!(matches!(place(&new, &to, &aside), Err(PlaceError::NotOurs(_))));
        assert!(to.join("mine").exists() && new.exists());
        fs::remove_dir_all(&to).unwrap();
        fs::write(&to, "file").unwrap();
        assert!(matches!(place(&new, &to, &aside), Err(PlaceError::NotOurs(_))));
        fs::remove_file(&to).unwrap();
        fs::create_dir(&to).unwrap();
        place(&new, &to, &aside).unwrap();
        assert!(to.join("a").exists());
        for path in ["/", "..", ""] {
            assert!(matches!(parent(Path::new(path)), Err(PlaceError::NoName(_))), "{path}");
        }
    }
}
