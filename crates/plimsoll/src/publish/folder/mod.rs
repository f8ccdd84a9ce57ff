//! A folder as a channel: `{name}/{version}/` with the files of the release, and `{name}/index.json`.
//!
//! Files are gathered in a hidden draft beside the version's place, which outlives a run that is killed and is continued by the next. The version
//! appears by one rename and never changes; after that, only what it has lost is put back. Served over HTTP as it is, it is what
//! `plimsoll fetch` reads.

mod draft;
mod files;
mod index;
mod place;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use plimsoll_exec::git::lies_in_git;
use plimsoll_fetch::registry::RELEASE_FILE;
use plimsoll_model::{Class, Digest, Failure, Hashed, Name, Release};
use plimsoll_store::{Patience, durable, plain_file, platform};
use semver::Version;

pub use place::registry;

pub(super) use self::files::copy_checked;
use self::files::{Naming, faster, make_folder, put, set_mode};
use self::index::INDEX;
use super::channel::{Channel, Turn};
use super::edition::Edition;
use super::published::{Documents, FoundDocument, changed, damaged};
use super::write::{Act, Receipt, Source, Write, WriteError, WriteState};

/// A folder that one version of one name is published into.
#[derive(Debug)]
pub struct FolderChannel<'a> {
    folder: PathBuf,
    name: Name,
    version: Version,
    patience: &'a Patience,
    lasting: bool,
}

/// What lies at a path where a file is to be.
enum FileState {
    Sound,
    Missing,
    Wrong(String),
}

impl<'a> FolderChannel<'a> {
    /// `folder` is made if it is missing. Others who publish the same name are waited for with `patience`.
    pub fn new(folder: &Path, name: &Name, version: &Version, patience: &'a Patience) -> Self {
        Self { folder: folder.to_owned(), name: name.clone(), version: version.clone(), patience, lasting: true }
    }

    /// For a folder that is thrown away after this run: the disk is not waited for.
    #[must_use]
    pub fn passing(self) -> Self {
        Self { lasting: false, ..self }
    }

    /// Waits for the disk, if what is published is to outlive a power cut.
    fn settle(&self, sync: fn(&Path) -> io::Result<()>, path: &Path) -> Result<(), Failure> {
        if self.lasting { sync(path).map_err(|error| Failure::io(path, &error)) } else { Ok(()) }
    }

    /// All versions of the name.
    fn home(&self) -> PathBuf {
        self.folder.join(self.name.as_str())
    }

    /// The version, as users see it.
    fn public(&self) -> PathBuf {
        self.home().join(self.version.to_string())
    }

    fn draft(&self) -> PathBuf {
        draft::of(&self.home(), &self.version)
    }

    /// Whether something lies at the version's place.
    fn is_public(&self) -> Result<bool, Failure> {
        let public = self.public();
        match fs::symlink_metadata(&public) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Failure::io(&public, &error)),
        }
    }

    /// The documents of the version that is public; none if its `release.json` is lost. Everything else must be of `release` then.
    fn documents(&self, release: &Release) -> Result<Option<Documents>, Failure> {
        let (public, place) = (self.public(), self.public().display().to_string());
        let mut read = |name: &str| found(&public, name);
        match read(RELEASE_FILE)? {
            FoundDocument::Read(bytes) => Documents::matching(&place, release, bytes, &mut read).map(Some),
            FoundDocument::Wrong(what) => Err(damaged(&place, [(RELEASE_FILE.to_owned(), what)])),
            FoundDocument::Missing => {
                let mut wrong = Vec::new();
                for file in release.files() {
                    if let FileState::Wrong(what) = file_state(&public, &file.path, file.sha256)? {
                        wrong.push((file.path, what));
                    }
                }
                if wrong.is_empty() {
                    return Ok(None);
                }
                // Which release the rest is of cannot be known.
                wrong.push((RELEASE_FILE.to_owned(), "is missing, and what is left is of another run".to_owned()));
                Err(damaged(&place, wrong))
            }
        }
    }
}

impl Channel for FolderChannel<'_> {
    fn name(&self) -> &'static str {
        "folder"
    }

    fn place(&self) -> String {
        self.folder.display().to_string()
    }

    fn can_be_undone(&self) -> bool {
        true
    }

    fn preflight(&self, release: &Release) -> Result<Option<Documents>, Failure> {
        let home = self.home();
        // Where it really lies, as far as it is there: a link of the project may lead anywhere.
        let real = home.ancestors().find_map(|folder| folder.canonicalize().ok());
        if real.as_ref().is_some_and(|real| lies_in_git(real)) {
            let failure = Failure::new(Class::Usage, "registry-in-git", "lies in a repository's own folder, which git alone writes");
            return Err(failure.about(self.place()).hint("name another folder in `[publish.folder]`"));
        }
        if self.is_public()? {
            let public = self.public();
            if !fs::symlink_metadata(&public).is_ok_and(|metadata| metadata.is_dir()) {
                return Err(damaged(&public.display().to_string(), [("it".to_owned(), "is no folder".to_owned())]));
            }
            return self.documents(release);
        }
        real.map_or(Ok(()), |real| writable(&real))?;
        Ok(None)
    }

    fn writes(&self, edition: &Edition) -> Vec<Write> {
        let public = self.public();
        let files = edition.files().into_iter().map(|file| Write {
            to: public.join(&file.name).display().to_string(),
            name: file.name,
            act: Act::Put(file.bytes),
        });
        let reveal = Write { name: format!("{} {}", self.name, self.version), to: public.display().to_string(), act: Act::Reveal };
        let list = Write { name: INDEX.to_owned(), to: self.home().join(INDEX).display().to_string(), act: Act::List };
        files.chain([reveal, list]).collect()
    }

    fn state(&self, write: &Write) -> Result<WriteState, Failure> {
        let is_public = self.is_public()?;
        match &write.act {
            Act::Put(bytes) => {
                let folder = if is_public { self.public() } else { self.draft() };
                Ok(match file_state(&folder, &write.name, bytes.digest)? {
                    FileState::Sound => WriteState::Same,
                    FileState::Missing => WriteState::Absent,
                    FileState::Wrong(what) if is_public => WriteState::Other(what),
                    FileState::Wrong(_) => WriteState::Partial,
                })
            }
            Act::Reveal if !is_public => Ok(WriteState::Absent),
            Act::Reveal if self.public().is_dir() => Ok(WriteState::Same),
            Act::Reveal => Ok(WriteState::Other("is no folder".to_owned())),
            Act::List => {
                let path = self.home().join(INDEX);
                let wanted = index::of(&self.home(), &self.name, &self.version)?;
                Ok(match plain_file::read(&path) {
                    Ok(known) if known == wanted => WriteState::Same,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => WriteState::Absent,
                    // Made from what is there, whatever it said.
                    Ok(_) | Err(_) => WriteState::Partial,
                })
            }
        }
    }

    fn begin(&self, edition: &Edition) -> Result<Turn, Failure> {
        let home = self.home();
        for made in make_folder(&home)? {
            made.parent().map_or(Ok(()), |above| self.settle(durable::sync_folder, above))?;
        }
        let lock = lock(&home.join(".lock"), self.patience)?;
        draft::sweep(&home, &self.version, self.is_public()?)?;
        let files = edition.files().into_iter().map(|file| file.name).collect();
        draft::tidy(&self.draft(), &files)?;
        Ok(Turn::locked(lock))
    }

    fn perform(&self, write: &Write) -> Result<Receipt, WriteError> {
        let home = self.home();
        let path = match &write.act {
            Act::Put(bytes) => {
                let (folder, naming) = if self.is_public()? { (self.public(), Naming::New) } else { (self.draft(), Naming::InDraft) };
                let path = folder.join(&write.name);
                put(bytes, &path, &home, naming)?;
                path
            }
            Act::List => {
                let index = index::of(&home, &self.name, &self.version)?;
                let path = home.join(INDEX);
                let bytes = super::Bytes { digest: Digest::of(&index), size: index.len() as u64, source: Source::Memory(index) };
                put(&bytes, &path, &home, if self.lasting { Naming::Anew } else { Naming::InDraft })?;
                path
            }
            Act::Reveal => self.public(),
        };
        Ok(Receipt { place: path.display().to_string() })
    }

    fn reveal(&self, _edition: &Edition) -> Result<Receipt, WriteError> {
        let (draft, public) = (self.draft(), self.public());
        // Until now a half file would have been found by its digest.
        self.settle(durable::sync_below, &draft)?;
        durable::rename_new(&draft, &public).map_err(|error| match error.kind() {
            // Whether it is the same release is not known: other bytes must not pass for these.
            io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => faster(&public),
            _ => Failure::io(&public, &error),
        })?;
        self.settle(durable::sync_folder, &self.home())?;
        Ok(Receipt { place: public.display().to_string() })
    }
}

/// A document of the version, not by way of a link.
fn found(folder: &Path, name: &str) -> Result<FoundDocument, Failure> {
    let path = folder.join(name);
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(FoundDocument::Missing),
        Err(error) => Err(Failure::io(&path, &error)),
        Ok(metadata) if !metadata.is_file() => Ok(FoundDocument::Wrong("is no regular file".to_owned())),
        Ok(_) => plain_file::read(&path).map(FoundDocument::Read).map_err(|error| Failure::io(&path, &error)),
    }
}

fn file_state(folder: &Path, name: &str, says: Digest) -> Result<FileState, Failure> {
    let path = folder.join(name);
    let failed = |error: io::Error| Failure::io(&path, &error);
    // What is put there would lie elsewhere.
    let above = path.parent().filter(|above| *above != folder);
    if above.and_then(|above| fs::symlink_metadata(above).ok()).is_some_and(|metadata| !metadata.is_dir()) {
        return Ok(FileState::Wrong("lies below what is no folder".to_owned()));
    }
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(FileState::Missing),
        Err(error) => return Err(failed(error)),
        Ok(metadata) if !metadata.is_file() => return Ok(FileState::Wrong("is no regular file".to_owned())),
        Ok(_) => {}
    }
    let mut file = match File::open(&path) {
        // Another process has just made the draft public.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(FileState::Missing),
        file => file.map_err(failed)?,
    };
    let is = Hashed::read(&mut file).map_err(failed)?.digest();
    Ok(if is == says { FileState::Sound } else { FileState::Wrong(changed(says, is)) })
}

/// Whether this user may make something in a folder, as far as modes tell. Nothing is tried.
fn writable(folder: &Path) -> Result<(), Failure> {
    let what = match platform::may_write_in(folder) {
        _ if !folder.is_dir() => "is no folder",
        true => return Ok(()),
        false => "cannot be written to by this user",
    };
    let failure = Failure::new(Class::NotProven, "folder-not-writable", what).about(folder.display().to_string());
    Err(failure.hint("change its modes, or name another folder in `[publish.folder]`"))
}

/// The lock of a name, held.
fn lock(path: &Path, patience: &Patience) -> Result<File, Failure> {
    let is_new = !path.exists();
    // Neither emptied nor made behind a link: what lies there may be somebody's.
    let lock = platform::refuse_links(OpenOptions::new().write(true).create(true).truncate(false)).open(path);
    let lock = lock.map_err(|error| Failure::io(path, &error))?;
    patience.hold(&lock, path).map_err(Failure::from)?;
    if is_new {
        set_mode(path, 0o644)?;
    }
    Ok(lock)
}
