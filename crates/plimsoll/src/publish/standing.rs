//! What stands where a version is to be published: nothing, this very release, whole or with files missing, or something else.
//!
//! Published files are looked at byte by byte. What is missing and can be made again is named; what was changed, or is another release, is an
//! error. Nothing is written here.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use plimsoll_fetch::registry::{RELEASE_FILE, SUMS_FILE, evidence_path};
use plimsoll_model::{Class, Digest, Evidence, Failure, Hashed, Release, ReleaseDocument, ReleasedArtifact, Statement};

use super::claims::claims;
use crate::seal::files_of;

/// What is at the place of a version.
#[derive(Debug)]
pub enum Standing {
    /// Nothing.
    Free,
    /// The release that is to be published.
    There(There),
}

/// A published release that is the one to be published.
#[derive(Debug, PartialEq, Eq)]
pub struct There {
    /// Its documents: `release.json`, `SHA256SUMS` and the evidence, as they are published.
    pub documents: BTreeMap<String, Vec<u8>>,
    /// Files that it lost and that can be put back, with their digests; and the index, if that does not name the version.
    pub missing: BTreeMap<String, Digest>,
}

/// A published file as it was found.
enum FileState {
    Sound,
    Missing,
    Wrong(String),
}

impl Standing {
    /// Holds what is at `place` against `release`.
    ///
    /// # Errors
    /// If another release is there, or this one with files that were changed or cannot be made again.
    pub(super) fn of(place: &Path, release: &Release) -> Result<Self, Failure> {
        match fs::symlink_metadata(place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::Free),
            Err(error) => return Err(Failure::io(place, &error)),
            Ok(metadata) if !metadata.is_dir() => return Err(damaged(place, [("it".to_owned(), "is no folder".to_owned())])),
            Ok(_) => {}
        }
        let (document, bytes) = published(place, release)?;
        same_artifacts(place, release.document(), &document)?;
        let there = whole(place, release, &document, &bytes)?;
        same_claims(place, release, &document, &there.documents)?;
        Ok(Self::There(there))
    }
}

/// The published document. If it is missing, everything else that is there must be of the release that is to be published.
fn published(place: &Path, release: &Release) -> Result<(ReleaseDocument, Vec<u8>), Failure> {
    let path = place.join(RELEASE_FILE);
    let wrong = |what: String| damaged(place, [(RELEASE_FILE.to_owned(), what)]);
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let document = release.document().clone();
            let bytes = document.to_bytes();
            return Ok((document, bytes));
        }
        Ok(metadata) if !metadata.is_file() => return Err(wrong("is no regular file".to_owned())),
        _ => {}
    }
    let bytes = fs::read(&path).map_err(|error| Failure::io(&path, &error))?;
    let document = ReleaseDocument::parse(&bytes).map_err(|error| wrong(error.to_string()))?;
    Ok((document, bytes))
}

/// The published artifacts must be those that were sealed; what else the documents say of a day or a machine may differ.
fn same_artifacts(place: &Path, sealed: &ReleaseDocument, published: &ReleaseDocument) -> Result<(), Failure> {
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
    let ids = ours.keys().chain(theirs.keys()).collect::<std::collections::BTreeSet<_>>();
    for id in ids.into_iter().filter(|id| ours.get(*id) != theirs.get(*id)) {
        let (published, sealed) = (told(theirs.get(id)), told(ours.get(id)));
        let what = if published == sealed { "the same bytes, described otherwise".to_owned() } else { sealed };
        failure = failure.cause("published", format!("{id}: {published}")).cause("sealed", format!("{id}: {what}"));
    }
    Err(failure)
}

/// What was proven of the artifacts must be the same; the statements say it at length, and each is bound to the document by its digest.
fn same_claims(place: &Path, release: &Release, published: &ReleaseDocument, documents: &BTreeMap<String, Vec<u8>>) -> Result<(), Failure> {
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

/// The published documents, and what is missing.
fn whole(place: &Path, release: &Release, document: &ReleaseDocument, bytes: &[u8]) -> Result<There, Failure> {
    let sums = document.checksums(Digest::of(bytes)).into_bytes();
    let mut documents = BTreeMap::from([(RELEASE_FILE.to_owned(), bytes.to_owned()), (SUMS_FILE.to_owned(), sums)]);
    let statements = release.statements().iter().map(|(name, bytes)| (evidence_path(name), bytes)).collect::<BTreeMap<_, _>>();
    let (mut missing, mut wrong) = (BTreeMap::new(), BTreeMap::new());
    for (file, digest) in files_of(document, bytes) {
        let path = place.join(&file);
        let is_evidence = !documents.contains_key(&file) && !document.artifacts.iter().any(|artifact| artifact.file_name.as_str() == file);
        match state(&path, digest).map_err(|error| Failure::io(&path, &error))? {
            FileState::Wrong(what) => drop(wrong.insert(file, what)),
            FileState::Sound if is_evidence => {
                documents.insert(file, fs::read(&path).map_err(|error| Failure::io(&path, &error))?);
            }
            FileState::Sound => {}
            FileState::Missing if !is_evidence => drop(missing.insert(file, digest)),
            FileState::Missing => match statements.get(&file).filter(|bytes| Digest::of(bytes) == digest) {
                Some(bytes) => {
                    documents.insert(file.clone(), bytes.to_vec());
                    missing.insert(file, digest);
                }
                None => drop(wrong.insert(file, "is missing, and this machine has no copy of it".to_owned())),
            },
        }
    }
    if wrong.is_empty() {
        return Ok(There { documents, missing });
    }
    // Which release the rest is of cannot be known then.
    if missing.contains_key(RELEASE_FILE) {
        wrong.insert(RELEASE_FILE.to_owned(), "is missing, and what is left is of another run".to_owned());
    }
    Err(damaged(place, wrong))
}

fn state(path: &Path, says: Digest) -> io::Result<FileState> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(FileState::Missing),
        Err(error) => return Err(error),
        Ok(metadata) if !metadata.is_file() => return Ok(FileState::Wrong("is no regular file".to_owned())),
        Ok(_) => {}
    }
    let is = Hashed::read(&mut File::open(path)?)?.digest();
    Ok(if is == says { FileState::Sound } else { FileState::Wrong(format!("was changed: it should be sha256 {says}, and is {is}")) })
}

fn damaged(place: &Path, wrong: impl IntoIterator<Item = (String, String)>) -> Failure {
    let failure = Failure::new(Class::NotProven, "published-damaged", "this version is published, and not as it was sealed");
    let failure = wrong.into_iter().fold(failure, |failure, (file, what)| failure.cause("but", format!("{file} {what}")));
    failure
        .about(place.display().to_string())
        .hint("published files are never overwritten: restore them from a copy, or delete an archive that was changed to have it put back")
}

fn taken(place: &Path, sealed: &ReleaseDocument, other: &str) -> Failure {
    let message = format!("{} {} is published with other {other}", sealed.name, sealed.version);
    Failure::new(Class::NotProven, "version-taken", message)
        .about(place.display().to_string())
        .hint("a published version never changes: give the release a new version")
}
