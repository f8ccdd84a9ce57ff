//! The seal: from Proven artifacts to `dist/`, which appears whole or not at all.
//!
//! Every artifact is hashed here as it goes in; what a document says of it is never taken for it.

mod folder;
mod former;
mod leftovers;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use plimsoll_model::release::{InvalidRelease, RELEASE_FILE};
use plimsoll_model::{
    ArtifactId, Class, Digest, Evidence, Failure, GapKind, Measured, Name, NotProven, Plan, Proven, Release, ReleaseDocument, TrialId,
};
use plimsoll_store::{Guard, Store};

use plimsoll_store::plain_file;

/// What the stages before found out about one artifact.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Digest of the packed bytes, as they lie in the store.
    pub digest: Digest,
    /// Facts about its programs.
    pub measured: Measured,
    /// What its trials showed.
    pub evidence: Vec<Evidence>,
    /// Trials for further targets that only another machine can run, with the reasons.
    pub open: BTreeMap<TrialId, String>,
}

/// Seals releases.
#[derive(Debug)]
pub struct SealStage<'a> {
    /// Where the packed bytes are.
    pub store: &'a Store,
    /// What is required.
    pub plan: &'a Plan,
    /// The folder to be made: `dist`.
    pub dist: &'a Path,
    /// How a user builds from source where no artifact fits.
    pub from_source: Option<String>,
}

/// A sealed release and where it lies.
#[derive(Debug)]
pub struct Sealed {
    /// The release.
    pub release: Release,
    /// Its folder.
    pub dist: PathBuf,
    /// Whether the folder held exactly this already.
    pub unchanged: bool,
}

impl SealStage<'_> {
    /// Seals what is proven among `candidates`; `gaps` explain the rest.
    ///
    /// # Errors
    /// Where evidence does not hold, bytes are damaged, nothing is proven, or `dist/` is not ours to replace.
    pub fn run(&self, candidates: &BTreeMap<ArtifactId, Candidate>, gaps: BTreeMap<ArtifactId, GapKind>) -> Result<Sealed, Failure> {
        let staging = folder::Staging::beside(self.dist, &self.plan.name, self.store)?;
        let mut proven = Vec::new();
        for (id, candidate) in candidates {
            let planned = self.plan.artifacts.get(id).ok_or_else(|| not_proven(&NotProven::Unknown(id.clone())))?;
            let hashed = staging.take(candidate.digest, planned.file_name.as_str())?;
            let one = Proven::new(self.plan, id.clone(), hashed, &candidate.evidence).map_err(|error| not_proven(&error))?;
            proven.push((one, candidate.measured.clone()));
        }
        let open = candidates.values().flat_map(|candidate| candidate.open.clone()).collect();
        let release = Release::seal(self.plan, proven, gaps, &open, self.from_source.clone())
            .map_err(|error| Failure::from_error(Class::NotProven, "nothing-proven", &error).hint("see the failures above"))?;
        release.documents().iter().try_for_each(|(name, bytes)| staging.write(name, bytes))?;
        let unchanged = staging.replace()?;
        Ok(Sealed { release, dist: self.dist.to_owned(), unchanged })
    }
}

fn not_proven(error: &NotProven) -> Failure {
    Failure::from_error(Class::NotProven, "not-proven", error)
}

/// What a `dist/` holds.
#[derive(Debug)]
pub enum Found {
    /// No release.
    Nothing,
    /// A document that cannot be relied on.
    Damaged {
        /// The document.
        file: PathBuf,
        /// What is wrong with it.
        error: InvalidRelease,
    },
    /// A sealed release. Whether its files are still what was sealed is for the caller to find out.
    Sealed(Box<ReleaseDocument>),
}

impl Found {
    /// The document, for whom nothing else will do.
    ///
    /// # Errors
    /// Where nothing is sealed, or the document cannot be relied on.
    pub fn sealed(self, dist: &Path) -> Result<ReleaseDocument, Failure> {
        match self {
            Self::Sealed(document) => Ok(*document),
            Self::Nothing => Err(Failure::new(Class::NotProven, NO_RELEASE, "nothing is sealed")
                .about(dist.display().to_string())
                .hint("`plimsoll rehearse` seals what it proves")),
            Self::Damaged { file, error } => Err(Failure::from_error(Class::NotProven, NO_RELEASE, &error)
                .about(file.display().to_string())
                .hint(format!("delete {} and run `plimsoll rehearse`, which seals anew", dist.display()))),
        }
    }
}

const NO_RELEASE: &str = "no-release";

/// Looks for the sealed document in `dist`.
///
/// # Errors
/// Where there is one that cannot be opened.
pub fn read(dist: &Path) -> Result<Found, Failure> {
    let file = dist.join(RELEASE_FILE);
    let bytes = match plain_file::read(&file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(Failure::io(&file, &error)),
    };
    Ok(match ReleaseDocument::parse(&bytes) {
        Ok(document) => Found::Sealed(Box::new(document)),
        Err(error) => Found::Damaged { file, error },
    })
}

/// Held by whoever changes `dist`: two processes on one project take turns.
///
/// # Errors
/// If the lock cannot be had, or waiting was stopped.
pub fn turn(store: &Store, dist: &Path) -> Result<Guard, Failure> {
    let name = Digest::of(dist.as_os_str().as_encoded_bytes()).short();
    store.lock(&format!("dist-{name}")).map_err(Failure::from)
}

/// Gives `dist` the documents of a published release that has the same artifacts as `release`.
///
/// # Errors
/// If `dist` is not ours to replace, or bytes are damaged.
pub fn adopt(store: &Store, dist: &Path, release: &Release, documents: &BTreeMap<String, Vec<u8>>) -> Result<(), Failure> {
    let _turn = turn(store, dist)?;
    let staging = folder::Staging::beside(dist, &release.document().name, store)?;
    for artifact in &release.document().artifacts {
        staging.take(artifact.sha256, artifact.file_name.as_str())?;
    }
    documents.iter().try_for_each(|(name, bytes)| staging.write(name, bytes))?;
    staging.replace().map(drop)
}

/// Makes ready for sealing: removes what a killed run left beside `dist`, and refuses a `dist` that holds anything but a sealed release of
/// `name`, before any work is done for it.
///
/// # Errors
/// Names the first file that was not sealed.
pub fn make_ready(store: &Store, dist: &Path, name: &Name) -> Result<(), Failure> {
    leftovers::sweep(store, dist, name)?;
    former::refuse_foreign(dist, name)
}

fn damaged(error: plimsoll_store::StoreError) -> Failure {
    let lost = error.is_lost_blob();
    let failure = Failure::from(error);
    if lost { failure.hint("run the command again: what was lost is made anew") } else { failure }
}
