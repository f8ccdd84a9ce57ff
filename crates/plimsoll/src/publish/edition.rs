//! A release with the documents that it is published with: those that were sealed here, or those of an earlier run that are public already. The
//! artifacts are the same bytes either way. Reads no file; must not be made of anything but a [`Release`], and what was held against one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plimsoll_model::release::{RELEASE_FILE, ReleasePart};
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
pub struct EditionFile {
    /// Its name in the release: `app.tar.xz`, `evidence/….json`.
    pub name: String,
    /// What is in it.
    pub bytes: Bytes,
}

impl Edition {
    /// As it was sealed; the artifacts lie in `dist`.
    pub fn sealed(release: &Release, dist: &Path) -> Self {
        Self { document: release.document().clone(), documents: release.documents(), dist: dist.to_owned() }
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

    /// The document of the release.
    pub fn document(&self) -> &ReleaseDocument {
        &self.document
    }

    /// `release.json`, `SHA256SUMS` and the evidence.
    pub fn documents(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.documents
    }

    /// Every file of the release with its bytes, in the order in which it is written.
    pub fn files(&self) -> Vec<EditionFile> {
        let document = self.documents.get(RELEASE_FILE).map(Vec::as_slice).unwrap_or_default();
        let files = self.document.files(Digest::of(document)).into_iter().map(|file| {
            let (size, source) = match file.part {
                ReleasePart::Artifact(artifact) => (artifact.size, Source::File(self.dist.join(&file.path))),
                ReleasePart::Statement(_) | ReleasePart::Checksums | ReleasePart::Document => {
                    let bytes = self.documents.get(&file.path).cloned().unwrap_or_default();
                    (bytes.len() as u64, Source::Memory(bytes))
                }
            };
            EditionFile { bytes: Bytes { digest: file.sha256, size, source }, name: file.path }
        });
        files.collect()
    }
}
