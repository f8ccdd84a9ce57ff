//! A folder as a registry: `{name}/{version}/` with the files of the release, and `{name}/index.json`.
//!
//! A version appears by one rename and never changes. Served over HTTP as it is, it is what `plimsoll fetch` reads.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use plimsoll_fetch::registry::{RELEASE_FILE, RegistryIndex};
use plimsoll_model::{Class, Digest, Failure, Name, Release};
use plimsoll_store::Patience;

use super::files::{Bytes, make_folder, put, set_mode, sweep, unfinished_folder};
use super::standing::{Standing, There};
use crate::seal::files_of;
use plimsoll_exec::git::lies_in_git;
use plimsoll_store::plain_file;

const INDEX: &str = "index.json";

/// A registry in a folder.
#[derive(Debug)]
pub struct FolderRegistry<'a> {
    /// The folder; made if it is missing.
    pub folder: &'a Path,
}

/// What publishing did.
#[derive(Debug, PartialEq, Eq)]
pub enum Published {
    /// The version is there now.
    Now,
    /// The same release was there; what it had lost has been put back.
    Already(There),
}

impl FolderRegistry<'_> {
    fn home(&self, name: &Name) -> PathBuf {
        self.folder.join(name.as_str())
    }

    /// What publishing `release` would find. Nothing is written.
    ///
    /// # Errors
    /// As [`FolderRegistry::publish`].
    pub fn look(&self, release: &Release) -> Result<Standing, Failure> {
        let document = release.document();
        let home = self.home(&document.name);
        let mut standing = Standing::of(&home.join(document.version.to_string()), release)?;
        if let Standing::There(there) = &mut standing {
            let index = index(&home, &document.name, &document.version)?;
            if plain_file::read(&home.join(INDEX)).ok().as_ref() != Some(&index) {
                there.missing.insert(INDEX.to_owned(), Digest::of(&index));
            }
        }
        Ok(standing)
    }

    /// Publishes `release`, whose files lie in `dist`; waits with `patience` for others who publish the same name. What is copied is hashed and
    /// must be what was sealed.
    ///
    /// # Errors
    /// If the version is another release or was damaged, a file is not what was sealed, or the file system refuses; nothing is visible then.
    pub fn publish(&self, release: &Release, dist: &Path, patience: &Patience) -> Result<Published, Failure> {
        let document = release.document();
        let home = self.home(&document.name);
        // Where it really lies, as far as it is there: a link of the project may lead anywhere.
        let there = home.ancestors().find_map(|folder| folder.canonicalize().ok());
        if there.is_some_and(|there| lies_in_git(&there)) {
            let failure = Failure::new(Class::Usage, "registry-in-git", "lies in a repository's own folder, which git alone writes");
            return Err(failure.about(self.folder.display().to_string()).hint("name another folder in `[publish.folder]`"));
        }
        make_folder(&home)?;
        let lock_path = home.join(".lock");
        let is_new = !lock_path.exists();
        // Neither emptied nor made behind a link: what lies there may be somebody's.
        let nofollow = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
        let lock = OpenOptions::new().write(true).create(true).truncate(false).custom_flags(nofollow).open(&lock_path);
        let lock = lock.map_err(|error| Failure::io(&lock_path, &error))?;
        patience.hold(&lock, &lock_path).map_err(Failure::from)?;
        if is_new {
            set_mode(&lock_path, 0o644)?;
        }
        sweep(&home)?;
        let place = home.join(document.version.to_string());
        let published = match self.look(release)? {
            Standing::Free => {
                self.appear(release, dist, &place)?;
                Published::Now
            }
            Standing::There(there) => {
                put_back(&there, dist, &place, &home)?;
                Published::Already(there)
            }
        };
        write_index(&home, &document.name, &document.version)?;
        drop(lock);
        Ok(published)
    }

    /// Puts a version in place, whole.
    fn appear(&self, release: &Release, dist: &Path, place: &Path) -> Result<(), Failure> {
        let home = self.home(&release.document().name);
        let staging = unfinished_folder(&home)?;
        for (name, digest) in files_of(release.document(), &release.document().to_bytes()) {
            put(&Bytes::Of(&dist.join(&name), digest), &staging.path().join(&name), staging.path())?;
        }
        fs::rename(staging.path(), place).map_err(|error| Failure::io(place, &error))
    }
}

/// Puts back what a published release lost; the document last, because a version counts as there when that is.
fn put_back(there: &There, dist: &Path, place: &Path, home: &Path) -> Result<(), Failure> {
    let (documents, rest): (BTreeMap<_, _>, BTreeMap<_, _>) = there.missing.iter().partition(|(name, _)| *name == RELEASE_FILE);
    for (name, digest) in rest.into_iter().chain(documents).filter(|(name, _)| *name != INDEX) {
        let (path, from) = (place.join(name), dist.join(name));
        let bytes = there.documents.get(name).map_or(Bytes::Of(&from, *digest), |bytes| Bytes::These(bytes));
        put(&bytes, &path, home)?;
    }
    Ok(())
}

/// The index names all versions that are there; made anew from the folder, so that a run that was killed in between is healed.
fn index(home: &Path, name: &Name, newest: &semver::Version) -> Result<Vec<u8>, Failure> {
    let mut index = RegistryIndex::new(name.clone());
    index.add(newest.clone());
    for entry in fs::read_dir(home).map_err(|error| Failure::io(home, &error))?.flatten() {
        let complete = entry.path().join(RELEASE_FILE).is_file();
        let version = entry.file_name().to_str().and_then(|name| name.parse::<semver::Version>().ok());
        version.filter(|_| complete).into_iter().for_each(|version| index.add(version));
    }
    Ok(index.to_bytes())
}

fn write_index(home: &Path, name: &Name, newest: &semver::Version) -> Result<(), Failure> {
    let (path, index) = (home.join(INDEX), index(home, name, newest)?);
    if plain_file::read(&path).is_ok_and(|known| known == index) {
        return Ok(());
    }
    put(&Bytes::These(&index), &path, home)
}
