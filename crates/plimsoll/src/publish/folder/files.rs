//! Files of a folder that is published: for all to read whatever the umask, and whole from the moment that they have their name.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use plimsoll_model::{Class, Digest, Failure, Hasher};
use plimsoll_store::{durable, platform};
use tempfile::NamedTempFile;

use super::super::write::{Bytes, Source, WriteError};

/// What is not yet whole has a name that starts with this.
pub(super) const UNFINISHED: &str = ".staging-";

/// How a file gets its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// Whatever has the name is replaced. What it is, is looked at before anybody sees it.
    InDraft,
    /// Users see it: nothing is ever replaced.
    New,
    /// Users see it, and it is made anew from what is there.
    Anew,
}

/// Makes a folder and those above it that are missing, for all to read; gives those that were.
pub(super) fn make_folder(path: &Path) -> Result<Vec<&Path>, Failure> {
    let missing = path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect::<Vec<_>>();
    for folder in missing.iter().rev() {
        match fs::create_dir(folder) {
            Ok(()) => set_mode(folder, 0o755)?,
            // Another process was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
            Err(error) => return Err(Failure::io(folder, &error)),
        }
    }
    Ok(missing)
}

/// Writes `path` whole, by way of a file in `home`.
///
/// # Errors
/// [`WriteError::Unknown`] if another publisher was faster with this name.
pub(super) fn put(bytes: &Bytes, path: &Path, home: &Path, naming: Naming) -> Result<(), WriteError> {
    if let Some(parent) = path.parent() {
        for made in make_folder(parent)? {
            if naming != Naming::InDraft {
                made.parent().map_or(Ok(()), durable::sync_folder).map_err(|error| Failure::io(made, &error))?;
            }
        }
    }
    let mut file: NamedTempFile =
        tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(home).map_err(|error| Failure::io(home, &error))?;
    match &bytes.source {
        Source::File(from) => copy_checked(from, &mut file, bytes.digest)?,
        Source::Memory(bytes) => file.write_all(bytes).map_err(|error| Failure::io(path, &error))?,
    }
    set_mode(file.path(), 0o644)?;
    let named = match naming {
        Naming::InDraft => file.persist(path).map(drop).map_err(|error| error.error),
        Naming::New => durable::put_new(file, path),
        Naming::Anew => durable::replace(file, path),
    };
    named.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists if naming == Naming::New => WriteError::Unknown(faster(path)),
        _ => WriteError::NotDone(Failure::io(path, &error)),
    })
}

/// The failure of a name that was free a moment ago.
pub(super) fn faster(path: &Path) -> Failure {
    Failure::new(Class::NotProven, "published-meanwhile", "was published by another at this very moment")
        .about(path.display().to_string())
        .hint("run the command again: it says then whether that is this release")
}

/// Copies a file that is hashed as it is read.
///
/// # Errors
/// If it is not what was sealed any more, or something cannot be read or written.
pub(in crate::publish) fn copy_checked(from: &Path, to: &mut NamedTempFile, wanted: Digest) -> Result<(), Failure> {
    let read_failure = |error: io::Error| Failure::io(from, &error);
    let mut source = File::open(from).map_err(read_failure)?;
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 128 * 1024];
    loop {
        let read = source.read(&mut buffer).map_err(read_failure)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        to.write_all(&buffer[..read]).map_err(|error| Failure::io(to.path(), &error))?;
    }
    let found = hasher.finish().digest();
    if found == wanted {
        return Ok(());
    }
    Err(Failure::new(Class::NotProven, "not-the-sealed-bytes", "is not the file that was sealed")
        .about(from.display().to_string())
        .cause("sealed", wanted.to_string())
        .cause("found", found.to_string())
        .hint("something changed the file since it was sealed: delete it, and run the command again"))
}

pub(super) fn set_mode(path: &Path, mode: u32) -> Result<(), Failure> {
    platform::set_mode(path, mode).map_err(|error| Failure::io(path, &error))
}
