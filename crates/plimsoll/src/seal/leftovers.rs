//! What a killed run left beside `dist/`. It is known by a record in the store or by what it holds, never by its name alone: a name is
//! anybody's, and a stranger's tree may hold a folder that is called so.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use plimsoll_model::{Digest, Failure, Name};
use plimsoll_store::Store;
use plimsoll_store::outputs::LEFTOVER_PREFIX;

use super::former::foreign_in;

/// The note that a folder beside `dist/` is ours; in the store for as long as the folder is there.
pub(super) struct Mark {
    record: PathBuf,
    staged: PathBuf,
}

impl Mark {
    /// Notes that `staged`, a folder beside `dist`, is ours, and whatever is put [`aside`] of it.
    pub fn set(store: &Store, dist: &Path, staged: &Path) -> Result<Self, Failure> {
        let record = record(store, dist);
        let folder = record.parent().unwrap_or(store.root());
        let name = staged.file_name().unwrap_or_default().to_string_lossy();
        // Not waited for to reach the disk: without it, what may be somebody's is left alone.
        let written = fs::create_dir_all(folder).and_then(|()| tempfile::NamedTempFile::new_in(folder)).and_then(|mut file| {
            file.write_all(name.as_bytes())?;
            file.persist(&record).map_err(|error| error.error)
        });
        written.map_err(|error| Failure::io(&record, &error))?;
        Ok(Self { record, staged: staged.to_owned() })
    }

    /// Takes the note away, so that no run removes the folder.
    pub fn forget(&self) {
        let _ = fs::remove_file(&self.record);
    }
}

impl Drop for Mark {
    /// What could not be removed is left to the next run.
    fn drop(&mut self) {
        if !is_there(&self.staged) && !is_there(&aside(&self.staged)) {
            let _ = fs::remove_file(&self.record);
        }
    }
}

/// Where the former `dist/` waits on file systems that cannot swap two folders in one step.
pub(super) fn aside(staged: &Path) -> PathBuf {
    staged.with_added_extension("old")
}

fn record(store: &Store, dist: &Path) -> PathBuf {
    let name = Digest::of(dist.as_os_str().as_encoded_bytes()).short();
    store.root().join("memory").join(format!("staging-{name}"))
}

/// Removes what a killed run left. If it was killed while `dist/` had been put aside and nothing was in its place yet, it is put back.
pub(super) fn sweep(store: &Store, dist: &Path, name: &Name) -> Result<(), Failure> {
    let parent = dist.parent().unwrap_or(Path::new("."));
    let record = record(store, dist);
    let noted = fs::read_to_string(&record).ok();
    let ours = noted.filter(|name| name.starts_with(LEFTOVER_PREFIX) && Path::new(name).file_name() == Some(name.as_ref()));
    if let Some(staged) = ours.map(|name| parent.join(name)) {
        let aside = aside(&staged);
        if is_there(&aside) && !is_there(dist) {
            fs::rename(&aside, dist).map_err(|error| Failure::io(&aside, &error))?;
        }
        for left in [&aside, &staged] {
            match fs::remove_dir_all(left) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Failure::io(left, &error)),
                _ => {}
            }
        }
        fs::remove_file(&record).map_err(|error| Failure::io(&record, &error))?;
    }
    for entry in fs::read_dir(parent).map_err(|error| Failure::io(parent, &error))?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(LEFTOVER_PREFIX) {
            not_noted(&entry.path(), dist, name)?;
        }
    }
    Ok(())
}

/// What this store has no note of: a folder that was just made, or a release that was put aside by a run with another store. The one is empty,
/// and the other is held to be ours by what holds of `dist/`.
fn not_noted(path: &Path, dist: &Path, name: &Name) -> Result<(), Failure> {
    // Removes nothing but an empty folder.
    let is_folder = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
    if fs::remove_dir(path).is_ok() || !is_folder || path.extension() != Some("old".as_ref()) {
        return Ok(());
    }
    if !matches!(foreign_in(path, name), Ok(None)) {
        return Ok(());
    }
    let done = if is_there(dist) { fs::remove_dir_all(path) } else { fs::rename(path, dist) };
    done.map_err(|error| Failure::io(path, &error))
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (tempfile::TempDir, Store, PathBuf, PathBuf) {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(&place.path().join("store")).unwrap();
        let project = place.path().join("project");
        fs::create_dir(&project).unwrap();
        let (dist, staged) = (project.join("dist"), project.join(".plimsoll-dist-Ab12Cd"));
        (place, store, dist, staged)
    }

    fn folder(path: &Path, file: &str) {
        fs::create_dir(path).unwrap();
        fs::write(path.join(file), "").unwrap();
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>();
        names.sort();
        names
    }

    /// As after `kill -9`: nothing is dropped.
    fn killed(store: &Store, dist: &Path, staged: &Path) {
        std::mem::forget(Mark::set(store, dist, staged).unwrap());
    }

    #[test]
    fn the_only_copy_of_a_release_is_put_back() {
        let (_place, store, dist, staged) = place();
        folder(&staged, "new");
        folder(&aside(&staged), "old");
        killed(&store, &dist, &staged);
        sweep(&store, &dist, &"app".parse().unwrap()).unwrap();
        assert_eq!((names(dist.parent().unwrap()), names(&dist)), (vec!["dist".to_owned()], vec!["old".to_owned()]));
        assert!(!record(&store, &dist).exists());
    }

    #[test]
    fn what_was_replaced_is_removed() {
        let (_place, store, dist, staged) = place();
        folder(&dist, "new");
        folder(&aside(&staged), "old");
        folder(&staged, "half");
        killed(&store, &dist, &staged);
        sweep(&store, &dist, &"app".parse().unwrap()).unwrap();
        assert_eq!((names(dist.parent().unwrap()), names(&dist)), (vec!["dist".to_owned()], vec!["new".to_owned()]));
    }

    #[test]
    fn what_is_not_noted_is_left_alone() {
        let (_place, store, dist, staged) = place();
        folder(&staged, "precious");
        folder(&aside(&staged), "precious");
        fs::create_dir(dist.with_file_name(".plimsoll-dist-empty")).unwrap();
        sweep(&store, &dist, &"app".parse().unwrap()).unwrap();
        for noted in ["", "..", "src", ".plimsoll-dist-/../../src", "/"] {
            fs::create_dir_all(record(&store, &dist).parent().unwrap()).unwrap();
            fs::write(record(&store, &dist), noted).unwrap();
            sweep(&store, &dist, &"app".parse().unwrap()).unwrap();
        }
        assert_eq!(names(dist.parent().unwrap()), [".plimsoll-dist-Ab12Cd", ".plimsoll-dist-Ab12Cd.old"]);
    }
}
