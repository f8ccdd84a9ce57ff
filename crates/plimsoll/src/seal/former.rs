//! What stands where `dist/` is to be. Only a release that was sealed for this project, byte for byte as it was sealed, may be replaced: a
//! name says nothing of whose a file is.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;

use plimsoll_fetch::registry::{EVIDENCE_FOLDER, RELEASE_FILE, SUMS_FILE};
use plimsoll_model::{Class, Digest, Failure, Hashed, Name, ReleaseDocument};

use plimsoll_store::plain_file;

/// Refuses a `dist` that holds anything but a sealed release of `name`. What is missing from one is nobody's loss.
pub(super) fn refuse_foreign(dist: &Path, name: &Name) -> Result<(), Failure> {
    match fs::symlink_metadata(dist) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::io(dist, &error)),
        Ok(metadata) if metadata.is_symlink() => Err(foreign(dist, "is a link")),
        Ok(metadata) if !metadata.is_dir() => Err(foreign(dist, "is no folder")),
        Ok(_) => foreign_in(dist, name)?.map_or(Ok(()), |what| Err(foreign(dist, &what))),
    }
}

pub(super) fn foreign(dist: &Path, what: &str) -> Failure {
    Failure::new(Class::Usage, "foreign-dist", what).about(dist.display().to_string()).hint(
        "a sealed release replaces the whole folder, and only what plimsoll sealed there is replaced: move it elsewhere, or delete it",
    )
}

/// What `folder` holds that was not sealed in it, in words; nothing if it may go.
pub(super) fn foreign_in(folder: &Path, name: &Name) -> Result<Option<String>, Failure> {
    let found = listing(folder).map_err(|error| Failure::io(folder, &error))?;
    let files = found.iter().filter(|(file, metadata)| *file != EVIDENCE_FOLDER || !metadata.is_dir());
    let Some((first, _)) = files.clone().find(|(file, _)| *file != SUMS_FILE).or_else(|| files.clone().next()) else { return Ok(None) };
    let Some(document) = found.get(RELEASE_FILE) else {
        return Ok(Some(format!("holds `{first}`, and no {RELEASE_FILE} that says that plimsoll sealed it")));
    };
    let sealed = match sealed_files(folder, document, name)? {
        Ok(sealed) => sealed,
        Err(what) => return Ok(Some(what)),
    };
    for (file, metadata) in files {
        let Some(says) = sealed.get(file) else {
            return Ok(Some(format!("holds `{file}`, which plimsoll did not make and would remove")));
        };
        if !metadata.is_file() {
            return Ok(Some(format!("holds `{file}`, which is no regular file")));
        }
        let path = folder.join(file);
        if hashed(&path).map_err(|error| Failure::io(&path, &error))?.digest() != *says {
            return Ok(Some(format!("holds `{file}`, whose bytes are not those that were sealed")));
        }
    }
    Ok(None)
}

/// The files that the document in `folder` demands, or what is wrong with the document.
fn sealed_files(folder: &Path, metadata: &Metadata, name: &Name) -> Result<Result<BTreeMap<String, Digest>, String>, Failure> {
    if !metadata.is_file() || metadata.len() > plain_file::LARGEST {
        return Ok(Err(format!("holds a {RELEASE_FILE} that plimsoll did not write")));
    }
    let path = folder.join(RELEASE_FILE);
    let bytes = plain_file::read(&path).map_err(|error| Failure::io(&path, &error))?;
    Ok(match ReleaseDocument::parse(&bytes) {
        Err(error) => Err(format!("holds a {RELEASE_FILE} that plimsoll did not write as it is: {error}")),
        Ok(document) if document.name != *name => Err(format!("holds a release of {} {}", document.name, document.version)),
        // Nothing is sealed without evidence.
        Ok(document) if document.artifacts.iter().any(|artifact| artifact.proven.is_empty()) || document.evidence.is_empty() => {
            Err(format!("holds a {RELEASE_FILE} that plimsoll did not write: nothing shows what it claims"))
        }
        Ok(document) => Ok(document.files(Digest::of(&bytes)).into_iter().map(|file| (file.path, file.sha256)).collect()),
    })
}

/// Whether two folders hold the same names with the same content and the same modes.
pub(super) fn same_folders(a: &Path, b: &Path) -> io::Result<bool> {
    let (found, others) = (listing(a)?, listing(b)?);
    let alike = |(file, other): (&Metadata, &Metadata)| {
        let kind = file.is_dir() == other.is_dir() && (file.is_dir() || (file.is_file() && other.is_file() && file.len() == other.len()));
        kind && file.permissions() == other.permissions()
    };
    let folders = (&fs::symlink_metadata(a)?, &fs::symlink_metadata(b)?);
    if !alike(folders) || !found.keys().eq(others.keys()) || !found.values().zip(others.values()).all(alike) {
        return Ok(false);
    }
    for (file, _) in found.iter().filter(|(_, metadata)| metadata.is_file()) {
        if hashed(&a.join(file))?.digest() != hashed(&b.join(file))?.digest() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What lies in a folder and in its `evidence`, by its path. Links are not followed, and other folders not entered.
fn listing(folder: &Path) -> io::Result<BTreeMap<String, Metadata>> {
    let mut found = BTreeMap::new();
    list_into(&mut found, folder, "")?;
    if found.get(EVIDENCE_FOLDER).is_some_and(Metadata::is_dir) {
        list_into(&mut found, &folder.join(EVIDENCE_FOLDER), &format!("{EVIDENCE_FOLDER}/"))?;
    }
    Ok(found)
}

fn list_into(found: &mut BTreeMap<String, Metadata>, folder: &Path, prefix: &str) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        found.insert(format!("{prefix}{}", entry.file_name().to_string_lossy()), entry.metadata()?);
    }
    Ok(())
}

fn hashed(path: &Path) -> io::Result<Hashed> {
    Hashed::read(&mut File::open(path)?)
}
