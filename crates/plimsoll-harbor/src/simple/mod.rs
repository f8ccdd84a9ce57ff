//! The Python package index: the Simple API that pip and uv install from, and the upload API that `uv publish` and twine upload to, with the
//! refusals of PyPI. It answers at `/simple/`, `/files/` and `/legacy/`.
//!
//! What is inside of a file is judged by a check that it is given. Trusted publishing is not there: clients ask for it over HTTPS alone.

mod accept;
mod disposition;
mod file_name;
mod index;
mod metadata;
mod multipart;
mod pages;
mod refused;
mod release_form;
mod serve;
mod upload;
mod wheelhouse;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use plimsoll_model::Digest;
use tempfile::TempDir;

pub use file_name::FileType;
use index::{Admission, HeldFile, Index};
use metadata::CoreMetadata;
use refused::Refused;
use release_form::{ReleaseForm, check_digests};
use upload::{NoUpload, Received};
pub use wheelhouse::WheelhouseFile;

use crate::transport::Body;

/// How the paths begin at which an index answers.
pub const INDEX_PREFIXES: [&str; 3] = ["/simple/", "/files/", "/legacy/"];

/// The largest file that PyPI takes unless it is asked for more, in bytes.
pub const LARGEST_PYPI_FILE: u64 = 100 << 20;

/// A file that is about to be taken, for the check that the index was given.
#[derive(Debug)]
pub struct Upload<'a> {
    /// Normalised, with hyphens.
    pub project: &'a str,
    /// In its normal form.
    pub version: &'a str,
    /// What the field `filetype` says, and the file name too.
    pub file_type: FileType,
    /// What it will be called.
    pub file_name: &'a str,
    /// Where the whole file lies for now.
    pub path: &'a Path,
    /// In bytes.
    pub size: u64,
    /// Of the bytes at `path`.
    pub sha256: Digest,
    /// All fields of the form but the file, in their order.
    pub fields: &'a [(String, String)],
}

/// Says why a file is not taken, as a fragment.
pub type UploadCheck = Box<dyn Fn(&Upload<'_>) -> Result<(), String> + Send + Sync>;

/// Tells the time.
pub type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

/// How an index behaves.
pub struct SimpleOptions {
    /// The password of the user `__token__`.
    pub token: String,
    /// What time it is: when files were uploaded, and whether a release still takes some.
    pub clock: Clock,
    /// The largest file that is taken, in bytes.
    pub largest_file: u64,
    /// What is asked of a new file beyond what the index looks at itself. It is not asked of the same bytes again.
    pub check: UploadCheck,
    /// What is served besides what is uploaded.
    pub wheelhouse: Vec<WheelhouseFile>,
}

impl SimpleOptions {
    /// With the machine's clock, PyPI's limit, no check and no wheelhouse.
    pub fn new(token: impl Into<String>) -> Self {
        Self {
            token: token.into(),
            clock: Box::new(SystemTime::now),
            largest_file: LARGEST_PYPI_FILE,
            check: Box::new(|_| Ok(())),
            wheelhouse: Vec::new(),
        }
    }
}

/// A file that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadedFile {
    /// Its name.
    pub file_name: String,
    /// In bytes.
    pub size: u64,
    /// Of its bytes.
    pub sha256: Digest,
    /// When it was taken.
    pub uploaded: SystemTime,
    /// The attestations that came with it: a JSON list (PEP 740), not verified.
    pub attestations: Option<String>,
}

/// An index. What was uploaded lies in a folder that goes with it.
pub struct Simple {
    /// `Basic` and the credentials, as a client must send them.
    authorization: String,
    clock: Clock,
    largest_file: u64,
    check: UploadCheck,
    files: TempDir,
    index: Mutex<Index>,
}

impl Simple {
    /// An index that keeps what is uploaded in a new folder inside of `folder`.
    ///
    /// # Errors
    /// If the folder cannot be made, or a file of the wheelhouse is not what it should be, or stands there twice.
    pub fn new(folder: &Path, options: SimpleOptions) -> io::Result<Self> {
        let mut index = Index::default();
        for given in &options.wheelhouse {
            if index.file(&given.file_name).is_some() {
                let message = format!("`{}` stands twice in the wheelhouse", given.file_name);
                return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
            }
            index.insert(given.held()?);
        }
        let files = tempfile::Builder::new().prefix("index-").tempdir_in(folder)?;
        Ok(Self {
            authorization: BASE64_STANDARD.encode(format!("__token__:{}", options.token)),
            clock: options.clock,
            largest_file: options.largest_file,
            check: options.check,
            files,
            index: Mutex::new(index),
        })
    }

    /// What was uploaded and not deleted, by name.
    pub fn uploaded(&self) -> Vec<UploadedFile> {
        let index = self.index();
        let uploaded = index.files().filter_map(|file| {
            Some(UploadedFile {
                file_name: file.file_name.clone(),
                size: file.size,
                sha256: file.sha256,
                uploaded: file.uploaded?,
                attestations: file.attestations.clone(),
            })
        });
        uploaded.collect()
    }

    /// Deletes an uploaded file, as its owner may on PyPI: its name is never free again. Says whether it was there.
    ///
    /// # Errors
    /// If its bytes cannot be removed; it is not served any more even so.
    pub fn delete(&self, file_name: &str) -> io::Result<bool> {
        let deleted = self.index().delete(file_name);
        deleted.as_ref().map_or(Ok(()), |file| std::fs::remove_file(&file.path))?;
        Ok(deleted.is_some())
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        // It is whole after every statement, so a thread that panicked has not spoilt it.
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a client has the token.
    fn is_authorized(&self, header: Option<&str>) -> bool {
        let credentials = header.and_then(|header| header.split_once(' '));
        credentials.is_some_and(|(scheme, text)| scheme.eq_ignore_ascii_case("basic") && text.trim() == self.authorization)
    }

    /// Takes what a client sends, whole or not at all.
    fn take(&self, content_type: &str, body: &mut Body<'_>) -> Result<(), NoUpload> {
        body.limit(self.largest_file.saturating_add(2 * upload::MAX_FIELDS));
        let received = Received::read(content_type, body, self.files.path(), self.largest_file)?;
        let form = ReleaseForm::read(&received)?;
        check_digests(&received)?;
        let (file_name, sha256) = (received.file.name.clone(), received.file.sha256);
        let admits = |index: &Index| index.admits(&file_name, sha256, &form, (self.clock)());
        if admits(&self.index())? == Admission::Same {
            return Ok(());
        }
        // Outside of the lock: a check takes its time.
        let metadata = self.checked(&received, &form)?;
        let mut index = self.index();
        if admits(&index)? == Admission::Same {
            return Ok(());
        }
        let path = self.keep(received.file.file)?;
        index.insert(HeldFile {
            file_name,
            project: form.project,
            version: form.version,
            file_type: form.file_type,
            path,
            size: received.file.size,
            sha256,
            requires_python: form.requires_python,
            metadata,
            attestations: form.attestations,
            uploaded: Some((self.clock)()),
        });
        Ok(())
    }

    /// The metadata of a file that may be taken, if its type has some.
    fn checked(&self, received: &Received, form: &ReleaseForm) -> Result<Option<CoreMetadata>, Refused> {
        let (file, version) = (&received.file, form.version.to_string());
        let metadata = (form.file_type == FileType::Wheel).then(|| {
            let read = CoreMetadata::of_wheel(file.file.path(), &form.stem);
            read.ok_or_else(|| Refused::FileName(file.name.clone(), format!("does not contain {}.dist-info/METADATA", form.stem)))
        });
        let metadata = metadata.transpose()?;
        let upload = Upload {
            project: &form.project,
            version: &version,
            file_type: form.file_type,
            file_name: &file.name,
            path: file.file.path(),
            size: file.size,
            sha256: file.sha256,
            fields: &received.fields,
        };
        (self.check)(&upload).map_err(Refused::Check)?;
        Ok(metadata)
    }

    /// Keeps a file under a name that says nothing, since file systems differ in which names are one.
    fn keep(&self, file: tempfile::NamedTempFile) -> io::Result<PathBuf> {
        let (_, path) = file.keep().map_err(|error| error.error)?;
        Ok(path)
    }
}
