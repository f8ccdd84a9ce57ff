//! All files change, or none: new contents are staged, a journal is written, and only then are files replaced, one rename each.
//!
//! The journal lies beside the store, in a folder that the project's own path names, and never in the project: a tree that was cloned or
//! unpacked must not say what is written where. As long as its record is there, the change is not done, and whoever comes next undoes it:
//! a command that was killed and is started again must not start from half a version. Removing the record is the one step that makes the
//! change final. Only renames touch files of the project, so each of them is old or new at any time; what is renamed is staged in a folder
//! of the project that the record names, because a rename does not leave a file system.

mod operation;
mod record;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Digest, Failure};
use plimsoll_store::{Patience, platform};

use self::operation::{Operation, run};
use self::record::{Entry, Record};
use super::change::FileChange;
use super::survey::real_path;

/// Beside the store: a folder with one journal for each project whose version is being changed.
const JOURNALS: &str = "version-journals";

/// What the folder of the project begins with in which new contents are staged.
const STAGING: &str = ".plimsoll-version-";

/// The file whose presence says that files may have been replaced.
const RECORD: &str = "journal.json";

/// Where the journal of one project lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    root: PathBuf,
    folder: PathBuf,
}

impl Journal {
    /// The journal of the project at `root`, a canonical folder; `store` is the folder that the store lies in.
    pub fn of(root: &Path, store: &Path) -> Self {
        let name = Digest::of(root.as_os_str().as_encoded_bytes()).to_string();
        Self { root: root.to_owned(), folder: store.join(JOURNALS).join(name) }
    }

    /// As [`Turn::recover`], for commands that change no version: waits for nobody where there is no journal.
    ///
    /// # Errors
    /// As [`Turn::recover`].
    pub fn recover(&self, patience: &Patience) -> Result<Option<Vec<String>>, Failure> {
        if fs::symlink_metadata(&self.folder).is_err() {
            return Ok(None);
        }
        Turn::take(self, patience)?.recover()
    }
}

/// The one turn at changing a project's versions; others wait until it is dropped.
#[derive(Debug)]
pub struct Turn {
    journal: Journal,
    _folder: File,
}

impl Turn {
    /// Waits with `patience` for the turn at a project. The project's folder itself is what is locked, so that nothing is left behind.
    ///
    /// # Errors
    /// Where the folder cannot be opened or locked, or waiting was stopped.
    pub fn take(journal: &Journal, patience: &Patience) -> Result<Self, Failure> {
        let root = &journal.root;
        let folder = platform::lock_of_folder(root).map_err(|error| Failure::io(root, &error))?;
        patience.hold(&folder, root).map_err(Failure::from)?;
        Ok(Self { journal: journal.clone(), _folder: folder })
    }

    /// Undoes what a command that was stopped has left; gives back the files that were put back, or nothing where there was no journal.
    ///
    /// # Errors
    /// Where a file was changed by somebody else since: then nothing more is put back.
    pub fn recover(&self) -> Result<Option<Vec<String>>, Failure> {
        let Journal { root, folder } = &self.journal;
        let Some(record) = Record::read(&folder.join(RECORD))? else {
            // Nothing was replaced yet, or everything was and only the folder is left.
            return Operation::RemoveFolder(folder.clone()).run().map(|()| None);
        };
        if !record.is_of(identity(root)?) {
            // Another project lay here when it was written; what it says is of files that are gone.
            return Operation::RemoveFolder(folder.clone()).run().map(|()| None);
        }
        let (operations, restored) = undoing(&self.journal, &record)?;
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
        let operations = replacing(&self.journal, changes)?;
        let Err(failure) = run(&operations) else { return Ok(()) };
        match self.recover() {
            Ok(_) => Err(failure.hint("nothing was changed")),
            Err(undo) => Err(failure.cause("undoing", undo.to_string()).hint(format!(
                "the next `plimsoll version` goes on undoing; {} holds the files as they were",
                self.journal.folder.display()
            ))),
        }
    }
}

/// What tells a folder from another one that lies at the same path later.
fn identity(root: &Path) -> Result<u64, Failure> {
    root.metadata().map(|metadata| platform::identity(&metadata)).map_err(|error| Failure::io(root, &error))
}

/// A name for the folder that new contents are staged in, which nothing in the project has.
fn staging(root: &Path) -> String {
    let number = std::process::id();
    let names = (0..).map(|attempt: u32| format!("{STAGING}{number}-{attempt}"));
    names.into_iter().find(|name| fs::symlink_metadata(root.join(name)).is_err()).unwrap_or_default()
}

/// Everything that replaces the files, in order.
fn replacing(journal: &Journal, changes: &[FileChange]) -> Result<Vec<Operation>, Failure> {
    let Journal { root, folder } = journal;
    let staging = staging(root);
    let (old, new) = (folder.join("old"), root.join(&staging));
    let mut operations = [folder, &old].map(|path| Operation::MakeFolder(path.clone())).to_vec();
    let (mut entries, mut staged, mut renames, mut parents) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (number, change) in changes.iter().enumerate() {
        let path = real_path(root, &change.path)?;
        let mode = replaceable(&path, change)?;
        let (backup, next) = (old.join(number.to_string()), new.join(number.to_string()));
        operations.push(Operation::Write { path: backup, bytes: change.old.clone().into_bytes(), mode });
        staged.push(Operation::Write { path: next.clone(), bytes: change.new.clone().into_bytes(), mode });
        entries.push(Entry {
            path: path.strip_prefix(root).unwrap_or(&path).to_owned(),
            old: Digest::of(change.old.as_bytes()),
            new: Digest::of(change.new.as_bytes()),
            mode,
        });
        parents.extend(path.parent().map(Path::to_owned));
        renames.push(Operation::Rename { from: next, to: path });
    }
    parents.sort();
    parents.dedup();
    let record = Record::new(identity(root)?, staging, entries).bytes();
    let draft = folder.join("journal.draft");
    operations.push(Operation::Sync(old));
    operations.push(Operation::Write { path: draft.clone(), bytes: record, mode: 0o600 });
    operations.push(Operation::Rename { from: draft, to: folder.join(RECORD) });
    operations.push(Operation::Sync(folder.clone()));
    // From here on the record names everything that is made in the project.
    operations.push(Operation::MakeFolder(new.clone()));
    operations.extend(staged);
    operations.push(Operation::Sync(new.clone()));
    operations.extend(renames);
    operations.extend(parents.into_iter().map(Operation::Sync));
    operations.extend(finishing(folder, new));
    Ok(operations)
}

/// The end of a change, and of its undoing.
fn finishing(folder: &Path, staging: PathBuf) -> [Operation; 4] {
    let record = folder.join(RECORD);
    let folder = folder.to_owned();
    [Operation::RemoveFolder(staging), Operation::Remove(record), Operation::Sync(folder.clone()), Operation::RemoveFolder(folder)]
}

/// The mode of a file that may be replaced.
fn replaceable(path: &Path, change: &FileChange) -> Result<u32, Failure> {
    let refused = |message: &str| Failure::new(Class::NotProven, "version-file", message).about(change.path.clone());
    let metadata = path.metadata().map_err(|error| Failure::io(path, &error))?;
    let mode = platform::mode(&metadata);
    // A rename would not care; whoever made the file read-only does.
    if mode & 0o222 == 0 {
        return Err(refused("is read-only").hint("nothing was changed; make it writable, or take it out of `[version]`"));
    }
    let now = fs::read(path).map_err(|error| Failure::io(path, &error))?;
    if now != change.old.as_bytes() {
        return Err(refused("was changed by another program just now").hint("nothing was changed; run the command again"));
    }
    Ok(mode)
}

/// What puts back every file that was replaced, and which ones these are.
fn undoing(journal: &Journal, record: &Record) -> Result<(Vec<Operation>, Vec<String>), Failure> {
    let Journal { root, folder } = journal;
    let staging = root.join(&record.staging);
    let undo = staging.join("undo");
    let mut operations = [&staging, &undo].map(|path| Operation::MakeFolder(path.clone())).to_vec();
    let (mut restored, mut parents) = (Vec::new(), Vec::new());
    for (number, entry) in record.files.iter().enumerate() {
        let path = root.join(&entry.path);
        let foreign = || {
            let kept = folder.join("old").join(number.to_string());
            Failure::new(Class::NotProven, "version-journal", "a version change was stopped half-way, and the file was changed since")
                .about(entry.path.display().to_string())
                .hint(format!(
                    "put the file back as it was (`git restore`, or {}), or delete {} to keep all files as they are",
                    kept.display(),
                    folder.display()
                ))
        };
        // The record has the places where files really lie.
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
        let bytes = fs::read(&backup).map_err(|error| Failure::io(&backup, &error))?;
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
    operations.extend(finishing(folder, staging));
    Ok((operations, restored))
}

#[cfg(test)]
mod tests;
