//! Verified downloads, by digest. An entry is believed only after its bytes were hashed again, and a spoilt one is removed.
//!
//! Several processes may use one folder: entries appear by rename, and their names say what they must hold.

use std::fs::{self, File};
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use plimsoll_model::{Digest, Hashed, ReleasedArtifact};
use tempfile::NamedTempFile;

/// What downloads in progress are called.
const PARTIAL: &str = "partial-";
/// A download that nobody has touched for this long was interrupted.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

/// A file of the cache that cannot be made, read or put in place.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct CacheError {
    path: PathBuf,
    source: io::Error,
}

/// A folder of verified downloads.
pub(crate) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Makes the folder if need be, and removes what interrupted downloads left.
    pub(crate) fn open(folder: &Path) -> Result<Self, CacheError> {
        let folder = folder.join("sha256");
        fs::create_dir_all(&folder).map_err(|source| CacheError { path: folder.clone(), source })?;
        sweep(&folder);
        Ok(Self { folder })
    }

    /// The artifact's bytes, hashed just now, from their start; none if they are not here.
    pub(crate) fn get(&self, artifact: &ReleasedArtifact) -> Result<Option<File>, CacheError> {
        let path = self.path(artifact.sha256);
        let broken = |source| CacheError { path: path.clone(), source };
        // Not through a link, and never into a fifo.
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => {
                self.evict(artifact.sha256);
                return Ok(None);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(broken(error)),
        }
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(broken(error)),
        };
        let hashed = Hashed::read(&mut file).map_err(broken)?;
        if hashed.digest() != artifact.sha256 || hashed.size() != artifact.size {
            self.evict(artifact.sha256);
            return Ok(None);
        }
        file.rewind().map_err(broken)?;
        Ok(Some(file))
    }

    /// A new file for a download, removed unless it is kept.
    pub(crate) fn partial(&self) -> Result<NamedTempFile, CacheError> {
        let made = tempfile::Builder::new().prefix(PARTIAL).tempfile_in(&self.folder);
        made.map_err(|source| CacheError { path: self.folder.clone(), source })
    }

    /// Gives a verified download its place, and the open file back.
    pub(crate) fn keep(&self, partial: NamedTempFile, digest: Digest) -> Result<File, CacheError> {
        let path = self.path(digest);
        partial.persist(&path).map_err(|error| CacheError { path, source: error.error })
    }

    fn evict(&self, digest: Digest) {
        // Another process may have removed it already, which is as good.
        let _ = fs::remove_file(self.path(digest));
    }

    fn path(&self, digest: Digest) -> PathBuf {
        self.folder.join(digest.to_string())
    }
}

/// Leftovers hinder nobody, so an error here is none.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PARTIAL)) {
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let age = modified.ok().and_then(|time| SystemTime::now().duration_since(time).ok());
        if age.is_some_and(|age| age > ABANDONED) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_old_leftovers_are_swept() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path()).unwrap();
        let [old, new, entry] = ["partial-old", "partial-new", "0123"].map(|name| cache.folder.join(name));
        for path in [&old, &new, &entry] {
            let file = File::create(path).unwrap();
            if path != &new {
                file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
            }
        }
        Cache::open(folder.path()).unwrap();
        assert_eq!([old.exists(), new.exists(), entry.exists()], [false, true, true]);
    }
}
