//! A Python package index as a channel: PyPI, or one of the project's own. Files are public one by one, and stay.
//!
//! What is there is asked of the index (the Simple API in JSON), never of uv and never of the ledger. uv uploads; a file that others depend on is waited
//! for until the index shows it.

mod listing;
mod order;
mod uploader;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use plimsoll_fetch::{Network, Source as Place};
use plimsoll_model::{Class, Digest, Failure, Release};

pub use uploader::{TRUST_VARIABLES, Trust, Uploader};

use super::channel::{Channel, Turn};
use super::edition::Edition;
use super::folder::copy_checked;
use super::published::Documents;
use super::write::{Act, Receipt, Source, Write, WriteError, WriteState};

/// How long an index may take to show what it was given: PyPI's pages lie with a content delivery network.
pub const PATIENCE: Duration = Duration::from_secs(600);
/// Between two questions, at first; later ones come slower.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Silence after which is told that it is waited.
const SILENCE: Duration = Duration::from_secs(5);

/// Where an index takes files, and where it shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    upload: Option<String>,
    index: Place,
}

impl Repository {
    /// An index of one's own: the URL that takes uploads, and that of its Simple API.
    pub fn new(upload: &str, index: Place) -> Self {
        Self { upload: Some(upload.to_owned()), index }
    }

    /// The one that uv publishes to unless it is told another one: PyPI.
    ///
    /// # Errors
    /// If uv does not say which that is.
    pub fn usual(uploader: &Uploader) -> Result<Self, Failure> {
        Ok(Self { upload: None, index: uploader.usual_index()? })
    }
}

/// What waits, and who hears of it.
pub struct Waiting<'a> {
    /// How long an index may take to show a file.
    pub patience: Duration,
    /// Whether to stop.
    pub stop: &'a dyn Fn() -> bool,
    /// Hears what is waited for.
    pub tell: &'a dyn Fn(String),
}

/// An index that the files of one release are published to.
pub struct PypiChannel<'a> {
    repository: Repository,
    uploader: &'a Uploader,
    network: &'a Network,
    /// File → project.
    projects: BTreeMap<String, String>,
    folder: &'a Path,
    waiting: Waiting<'a>,
}

impl<'a> PypiChannel<'a> {
    /// `folder` is one in which files can be put for a moment.
    pub fn new(
        release: &Release,
        repository: Repository,
        uploader: &'a Uploader,
        network: &'a Network,
        folder: &'a Path,
        waiting: Waiting<'a>,
    ) -> Self {
        Self { repository, uploader, network, projects: order::projects(release.document()), folder, waiting }
    }

    /// How many files an index is given of a release.
    pub fn files_of(release: &Release) -> usize {
        order::projects(release.document()).len()
    }

    /// Digest of the file that the index has under a name, if it says one; none if it has no such file.
    fn shown(&self, name: &str) -> Result<Option<Option<Digest>>, Failure> {
        let project =
            self.projects.get(name).ok_or_else(|| Failure::new(Class::NotProven, "plan", "is no file for an index").about(name))?;
        Ok(listing::listing(&self.repository.index, project, self.network)?.remove(name))
    }

    /// Waits until the index shows a file: what is uploaded next may need it.
    fn wait(&self, name: &str, digest: Digest) -> Result<(), Failure> {
        let (began, mut pause, mut told) = (Instant::now(), PAUSE, false);
        loop {
            let shown = self.shown(name);
            if matches!(shown, Ok(Some(Some(is))) if is == digest) {
                return Ok(());
            }
            if (self.waiting.stop)() {
                return Err(Failure::interrupted());
            }
            let took = began.elapsed();
            if took >= self.waiting.patience {
                let message = format!("was uploaded, and the index does not show it after {} seconds", took.as_secs());
                let failure = Failure::new(Class::Network, "not-shown", message).about(name);
                return Err(shown.err().into_iter().fold(failure, |failure, last| failure.cause("last", last.to_string())));
            }
            if took >= SILENCE && !std::mem::replace(&mut told, true) {
                (self.waiting.tell)(format!("waiting until {} shows {name}", self.repository.index));
            }
            std::thread::sleep(pause.min(self.waiting.patience.saturating_sub(took)));
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// A copy under the file's own name, of bytes that are known to be the sealed ones: uv reads them by itself.
    fn copy(&self, write: &Write) -> Result<tempfile::TempDir, Failure> {
        let Act::Put(bytes) = &write.act else { return Err(Failure::new(Class::NotProven, "plan", "an index takes files alone")) };
        let at = |error: std::io::Error| Failure::io(self.folder, &error);
        let folder = tempfile::tempdir_in(self.folder).map_err(at)?;
        let mut file = tempfile::NamedTempFile::new_in(folder.path()).map_err(at)?;
        match &bytes.source {
            Source::File(from) => copy_checked(from, &mut file, bytes.digest)?,
            Source::Memory(bytes) => std::io::Write::write_all(&mut file, bytes).map_err(at)?,
        }
        file.persist(folder.path().join(&write.name)).map_err(|error| at(error.error))?;
        Ok(folder)
    }
}

impl Channel for PypiChannel<'_> {
    fn name(&self) -> &'static str {
        "pypi"
    }

    fn place(&self) -> String {
        self.repository.index.to_string()
    }

    fn can_be_undone(&self) -> bool {
        false
    }

    fn preflight(&self, _: &Release) -> Result<Option<Documents>, Failure> {
        let projects = self.projects.values().collect::<std::collections::BTreeSet<_>>();
        for project in projects {
            listing::listing(&self.repository.index, project, self.network)?;
        }
        Ok(None)
    }

    fn writes(&self, edition: &Edition) -> Vec<Write> {
        let write = |(project, file): (String, super::EditionFile)| Write {
            to: format!("{}/{project}/{}", self.repository.index, file.name),
            name: file.name,
            act: Act::Put(file.bytes),
        };
        order::files(edition).into_iter().map(write).collect()
    }

    fn state(&self, write: &Write) -> Result<WriteState, Failure> {
        let Act::Put(bytes) = &write.act else { return Ok(WriteState::Absent) };
        Ok(match self.shown(&write.name)? {
            None => WriteState::Absent,
            Some(Some(digest)) if digest == bytes.digest => WriteState::Same,
            Some(Some(digest)) => WriteState::Other(super::published::changed(bytes.digest, digest)),
            Some(None) => WriteState::Other("is there, and the index does not say its sha256".to_owned()),
        })
    }

    fn begin(&self, _: &Edition) -> Result<Turn, Failure> {
        if self.uploader.is_trusted() { Ok(Turn::unlocked()) } else { Err(untrusted()) }
    }

    fn perform(&self, write: &Write) -> Result<Receipt, WriteError> {
        let Act::Put(bytes) = &write.act else {
            return Err(Failure::new(Class::NotProven, "plan", "an index takes files alone").into());
        };
        let folder = self.copy(write)?;
        let file = folder.path().join(&write.name);
        self.uploader.upload(&file, self.repository.upload.as_deref(), &self.repository.index)?;
        self.wait(&write.name, bytes.digest).map_err(WriteError::Unknown)?;
        Ok(Receipt { place: write.to.clone() })
    }

    fn reveal(&self, _: &Edition) -> Result<Receipt, WriteError> {
        Err(Failure::new(Class::NotProven, "plan", "an index has no drafts").into())
    }
}

/// The failure of a release that nobody vouches for.
pub fn untrusted() -> Failure {
    Failure::new(Class::Usage, "no-token", "nobody vouches for uploads to the Python index")
        .hint("set UV_PUBLISH_TOKEN, or release from a workflow that the index trusts (trusted publishing)")
}
