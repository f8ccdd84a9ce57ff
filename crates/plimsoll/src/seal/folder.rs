//! `dist/`: staged beside itself, then put in place by one rename.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plimsoll_fetch::registry::{EVIDENCE_FOLDER, RELEASE_FILE, SUMS_FILE};
use plimsoll_model::{Class, Digest, Failure, Hashed};
use plimsoll_store::Store;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use tempfile::TempDir;

use crate::io_failure;

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
        let evidence = folder.path().join(EVIDENCE_FOLDER);
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
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::OPNOTSUPP) => {
                let aside = staged.with_added_extension("old");
                fs::rename(dist, &aside).and_then(|()| fs::rename(staged, dist)).and_then(|()| fs::remove_dir_all(&aside))
            }
            Err(error) => Err(error.into()),
        };
        swapped.map_err(|error| io_failure(dist, &error))?;
        Ok(false)
    }
}

/// A file in `dist/` that plimsoll did not put there would be lost with the folder's replacement.
pub(super) fn refuse_foreign(dist: &Path) -> Result<(), Failure> {
    match fs::symlink_metadata(dist) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io_failure(dist, &error)),
        Ok(metadata) if !metadata.is_dir() => return Err(foreign(dist, "is no folder")),
        Ok(_) => {}
    }
    let ours = sealed_names(dist);
    let names = names_below(dist).ok_or_else(|| foreign(dist, "holds files with names that plimsoll does not give"))?;
    match names.iter().find(|name| !ours.contains(*name)) {
        None => Ok(()),
        Some(name) => Err(foreign(dist, &format!("holds `{name}`, which plimsoll did not make and would remove"))),
    }
}

fn foreign(dist: &Path, what: &str) -> Failure {
    Failure::new(Class::Usage, "foreign-dist", what)
        .about(dist.display().to_string())
        .hint("move it elsewhere: sealed releases replace the whole folder")
}

/// Names that the release in the folder has, read leniently: a damaged document still tells which files are ours.
fn sealed_names(dist: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::from([RELEASE_FILE.to_owned(), SUMS_FILE.to_owned()]);
    let sums = fs::read_to_string(dist.join(SUMS_FILE)).unwrap_or_default();
    names.extend(sums.lines().filter_map(|line| Some(line.split_once("  ")?.1.to_owned())));
    let document = fs::read(dist.join(RELEASE_FILE)).unwrap_or_default();
    let document: serde_json::Value = serde_json::from_slice(&document).unwrap_or_default();
    let artifacts = document["artifacts"].as_array().into_iter().flatten();
    names.extend(artifacts.filter_map(|artifact| artifact["file_name"].as_str().map(str::to_owned)));
    let evidence = document["evidence"].as_object().into_iter().flatten();
    names.extend(evidence.map(|(name, _)| format!("{EVIDENCE_FOLDER}/{name}")));
    names
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
    names.retain(|name| name != EVIDENCE_FOLDER);
    let evidence = folder.join(EVIDENCE_FOLDER);
    if evidence.exists() {
        names.extend(list(&evidence, &format!("{EVIDENCE_FOLDER}/"))?);
    }
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
