//! All files change, or none: new contents are staged, a journal is written, and only then are files replaced, one rename each.
//!
//! Everything lies in one folder of the project. As long as its journal is there, the change is not done, and whoever comes next undoes it:
//! a command that was killed and is started again must not start from half a version. Removing the journal is the one step that makes the
//! change final. Only renames touch files of the project, so each of them is old or new at any time.

mod operation;
mod record;

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Digest, Failure};
use plimsoll_store::Patience;

use self::operation::{Operation, run};
use self::record::{Entry, Record};
use super::change::FileChange;
use super::survey::real_path;
use crate::{io_failure, store_failure};

/// The journal's folder.
pub const FOLDER: &str = ".plimsoll-version-journal";

/// The file whose presence says that files may have been replaced.
const RECORD: &str = "journal.json";

/// The one turn at changing a project's versions; others wait until it is dropped.
#[derive(Debug)]
pub struct Turn {
    root: PathBuf,
    _folder: File,
}

impl Turn {
    /// Waits with `patience` for the turn at `root`, a canonical folder. The folder itself is what is
    /// locked, so that nothing is left behind.
    ///
    /// # Errors
    /// Where the folder cannot be opened or locked, or waiting was stopped.
    pub fn take(root: &Path, patience: &Patience) -> Result<Self, Failure> {
        let folder = File::open(root).map_err(|error| io_failure(root, &error))?;
        patience.hold(&folder, root).map_err(store_failure)?;
        Ok(Self { root: root.to_owned(), _folder: folder })
    }

    /// Undoes what a command that was stopped has left; gives back the files that were put back, or nothing where there was no journal.
    ///
    /// # Errors
    /// Where a file was changed by somebody else since: then nothing more is put back.
    pub fn recover(&self) -> Result<Option<Vec<String>>, Failure> {
        let folder = self.root.join(FOLDER);
        match fs::symlink_metadata(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_failure(&folder, &error)),
            Ok(metadata) if metadata.is_dir() => {}
            // Not ours: a journal decides what is written where.
            Ok(_) => {
                let failure = Failure::new(Class::NotProven, "version-journal", "is no folder").about(folder.display().to_string());
                return Err(failure.hint("remove it"));
            }
        }
        let Some(record) = Record::read(&folder.join(RECORD))? else {
            // Nothing was replaced yet, or everything was and only the folder is left.
            fs::remove_dir_all(&folder).map_err(|error| io_failure(&folder, &error))?;
            return Ok(None);
        };
        let (operations, restored) = undoing(&self.root, &record)?;
        run(&operations)?;
        Ok(Some(restored))
    }

    /// Replaces the files.
    ///
    /// # Errors
    /// Where one cannot be replaced; the others are as they were then.
    pub fn replace(&self, changes: &[FileChange]) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        let operations = replacing(&self.root, changes)?;
        let Err(failure) = run(&operations) else { return Ok(()) };
        match self.recover() {
            Ok(_) => Err(failure.hint("nothing was changed")),
            Err(undo) => Err(failure
                .cause("undoing", undo.to_string())
                .hint(format!("the next `plimsoll version` goes on undoing; {FOLDER} holds the files as they were"))),
        }
    }
}

/// As [`Turn::recover`], for commands that change no version: waits for nobody where there is no journal.
///
/// # Errors
/// As [`Turn::recover`].
pub fn recover(root: &Path, patience: &Patience) -> Result<Option<Vec<String>>, Failure> {
    if fs::symlink_metadata(root.join(FOLDER)).is_err() {
        return Ok(None);
    }
    Turn::take(root, patience)?.recover()
}

/// Everything that replaces the files, in order.
fn replacing(root: &Path, changes: &[FileChange]) -> Result<Vec<Operation>, Failure> {
    let folder = root.join(FOLDER);
    let (old, new) = (folder.join("old"), folder.join("new"));
    let mut operations = [&folder, &old, &new].map(|path| Operation::MakeFolder(path.clone())).to_vec();
    let (mut entries, mut renames, mut parents) = (Vec::new(), Vec::new(), Vec::new());
    for (number, change) in changes.iter().enumerate() {
        let path = real_path(root, &change.path)?;
        let mode = replaceable(&path, change)?;
        let (backup, staged) = (old.join(number.to_string()), new.join(number.to_string()));
        operations.push(Operation::Write { path: backup, bytes: change.old.clone().into_bytes(), mode });
        operations.push(Operation::Write { path: staged.clone(), bytes: change.new.clone().into_bytes(), mode });
        entries.push(Entry {
            path: path.strip_prefix(root).unwrap_or(&path).to_owned(),
            old: Digest::of(change.old.as_bytes()),
            new: Digest::of(change.new.as_bytes()),
            mode,
        });
        parents.extend(path.parent().map(Path::to_owned));
        renames.push(Operation::Rename { from: staged, to: path });
    }
    parents.sort();
    parents.dedup();
    let record = Record::new(entries).bytes();
    let draft = folder.join("journal.draft");
    operations.extend([&old, &new].map(|path| Operation::Sync(path.clone())));
    operations.push(Operation::Write { path: draft.clone(), bytes: record, mode: 0o600 });
    operations.push(Operation::Rename { from: draft, to: folder.join(RECORD) });
    operations.push(Operation::Sync(folder.clone()));
    operations.extend(renames);
    operations.extend(parents.into_iter().map(Operation::Sync));
    operations.extend(finishing(&folder));
    Ok(operations)
}

/// The end of a change, and of its undoing.
fn finishing(folder: &Path) -> [Operation; 3] {
    [Operation::Remove(folder.join(RECORD)), Operation::Sync(folder.to_owned()), Operation::RemoveFolder(folder.to_owned())]
}

/// The mode of a file that may be replaced.
fn replaceable(path: &Path, change: &FileChange) -> Result<u32, Failure> {
    let refused = |message: &str| Failure::new(Class::NotProven, "version-file", message).about(change.path.clone());
    let metadata = path.metadata().map_err(|error| io_failure(path, &error))?;
    let mode = metadata.permissions().mode() & 0o7777;
    // A rename would not care; whoever made the file read-only does.
    if mode & 0o222 == 0 {
        return Err(refused("is read-only").hint("nothing was changed; make it writable, or take it out of `[version]`"));
    }
    let now = fs::read(path).map_err(|error| io_failure(path, &error))?;
    if now != change.old.as_bytes() {
        return Err(refused("was changed by another program just now").hint("nothing was changed; run the command again"));
    }
    Ok(mode)
}

/// What puts back every file that was replaced, and which ones these are.
fn undoing(root: &Path, record: &Record) -> Result<(Vec<Operation>, Vec<String>), Failure> {
    let folder = root.join(FOLDER);
    let undo = folder.join("undo");
    let mut operations = vec![Operation::MakeFolder(undo.clone())];
    let (mut restored, mut parents) = (Vec::new(), Vec::new());
    for (number, entry) in record.files.iter().enumerate() {
        let path = root.join(&entry.path);
        let foreign = || {
            Failure::new(Class::NotProven, "version-journal", "a version change was stopped half-way, and the file was changed since")
                .about(entry.path.display().to_string())
                .hint(format!("put the file back as it was (`git restore`, or {FOLDER}/old/{number}), or delete {FOLDER} to keep all files as they are"))
        };
        // The record has the places where files really lie. A repository may bring a journal of its own, and links.
        if path.canonicalize().map_err(|error| foreign().cause("because", error.to_string()))? != path {
            return Err(foreign().cause("because", "there is a link where none was"));
        }
        let bytes = fs::read(&path).map_err(|error| foreign().cause("because", error.to_string()))?;
        let digest = Digest::of(&bytes);
        if digest == entry.old {
            continue;
        }
        if digest != entry.new {
            return Err(foreign());
        }
        let backup = folder.join("old").join(number.to_string());
        let bytes = fs::read(&backup).map_err(|error| io_failure(&backup, &error))?;
        if Digest::of(&bytes) != entry.old {
            return Err(foreign().cause("because", format!("{} is damaged", backup.display())));
        }
        let staged = undo.join(number.to_string());
        operations.push(Operation::Write { path: staged.clone(), bytes, mode: entry.mode });
        parents.extend(path.parent().map(Path::to_owned));
        restored.push(entry.path.display().to_string());
        operations.push(Operation::Rename { from: staged, to: path });
    }
    operations.extend(parents.into_iter().map(Operation::Sync));
    operations.extend(finishing(&folder));
    Ok((operations, restored))
}

#[cfg(test)]
mod tests;
