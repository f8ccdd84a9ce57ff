//! Files that the index serves besides what is uploaded, and that no upload can change: what others made, brought by digest.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use plimsoll_model::{Digest, Hashed};

use super::file_name::{FileType, PackageFileName};
use super::index::HeldFile;
use super::metadata::CoreMetadata;

/// A file of the wheelhouse. It must stay as it is as long as the index is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WheelhouseFile {
    /// What it is called in the index: a wheel's or sdist's name.
    pub file_name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// What it must be.
    pub sha256: Digest,
}

impl WheelhouseFile {
    /// Reads and hashes the file. Which Pythons it is for is told for wheels alone: an sdist says so only inside.
    pub(super) fn held(&self) -> io::Result<HeldFile> {
        let failed = |kind, why: &str| io::Error::new(kind, format!("{}: {why}", self.path.display()));
        let name = PackageFileName::parse(&self.file_name)
            .ok_or_else(|| failed(io::ErrorKind::InvalidInput, &format!("`{}` is no file name of a wheel or sdist", self.file_name)))?;
        let hashed = hashed(&self.path).map_err(|error| failed(error.kind(), &error.to_string()))?;
        if hashed.digest() != self.sha256 {
            return Err(failed(
                io::ErrorKind::InvalidData,
                &format!("has the SHA-256 {}, and {} was expected", hashed.digest(), self.sha256),
            ));
        }
        let metadata = (name.file_type == FileType::Wheel).then(|| CoreMetadata::of_wheel(&self.path, &name.stem)).flatten();
        Ok(HeldFile {
            file_name: self.file_name.clone(),
            project: name.project,
            version: name.version,
            file_type: name.file_type,
            path: self.path.clone(),
            size: hashed.size(),
            sha256: self.sha256,
            requires_python: metadata.as_ref().and_then(CoreMetadata::requires_python),
            metadata,
            attestations: None,
            uploaded: None,
        })
    }
}

fn hashed(path: &Path) -> io::Result<Hashed> {
    Hashed::read(&mut File::open(path)?)
}
