//! What to make of a tree: one spec a kind. A spec that exists is sound; its file name is settled when it is made.

use serde::{Deserialize, Serialize};

use crate::archive::ArchiveSpec;
use crate::file_name::{FileName, FileNameError};
use crate::kind::Kind;
use crate::nif::{InvalidNifFileName, NifSpec};
use crate::static_binary::StaticSpec;
use crate::tree::Tree;

/// How one artifact is packed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spec {
    /// A tarball or zip.
    Archive(ArchiveSpec),
    /// A library for the BEAM.
    Nif(NifSpec),
    /// A bare static binary.
    Static(StaticSpec),
}

/// Settings that make no spec.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// The file name.
    #[error(transparent)]
    FileName(#[from] FileNameError),
    /// The file name of a NIF.
    #[error(transparent)]
    Nif(#[from] InvalidNifFileName),
    /// The time is beyond what the format can hold.
    #[error("epoch {epoch} is after the last second that a tar header can hold ({last})")]
    Epoch {
        /// Seconds since 1970.
        epoch: u64,
        /// The greatest value allowed.
        last: u64,
    },
}

impl Spec {
    /// The kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Archive(_) => Kind::Archive,
            Self::Nif(_) => Kind::Nif,
            Self::Static(_) => Kind::Static,
        }
    }

    /// The artifact's file name.
    pub const fn file_name(&self) -> &FileName {
        match self {
            Self::Archive(spec) => spec.file_name(),
            Self::Nif(spec) => spec.file_name(),
            Self::Static(spec) => spec.file_name(),
        }
    }

    /// The listing that the artifact will have, in order; folders end in `/`. For a bare binary, its own name.
    pub fn members(&self, tree: &Tree) -> Vec<String> {
        match self {
            Self::Archive(spec) => spec.members(tree),
            Self::Nif(spec) => spec.members(tree),
            Self::Static(spec) => vec![spec.file_name().to_string()],
        }
    }
}
