//! A release with the documents that it is published with: those that were sealed here, or those of an earlier run that are public already. The
//! artifacts are the same bytes either way. Reads no file; must not be made of anything but a [`Release`], and what was held against one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plimsoll_fetch::registry::{RELEASE_FILE, SUMS_FILE, evidence_path};
use plimsoll_model::{Digest, Name, Release, ReleaseDocument};
use semver::Version;

use super::published::Documents;
use super::write::{Bytes, Source};

/// What is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    document: ReleaseDocument,
    documents: BTreeMap<String, Vec<u8>>,
    dist: PathBuf,
}

/// A file of an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseFile {
    /// Its name in the release: `app.tar.xz`, `evidence/….json`.
    pub name: String,
    /// What is in it.
    pub bytes: Bytes,
}

impl Edition {
    /// As it was sealed; the artifacts lie in `dist`.
    pub fn sealed(release: &Release, dist: &Path) -> Self {
        let document = release.document().clone();
        let bytes = document.to_bytes();
        let sums = document.checksums(Digest::of(&bytes)).into_bytes();
        let mut documents = BTreeMap::from([(RELEASE_FILE.to_owned(), bytes), (SUMS_FILE.to_owned(), sums)]);
        documents.extend(release.statements().iter().map(|(name, bytes)| (evidence_path(name), bytes.clone())));
        Self { document, documents, dist: dist.to_owned() }
    }

    /// As it is public already; the artifacts lie in `dist`.
    pub fn published(documents: Documents, dist: &Path) -> Self {
        let (document, documents) = documents.into_parts();
        Self { document, documents, dist: dist.to_owned() }
    }

    /// The name.
    pub fn name(&self) -> &Name {
        &self.document.name
    }

    /// The version.
    pub fn version(&self) -> &Version {
        &self.document.version
    }

    /// The release's id.
    pub fn id(&self) -> Digest {
        self.document.id
    }

    /// `release.json`, `SHA256SUMS` and the evidence.
    pub fn documents(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.documents
    }

    /// Every file, in the order in which it is written: artifacts, evidence, checksums, and last `release.json`, with which a version counts as
    /// there.
    pub fn files(&self) -> Vec<ReleaseFile> {
        let artifacts = self.document.artifacts.iter().map(|artifact| {
            let source = Source::File(self.dist.join(artifact.file_name.as_str()));
            let bytes = Bytes { digest: artifact.sha256, size: artifact.size, source };
            ReleaseFile { name: artifact.file_name.to_string(), bytes }
        });
        let rank = |name: &str| [SUMS_FILE, RELEASE_FILE].iter().position(|last| *last == name).map_or(0, |at| at + 1);
        let mut documents = self.documents.iter().collect::<Vec<_>>();
        documents.sort_by_key(|(name, _)| rank(name));
        let documents = documents.into_iter().map(|(name, bytes)| {
            let size = bytes.len() as u64;
            let bytes = Bytes { digest: Digest::of(bytes), size, source: Source::Memory(bytes.clone()) };
            ReleaseFile { name: name.clone(), bytes }
        });
        artifacts.chain(documents).collect()
    }
}
