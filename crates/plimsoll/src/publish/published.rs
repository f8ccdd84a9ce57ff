//! The documents of a published release, held against the release that is to be published. Where the artifacts are the same bytes and the same is
//! claimed of them, it is the same release, whatever day and machine its documents tell of: they are then what every channel gets.
//!
//! Sees bytes that a channel has read, and reads nothing itself. Whether the published artifacts are still what the documents say is asked of
//! the channel, write by write.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_fetch::registry::{RELEASE_FILE, SUMS_FILE, evidence_path};
use plimsoll_model::{Class, Digest, Evidence, Failure, Release, ReleaseDocument, ReleasedArtifact, Statement};

use super::claims::claims;

/// The documents of a release that is public, whole: those that it has lost are made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documents {
    document: ReleaseDocument,
    files: BTreeMap<String, Vec<u8>>,
}

/// A published document, as a channel found it.
#[derive(Debug)]
pub enum FoundDocument {
    /// It is not there.
    Missing,
    /// Its bytes.
    Read(Vec<u8>),
    /// It is there, and cannot be what it should: `is no regular file`.
    Wrong(String),
}

impl Documents {
    /// The documents beside a published `release.json`; `read` gives the others by their names in the release. `place` is where it is published.
    ///
    /// # Errors
    /// If it is another release, or its evidence was changed or is lost.
    pub fn matching(
        place: &str,
        release: &Release,
        bytes: Vec<u8>,
        read: &mut dyn FnMut(&str) -> Result<FoundDocument, Failure>,
    ) -> Result<Self, Failure> {
        let document = ReleaseDocument::parse(&bytes).map_err(|error| damaged(place, [(RELEASE_FILE.to_owned(), error.to_string())]))?;
        same_artifacts(place, release.document(), &document)?;
        let ours = release.statements();
        let (mut evidence, mut wrong) = (BTreeMap::new(), BTreeMap::new());
        for (name, digest) in &document.evidence {
            let path = evidence_path(name);
            let found = match read(&path)? {
                FoundDocument::Read(bytes) => match Digest::of(&bytes) {
                    is if is == *digest => Ok(bytes),
                    is => Err(changed(*digest, is)),
                },
                FoundDocument::Missing => {
                    let copy = ours.get(name).filter(|bytes| Digest::of(bytes) == *digest).cloned();
                    copy.ok_or_else(|| "is missing, and this machine has no copy of it".to_owned())
                }
                FoundDocument::Wrong(what) => Err(what),
            };
            match found {
                Ok(bytes) => drop(evidence.insert(path, bytes)),
                Err(what) => drop(wrong.insert(path, what)),
            }
        }
        if !wrong.is_empty() {
            return Err(damaged(place, wrong));
        }
        same_claims(place, release, &document, &evidence)?;
        let sums = document.checksums(Digest::of(&bytes)).into_bytes();
        let mut files = BTreeMap::from([(RELEASE_FILE.to_owned(), bytes), (SUMS_FILE.to_owned(), sums)]);
        files.extend(evidence);
        Ok(Self { document, files })
    }

    /// The document, and the bytes of all by their names in the release.
    pub fn into_parts(self) -> (ReleaseDocument, BTreeMap<String, Vec<u8>>) {
        (self.document, self.files)
    }
}

/// What is wrong with bytes that are not what they should be.
pub(super) fn changed(should: Digest, is: Digest) -> String {
    format!("was changed: it should be sha256 {should}, and is {is}")
}

/// The published artifacts must be those that were sealed; what else the documents say of a day or a machine may differ.
fn same_artifacts(place: &str, sealed: &ReleaseDocument, published: &ReleaseDocument) -> Result<(), Failure> {
    let named = |document: &ReleaseDocument| format!("{} {}", document.name, document.version);
    if named(sealed) != named(published) {
        return Err(taken(place, sealed, "bytes").cause("published", named(published)).cause("sealed", named(sealed)));
    }
    // What was required and is claimed of them is compared by the evidence.
    let bare = |document: &ReleaseDocument| {
        let artifacts = document.artifacts.iter().map(|artifact| ReleasedArtifact {
            proven: Vec::new(),
            required: BTreeMap::new(),
            ..artifact.clone()
        });
        artifacts.map(|artifact| (artifact.id.clone(), artifact)).collect::<BTreeMap<_, _>>()
    };
    let (ours, theirs) = (bare(sealed), bare(published));
    if ours == theirs && sealed.artifacts.len() == published.artifacts.len() {
        return Ok(());
    }
    let mut failure = taken(place, sealed, "bytes");
    let told = |artifact: Option<&ReleasedArtifact>| {
        artifact.map_or_else(|| "not there".to_owned(), |artifact| format!("{} sha256 {}", artifact.file_name, artifact.sha256))
    };
    let ids = ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>();
    for id in ids.into_iter().filter(|id| ours.get(*id) != theirs.get(*id)) {
        let (published, sealed) = (told(theirs.get(id)), told(ours.get(id)));
        let what = if published == sealed { "the same bytes, described otherwise".to_owned() } else { sealed };
        failure = failure.cause("published", format!("{id}: {published}")).cause("sealed", format!("{id}: {what}"));
    }
    Err(failure)
}

/// What was proven of the artifacts must be the same; the statements say it at length, and each is bound to the document by its digest.
fn same_claims(place: &str, release: &Release, published: &ReleaseDocument, documents: &BTreeMap<String, Vec<u8>>) -> Result<(), Failure> {
    let mut theirs = Vec::new();
    for name in published.evidence.keys() {
        let path = evidence_path(name);
        let bytes = documents.get(&path).map(Vec::as_slice).unwrap_or_default();
        theirs.push(evidence(bytes).map_err(|what| damaged(place, [(path, what)]))?);
    }
    let ours = release.statements().values().filter_map(|bytes| evidence(bytes).ok()).collect::<Vec<_>>();
    let (ours, theirs) = (claims(release.document(), &ours), claims(published, &theirs));
    if ours == theirs {
        return Ok(());
    }
    let failure = taken(place, release.document(), "claims");
    let failure = theirs.difference(&ours).fold(failure, |failure, claim| failure.cause("published", claim.to_string()));
    Err(ours.difference(&theirs).fold(failure, |failure, claim| failure.cause("sealed", claim.to_string())))
}

fn evidence(bytes: &[u8]) -> Result<Evidence, String> {
    let statement: Statement = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    statement.evidence().cloned().map_err(|error| error.to_string())
}

/// The failure of a version that is public, and not as it was sealed: file → what is wrong with it.
pub(super) fn damaged(place: &str, wrong: impl IntoIterator<Item = (String, String)>) -> Failure {
    let failure = Failure::new(Class::NotProven, "published-damaged", "this version is published, and not as it was sealed");
    let failure = wrong.into_iter().fold(failure, |failure, (file, what)| failure.cause("but", format!("{file} {what}")));
    failure
        .about(place)
        .hint("published files are never overwritten: restore them from a copy, or delete an archive that was changed to have it put back")
}

fn taken(place: &str, sealed: &ReleaseDocument, other: &str) -> Failure {
    let message = format!("{} {} is published with other {other}", sealed.name, sealed.version);
    Failure::new(Class::NotProven, "version-taken", message)
        .about(place)
        .hint("a published version never changes: give the release a new version")
}
