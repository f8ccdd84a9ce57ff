//! Where a project says that the files of a named root come from.

use std::collections::BTreeMap;

use plimsoll_model::Digest;

/// Where the files of a root come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootSource {
    /// An image of a registry of containers, whose digest is in the lock file.
    Image(String),
    /// One archive, for whichever processor.
    Archive(RootArchive),
    /// Processor, as in targets → archive.
    Archives(BTreeMap<String, RootArchive>),
}

/// A root file system in a tar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootArchive {
    /// A path, absolute or relative to the project, or an http or https URL.
    pub place: String,
    /// Digest of the file as it lies there.
    pub sha256: Digest,
}
