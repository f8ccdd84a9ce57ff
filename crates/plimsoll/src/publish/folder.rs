//! A folder as a registry: `{name}/{version}/` with the files of the release, and `{name}/index.json`.
//!
//! A version appears by one rename and never changes. Served over HTTP as it is, it is what `plimsoll fetch` reads.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use plimsoll_fetch::registry::{RELEASE_FILE, RegistryIndex, SUMS_FILE, evidence_path};
use plimsoll_model::{Class, Digest, Failure, Hasher, Name, Release};

use crate::io_failure;
use crate::repository::lies_in_git;

/// A registry in a folder.
#[derive(Debug)]
pub struct FolderRegistry<'a> {
    /// The folder; made if it is missing.
    pub folder: &'a Path,
}

/// What publishing did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// The version is there now.
    Now,
    /// The same version with the same bytes was there.
    Already,
}

impl FolderRegistry<'_> {
    /// Publishes `release`, whose files lie in `dist`. What is copied is hashed and must be what was sealed.
    ///
    /// # Errors
    /// Where the version exists with other bytes, a file is not what was sealed, or the file system refuses; nothing is visible then.
    pub fn publish(&self, release: &Release, dist: &Path) -> Result<Published, Failure> {
        let document = release.document();
        let home = self.folder.join(document.name.as_str());
        // Where it really lies, as far as it is there: a link of the project may lead anywhere.
        let there = home.ancestors().find_map(|folder| folder.canonicalize().ok());
        if there.is_some_and(|there| lies_in_git(&there)) {
            let failure = Failure::new(Class::Usage, "registry-in-git", "lies in a repository's own folder, which git alone writes");
            return Err(failure.about(self.folder.display().to_string()).hint("name another folder in `[publish.folder]`"));
        }
        make_folder(&home)?;
        let lock_path = home.join(".lock");
        let lock = File::create(&lock_path).and_then(|file| file.lock().map(|()| file)).map_err(|error| io_failure(&lock_path, &error))?;
        let version = document.version.to_string();
        let place = home.join(&version);
        if place.exists() {
            let there = fs::read(place.join(RELEASE_FILE)).unwrap_or_default();
            if there != document.to_bytes() {
                return Err(Failure::new(
                    Class::NotProven,
                    "version-taken",
                    format!("{} {version} is published with other bytes", document.name),
                )
                .about(place.display().to_string())
                .hint("a published version never changes: give the release a new version"));
            }
            write_index(&home, &document.name, &document.version)?;
            return Ok(Published::Already);
        }
        let staging = tempfile::Builder::new().prefix(".staging-").tempdir_in(&home).map_err(|error| io_failure(&home, &error))?;
        for (name, digest) in files_of(release) {
            copy_checked(&dist.join(&name), &staging.path().join(&name), digest)?;
        }
        make_readable(staging.path())?;
        fs::rename(staging.path(), &place).map_err(|error| io_failure(&place, &error))?;
        write_index(&home, &document.name, &document.version)?;
        drop(lock);
        Ok(Published::Now)
    }
}

/// Every file of a release with the digest that its bytes must have.
fn files_of(release: &Release) -> Vec<(String, Digest)> {
    let document = release.document();
    let bytes = document.to_bytes();
    let checksums = document.checksums(Digest::of(&bytes));
    let artifacts = document.artifacts.iter().map(|artifact| (artifact.file_name.to_string(), artifact.sha256));
    let evidence = document.evidence.iter().map(|(name, digest)| (evidence_path(name), *digest));
    let documents = [(RELEASE_FILE.to_owned(), Digest::of(&bytes)), (SUMS_FILE.to_owned(), Digest::of(checksums.as_bytes()))];
    artifacts.chain(evidence).chain(documents).collect()
}

fn copy_checked(from: &Path, to: &Path, wanted: Digest) -> Result<(), Failure> {
    let read_failure = |error: io::Error| io_failure(from, &error);
    let write_failure = |error: io::Error| io_failure(to, &error);
    if let Some(parent) = to.parent() {
        make_folder(parent)?;
    }
    let mut source = File::open(from).map_err(read_failure)?;
    let mut destination = File::create_new(to).map_err(write_failure)?;
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 128 * 1024];
    loop {
        let read = source.read(&mut buffer).map_err(read_failure)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        destination.write_all(&buffer[..read]).map_err(write_failure)?;
    }
    let found = hasher.finish().digest();
    if found == wanted {
        return Ok(());
    }
    Err(Failure::new(Class::NotProven, "not-the-sealed-bytes", "is not the file that was sealed")
        .about(from.display().to_string())
        .cause("sealed", wanted.to_string())
        .cause("found", found.to_string())
        .hint("run `plimsoll rehearse` again; something changed the file in between"))
}

/// The index names all versions that are there; written anew from the folder, so that a run that was killed in between is healed.
fn write_index(home: &Path, name: &Name, newest: &semver::Version) -> Result<(), Failure> {
    let mut versions = vec![newest.clone()];
    for entry in fs::read_dir(home).map_err(|error| io_failure(home, &error))?.flatten() {
        let complete = entry.path().join(RELEASE_FILE).is_file();
        if let Some(version) = entry.file_name().to_str().and_then(|name| name.parse::<semver::Version>().ok()).filter(|_| complete) {
            versions.push(version);
        }
    }
    let mut index = RegistryIndex::new(name.clone());
    versions.into_iter().for_each(|version| index.add(version));
    let path = home.join("index.json");
    let mut file = tempfile::NamedTempFile::new_in(home).map_err(|error| io_failure(home, &error))?;
    file.write_all(&index.to_bytes()).map_err(|error| io_failure(&path, &error))?;
    make_readable(file.path())?;
    file.persist(&path).map_err(|error| io_failure(&path, &error.error))?;
    Ok(())
}

/// Temporary files are private; what is published is for all.
fn make_readable(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if path.is_dir() { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|error| io_failure(path, &error))
}

fn make_folder(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path).map_err(|error| io_failure(path, &error))
}

/// The registry that a manifest names, relative to the project unless absolute.
pub fn place(project: &Path, named: &str) -> PathBuf {
    project.join(named)
}
