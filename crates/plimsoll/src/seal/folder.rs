//! `dist/`: staged beside itself, then put in place by one rename.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plimsoll_fetch::registry::EVIDENCE_FOLDER;
use plimsoll_model::{Digest, Failure, Hashed, Name};
use plimsoll_store::{Store, durable, platform};
use tempfile::TempDir;

use super::former::{foreign, foreign_in, refuse_foreign, same_folders};
use plimsoll_store::outputs::LEFTOVER_PREFIX;

use super::leftovers::{Mark, aside, sweep};

/// A folder in the making. What is in it at the end, the former `dist/` included, goes with it, and the note of it after that.
pub(super) struct Staging<'a> {
    folder: TempDir,
    mark: Mark,
    store: &'a Store,
    name: &'a Name,
    dist: &'a Path,
}

impl<'a> Staging<'a> {
    /// Makes the folder beside `dist`, which is refused if it holds anything but a sealed release of `name`.
    pub fn beside(dist: &'a Path, name: &'a Name, store: &'a Store) -> Result<Self, Failure> {
        sweep(store, dist, name)?;
        refuse_foreign(dist, name)?;
        let parent = dist.parent().unwrap_or(Path::new("."));
        let folder = tempfile::Builder::new().prefix(LEFTOVER_PREFIX).tempdir_in(parent).map_err(|error| Failure::io(parent, &error))?;
        let mark = Mark::set(store, dist, folder.path())?;
        let evidence = folder.path().join(EVIDENCE_FOLDER);
        fs::create_dir(&evidence).map_err(|error| Failure::io(&evidence, &error))?;
        set_mode(&evidence, 0o755)?;
        set_mode(folder.path(), 0o755)?;
        Ok(Self { folder, mark, store, name, dist })
    }

    /// Brings an artifact's bytes in from the store, hashing them. Never by a second name for a file that is there: whoever else has a name
    /// for it would see its mode change.
    pub fn take(&self, digest: Digest, name: &str) -> Result<Hashed, Failure> {
        self.store.materialise(digest, &self.folder.path().join(name), 0o644).map_err(super::damaged)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).map_err(|error| Failure::io(&path, &error))?;
        set_mode(&path, 0o644)
    }

    /// Puts the folder in place; true if the same was there already.
    pub fn replace(self) -> Result<bool, Failure> {
        let (staged, dist) = (self.folder.path().to_owned(), self.dist);
        if same_folders(&staged, dist).unwrap_or(false) {
            return Ok(true);
        }
        durable::sync_below(&staged).map_err(|error| Failure::io(&staged, &error))?;
        let former = swap(&staged, dist, platform::exchange).map_err(|error| {
            let failure = Failure::io(dist, &error);
            let is_mounted = error.kind() == io::ErrorKind::ResourceBusy;
            if is_mounted { failure.hint("it is a mount point, which cannot be replaced: mount the folder elsewhere") } else { failure }
        })?;
        let parent = dist.parent().unwrap_or(Path::new("."));
        durable::sync_folder(parent).map_err(|error| Failure::io(parent, &error))?;
        let Some(former) = former else { return Ok(false) };
        // Somebody may have put a file there since it was looked at.
        let found = foreign_in(&former, self.name);
        if !matches!(found, Ok(None))
            && let Err(error) = swap_back(&staged, dist, &former)
        {
            // What may be somebody's must not go with the staging folder, nor with the next run.
            let _kept = self.folder.keep();
            self.mark.forget();
            return Err(Failure::io(&former, &error).hint("this folder was `dist/`, and holds what plimsoll did not seal"));
        }
        if let Some(what) = found? {
            return Err(foreign(dist, &what));
        }
        fs::remove_dir_all(&former).map_err(|error| Failure::io(&former, &error))?;
        Ok(false)
    }
}

/// Puts `staged` where `dist` is; gives back where the former folder is now, if there was one.
fn swap(staged: &Path, dist: &Path, exchange: impl Fn(&Path, &Path) -> io::Result<()>) -> io::Result<Option<PathBuf>> {
    match exchange(staged, dist) {
        Ok(()) => Ok(Some(staged.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::rename(staged, dist).map(|()| None),
        // File systems without an exchange: a moment without `dist/`, never a mixed one. A run that is killed then is made good by the next.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            let aside = aside(staged);
            fs::rename(dist, &aside)?;
            if let Err(error) = fs::rename(staged, dist) {
                fs::rename(&aside, dist)?;
                return Err(error);
            }
            Ok(Some(aside))
        }
        Err(error) => Err(error),
    }
}

/// Undoes a [`swap`] that put the former folder at `former`.
fn swap_back(staged: &Path, dist: &Path, former: &Path) -> io::Result<()> {
    if former == staged {
        return platform::exchange(staged, dist);
    }
    fs::rename(dist, staged)?;
    fs::rename(former, dist)
}

fn set_mode(path: &Path, mode: u32) -> Result<(), Failure> {
    platform::set_mode(path, mode).map_err(|error| Failure::io(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_swapped_also_where_the_file_system_cannot() {
        let cannot = |_: &Path, _: &Path| Err(io::ErrorKind::Unsupported.into());
        for two_steps in [false, true] {
            let place = tempfile::tempdir().unwrap();
            let [staged, dist] = ["staged", "dist"].map(|name| place.path().join(name));
            let swap =
                |staged: &Path, dist: &Path| if two_steps { swap(staged, dist, cannot) } else { swap(staged, dist, platform::exchange) };
            for (folder, file) in [(&staged, "new"), (&dist, "old")] {
                fs::create_dir(folder).unwrap();
                fs::write(folder.join(file), "").unwrap();
            }
            let former = swap(&staged, &dist).unwrap().unwrap();
            assert!(dist.join("new").exists() && former.join("old").exists());
            swap_back(&staged, &dist, &former).unwrap();
            assert!(dist.join("old").exists() && staged.join("new").exists());
            // If the second step fails, the first is undone.
            if two_steps {
                fs::remove_dir_all(&staged).unwrap();
                swap(&staged, &dist).unwrap_err();
                assert!(dist.join("old").exists() && !aside(&staged).exists());
            }
        }
    }

    #[test]
    fn a_first_folder_needs_no_swap() {
        let place = tempfile::tempdir().unwrap();
        let [staged, dist] = ["staged", "dist"].map(|name| place.path().join(name));
        fs::create_dir(&staged).unwrap();
        assert_eq!(swap(&staged, &dist, platform::exchange).unwrap(), None);
        assert!(dist.exists());
    }
}
