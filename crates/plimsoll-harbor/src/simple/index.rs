//! What an index holds: files by name, names that are burned, and when each release began. Knows no HTTP and no clock.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use plimsoll_model::Digest;
use plimsoll_model::python::PythonVersion;

use super::file_name::FileType;
use super::metadata::CoreMetadata;
use super::refused::Refused;
use super::release_form::ReleaseForm;

/// How long after its first file a release takes others.
const RELEASE_OPEN: Duration = Duration::from_secs(14 * 24 * 3600);

/// A file of the index.
#[derive(Debug, Clone)]
pub(super) struct HeldFile {
    pub file_name: String,
    /// Normalised, with hyphens.
    pub project: String,
    pub version: PythonVersion,
    pub file_type: FileType,
    pub path: PathBuf,
    pub size: u64,
    pub sha256: Digest,
    pub requires_python: Option<String>,
    pub metadata: Option<CoreMetadata>,
    pub attestations: Option<String>,
    /// None of the wheelhouse.
    pub uploaded: Option<SystemTime>,
}

/// What became of a file name.
#[derive(Debug)]
enum Slot {
    Held(Box<HeldFile>),
    Deleted,
}

/// A release that was begun by an upload.
#[derive(Debug)]
struct Begun {
    project: String,
    version: PythonVersion,
    since: SystemTime,
}

/// Whether a file may come in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It is not there.
    New,
    /// The same bytes are there.
    Same,
}

/// The files.
#[derive(Debug, Default)]
pub(super) struct Index {
    slots: BTreeMap<String, Slot>,
    begun: Vec<Begun>,
}

impl Index {
    /// Whether bytes may have a name in a release.
    pub(super) fn admits(&self, file_name: &str, sha256: Digest, release: &ReleaseForm, now: SystemTime) -> Result<Admission, Refused> {
        match self.slots.get(file_name) {
            Some(Slot::Held(file)) if file.sha256 == sha256 => return Ok(Admission::Same),
            Some(Slot::Held(file)) => return Err(Refused::Exists(file_name.to_owned(), file.sha256)),
            Some(Slot::Deleted) => return Err(Refused::Used(file_name.to_owned())),
            None => {}
        }
        let is_same = |project: &str, version: &PythonVersion| project == release.project && *version == release.version;
        let begun = self.begun.iter().find(|begun| is_same(&begun.project, &begun.version));
        let age = begun.and_then(|begun| now.duration_since(begun.since).ok());
        if age.is_some_and(|age| age > RELEASE_OPEN) {
            return Err(Refused::TooOld(release.project.clone(), release.version.to_string()));
        }
        let mut sdists = self.files().filter(|file| file.file_type == FileType::Sdist && is_same(&file.project, &file.version));
        if let Some(other) = sdists.next().filter(|_| release.file_type == FileType::Sdist) {
            return Err(Refused::SecondSdist(other.file_name.clone()));
        }
        Ok(Admission::New)
    }

    /// Takes a file whose name is free.
    pub(super) fn insert(&mut self, file: HeldFile) {
        let is_begun = self.begun.iter().any(|begun| begun.project == file.project && begun.version == file.version);
        if let Some(since) = file.uploaded.filter(|_| !is_begun) {
            self.begun.push(Begun { project: file.project.clone(), version: file.version.clone(), since });
        }
        self.slots.insert(file.file_name.clone(), Slot::Held(Box::new(file)));
    }

    /// Deletes an uploaded file and burns its name; gives back what it was.
    pub(super) fn delete(&mut self, file_name: &str) -> Option<HeldFile> {
        let slot = self.slots.get_mut(file_name)?;
        if !matches!(slot, Slot::Held(file) if file.uploaded.is_some()) {
            return None;
        }
        match std::mem::replace(slot, Slot::Deleted) {
            Slot::Held(file) => Some(*file),
            Slot::Deleted => None,
        }
    }

    /// The file of a name.
    pub(super) fn file(&self, file_name: &str) -> Option<&HeldFile> {
        match self.slots.get(file_name)? {
            Slot::Held(file) => Some(file),
            Slot::Deleted => None,
        }
    }

    /// All files, by name.
    pub(super) fn files(&self) -> impl Iterator<Item = &HeldFile> {
        self.slots.values().filter_map(|slot| match slot {
            Slot::Held(file) => Some(&**file),
            Slot::Deleted => None,
        })
    }

    /// Normalised names of all projects, each once.
    pub(super) fn projects(&self) -> Vec<&str> {
        let mut projects = self.files().map(|file| file.project.as_str()).collect::<Vec<_>>();
        projects.sort_unstable();
        projects.dedup();
        projects
    }
}
