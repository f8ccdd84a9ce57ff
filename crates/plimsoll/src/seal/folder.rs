//! `dist/`: staged beside itself, then put in place by one rename.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Digest, Failure, Hashed};
use plimsoll_store::Store;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use tempfile::TempDir;

/// Names of staging folders start with this; they count as no sources.
pub(crate) const LEFTOVER_PREFIX: &str = ".plimsoll-dist-";

/// A folder in the making.
pub(super) struct Staging {
    folder: TempDir,
    /// What stood at the destination when staging began.
    former: PathBuf,
}

impl Staging {
    pub fn beside(dist: &Path) -> Result<Self, Failure> {
        let parent = dist.parent().unwrap_or(Path::new("."));
        refuse_foreign(dist)?;
        let folder = tempfile::Builder::new().prefix(LEFTOVER_PREFIX).tempdir_in(parent).map_err(|error| io_failure(parent, &error))?;
        let evidence = folder.path().join("evidence");
        fs::create_dir(&evidence).map_err(|error| io_failure(&evidence, &error))?;
        Ok(Self { folder, former: dist.to_owned() })
    }

    /// Brings an artifact's bytes in, hashing them: from the former folder where they are the same, else from the store.
    pub fn take(&self, store: &Store, digest: Digest, name: &str) -> Result<Hashed, Failure> {
        let (former, staged) = (self.former.join(name), self.folder.path().join(name));
        let plain = fs::symlink_metadata(&former).is_ok_and(|metadata| metadata.is_file());
        if plain && fs::hard_link(&former, &staged).is_ok() {
            let hashed =
                fs::File::open(&staged).and_then(|mut file| Hashed::read(&mut file)).map_err(|error| io_failure(&staged, &error))?;
            if hashed.digest() == digest {
                return Ok(hashed);
            }
            fs::remove_file(&staged).map_err(|error| io_failure(&staged, &error))?;
        }
        store.materialise(digest, &staged, 0o644).map_err(super::damaged)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).map_err(|error| io_failure(&path, &error))
    }

    /// Puts the folder in place; true where the same was there already.
    pub fn replace(self, dist: &Path) -> Result<bool, Failure> {
        if same_folders(self.folder.path(), dist) {
            return Ok(true);
        }
        set_mode(self.folder.path(), 0o755)?;
        let staged = self.folder.path();
        let swapped = match renameat_with(CWD, staged, CWD, dist, RenameFlags::EXCHANGE) {
            Ok(()) => Ok(()),
            Err(rustix::io::Errno::NOENT) => fs::rename(staged, dist),
            // File systems without an exchange: a moment without `dist/`, never a mixed one.
            Err(_) => fs::remove_dir_all(dist).and_then(|()| fs::rename(staged, dist)),
        };
        swapped.map_err(|error| io_failure(dist, &error))?;
        Ok(false)
    }
}

/// A folder of this name that plimsoll did not make is left alone.
fn refuse_foreign(dist: &Path) -> Result<(), Failure> {
    let mut entries = match fs::read_dir(dist) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io_failure(dist, &error)),
    };
    let ours = dist.join("release.json").is_file() && dist.join("SHA256SUMS").is_file();
    if ours || entries.next().is_none() {
        return Ok(());
    }
    Err(Failure::new(Class::Usage, "foreign-dist", "holds files that plimsoll did not make, and would be replaced")
        .about(dist.display().to_string())
        .hint("move its contents elsewhere, or remove the folder"))
}

/// Whether two folders hold the same names with the same content. Artifacts are hard links where they are the same, so little is read.
fn same_folders(a: &Path, b: &Path) -> bool {
    let (Some(names), Some(others)) = (names_below(a), names_below(b)) else { return false };
    names == others && names.iter().all(|name| same_file(&a.join(name), &b.join(name)))
}

fn same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(one), Ok(other)) = (fs::symlink_metadata(a), fs::symlink_metadata(b)) else { return false };
    if (one.dev(), one.ino()) == (other.dev(), other.ino()) {
        return true;
    }
    one.is_file()
        && other.is_file()
        && one.len() == other.len()
        && fs::read(a).is_ok_and(|bytes| fs::read(b).is_ok_and(|other| bytes == other))
}

/// Files of a folder and of its `evidence`, sorted.
fn names_below(folder: &Path) -> Option<Vec<String>> {
    let list = |folder: &Path, prefix: &str| -> Option<Vec<String>> {
        let entries = fs::read_dir(folder).ok()?;
        entries.map(|entry| Some(format!("{prefix}{}", entry.ok()?.file_name().to_str()?))).collect()
    };
    let mut names = list(folder, "")?;
    names.retain(|name| name != "evidence");
    names.extend(list(&folder.join("evidence"), "evidence/")?);
    names.sort();
    Some(names)
}

pub(super) fn clear(project: &Path) -> Result<(), Failure> {
    for entry in fs::read_dir(project).map_err(|error| io_failure(project, &error))?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(LEFTOVER_PREFIX) {
            let path = entry.path();
            match fs::remove_dir_all(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_failure(&path, &error)),
                _ => {}
            }
        }
    }
    Ok(())
}

fn set_mode(path: &Path, mode: u32) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|error| io_failure(path, &error))
}

fn io_failure(path: &Path, error: &io::Error) -> Failure {
    crate::io_failure(path, error)
}
