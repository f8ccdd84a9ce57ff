//! The one list of what a release holds, and how its files are called. Whoever writes, reads or compares a release goes by it.

use std::collections::BTreeMap;

use super::{Release, ReleaseDocument, ReleasedArtifact};
use crate::digest::Digest;
use crate::names::FileName;

/// Name of the document of a release.
pub const RELEASE_FILE: &str = "release.json";
/// Name of the checksum file of a release.
pub const SUMS_FILE: &str = "SHA256SUMS";
/// Name of the folder with statements.
pub const EVIDENCE_FOLDER: &str = "evidence";

/// `evidence/{file}`: where a statement lies in a release.
pub fn evidence_path(file: &FileName) -> String {
    format!("{EVIDENCE_FOLDER}/{file}")
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseFile<'r> {
    /// Its path in the release, with `/`: `app.tar.xz`, `evidence/….json`.
    pub path: String,
    /// What its bytes must be.
    pub sha256: Digest,
    /// What it is of the release.
    pub part: ReleasePart<'r>,
}

/// What a file is of the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleasePart<'r> {
    /// An artifact.
    Artifact(&'r ReleasedArtifact),
    /// Evidence, by its name below `evidence/`.
    Statement(&'r FileName),
    /// `SHA256SUMS`.
    Checksums,
    /// `release.json`.
    Document,
}

impl Release {
    /// Every file of the release as it was sealed, in the order of [`ReleaseDocument::files`].
    pub fn files(&self) -> Vec<ReleaseFile<'_>> {
        self.document.files(Digest::of(&self.document.to_bytes()))
    }

    /// The bytes of every file that is no artifact, by its path.
    pub fn documents(&self) -> BTreeMap<String, Vec<u8>> {
        let document = self.document.to_bytes();
        let sums = self.document.checksums(Digest::of(&document)).into_bytes();
        let statements = self.statements.iter().map(|(name, bytes)| (evidence_path(name), bytes.clone()));
        statements.chain([(SUMS_FILE.to_owned(), sums), (RELEASE_FILE.to_owned(), document)]).collect()
    }
}

impl ReleaseDocument {
    /// Every file of the release, in the order in which it is written: artifacts, evidence, checksums, and last `release.json`, with which a
    /// version counts as there. `release` is the digest of its bytes as they lie there: an older plimsoll may have written them otherwise.
    pub fn files(&self, release: Digest) -> Vec<ReleaseFile<'_>> {
        let artifacts = self.artifacts.iter().map(|artifact| ReleaseFile {
            path: artifact.file_name.to_string(),
            sha256: artifact.sha256,
            part: ReleasePart::Artifact(artifact),
        });
        let statements = self.evidence.iter().map(|(name, sha256)| ReleaseFile {
            path: evidence_path(name),
            sha256: *sha256,
            part: ReleasePart::Statement(name),
        });
        let sums = Digest::of(self.checksums(release).as_bytes());
        let documents = [(SUMS_FILE, sums, ReleasePart::Checksums), (RELEASE_FILE, release, ReleasePart::Document)];
        let documents = documents.map(|(path, sha256, part)| ReleaseFile { path: path.to_owned(), sha256, part });
        artifacts.chain(statements).chain(documents).collect()
    }
}
