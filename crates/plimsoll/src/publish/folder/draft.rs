//! The draft of a version: a hidden folder beside the place where the version will be. It may be of a run that was killed, so what is continued is only
//! what is looked at file by file, and nothing else is in it when it is revealed.
//!
//! Whoever changes something here holds the lock of the name, and so knows that no other is at work.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plimsoll_fetch::registry::EVIDENCE_FOLDER;
use plimsoll_model::Failure;
use semver::Version;

use super::files::{UNFINISHED, set_mode};

/// Names of drafts start with this.
const DRAFT: &str = ".draft-";

/// The draft of a version of the name whose folder is `home`.
pub(super) fn of(home: &Path, version: &Version) -> PathBuf {
    home.join(format!("{DRAFT}{version}"))
}

/// Removes what killed runs left in `home`: files that are not whole, and drafts, but for the one of `version` if that is not public yet.
pub(super) fn sweep(home: &Path, version: &Version, is_public: bool) -> Result<(), Failure> {
    let kept = of(home, version);
    for (path, name) in entries(home)? {
        let is_left = name.starts_with(UNFINISHED) || name.starts_with(DRAFT) && (is_public || path != kept);
        if is_left {
            remove(&path)?;
        }
    }
    Ok(())
}

/// Removes from a draft whatever is none of `files`, which are regular files, in folders that are none by a link.
pub(super) fn tidy(draft: &Path, files: &BTreeSet<String>) -> Result<(), Failure> {
    if !is_folder(draft)? {
        return Ok(());
    }
    for (path, name) in entries(draft)? {
        if name != EVIDENCE_FOLDER {
            keep(&path, files.contains(&name))?;
        } else if is_folder(&path)? {
            for (path, name) in entries(&path)? {
                keep(&path, files.contains(&format!("{EVIDENCE_FOLDER}/{name}")))?;
            }
        }
    }
    Ok(())
}

/// Whether there is a folder at `path`, which then has the mode of published ones; anything else that is there is removed.
fn is_folder(path: &Path) -> Result<bool, Failure> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Failure::io(path, &error)),
        // A run that was killed may have made it, and no more.
        Ok(metadata) if metadata.is_dir() => set_mode(path, 0o755).map(|()| true),
        Ok(_) => remove(path).map(|()| false),
    }
}

fn keep(path: &Path, is_known: bool) -> Result<(), Failure> {
    let is_file = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    if is_known && is_file { Ok(()) } else { remove(path) }
}

fn entries(folder: &Path) -> Result<Vec<(PathBuf, String)>, Failure> {
    let failed = |error: io::Error| Failure::io(folder, &error);
    let entries = fs::read_dir(folder).map_err(failed)?;
    entries.map(|entry| entry.map(|entry| (entry.path(), entry.file_name().to_string_lossy().into_owned())).map_err(failed)).collect()
}

fn remove(path: &Path) -> Result<(), Failure> {
    let is_folder = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
    let removed = if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.map_err(|error| Failure::io(path, &error))
}
