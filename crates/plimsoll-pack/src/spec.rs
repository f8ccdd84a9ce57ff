//! What to make of a tree: one spec a kind. A spec that exists is sound.

use plimsoll_model::FileName;

use crate::archive::ArchiveSpec;
use crate::kind::Kind;
use crate::nif::{InvalidNifFileName, NifSpec};
use crate::one_file::OneFileSpec;
use crate::tree::Tree;
use crate::wheel::WheelSpec;

/// The last second of 2107, which is the last that zip can hold (APPNOTE 4.4.6); tar could go on to 2242. One limit for all kinds, so that a
/// project's time does not depend on what it ships.
pub const LAST_EPOCH: u64 = 4_354_819_199;

/// How one artifact is packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spec {
    /// A tarball or zip.
    Archive(ArchiveSpec),
    /// A library for the BEAM.
    Nif(NifSpec),
    /// A bare static binary.
    Static(OneFileSpec),
    /// A file of the project.
    File(OneFileSpec),
    /// A package of Python's.
    Wheel(Box<WheelSpec>),
}

/// Settings that make no spec.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// The file name of a NIF.
    #[error(transparent)]
    Nif(#[from] InvalidNifFileName),
    /// A name that says another format, or none.
    #[error("`{file_name}` does not end in `{suffix}`, as its format asks")]
    Suffix {
        /// The artifact.
        file_name: FileName,
        /// What it should end in.
        suffix: &'static str,
    },
    /// The time is beyond what every format can hold.
    #[error("epoch {epoch} is after {LAST_EPOCH}, the end of 2107, which is the last that zip can hold")]
    Epoch {
        /// Seconds since 1970.
        epoch: u64,
    },
}

/// The time, where every format can hold it.
pub(crate) const fn checked_epoch(epoch: u64) -> Result<u64, SpecError> {
    if epoch > LAST_EPOCH { Err(SpecError::Epoch { epoch }) } else { Ok(epoch) }
}

impl Spec {
    /// The kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Archive(_) => Kind::Archive,
            Self::Nif(_) => Kind::Nif,
            Self::Static(_) => Kind::Static,
            Self::File(_) => Kind::File,
            Self::Wheel(_) => Kind::Wheel,
        }
    }

    /// The artifact's file name.
    pub const fn file_name(&self) -> &FileName {
        match self {
            Self::Archive(spec) => spec.file_name(),
            Self::Nif(spec) => spec.file_name(),
            Self::Static(spec) | Self::File(spec) => spec.file_name(),
            Self::Wheel(spec) => spec.file_name(),
        }
    }

    /// The listing that the artifact will have, in order; folders end in `/`. Of what has no container, its own name.
    pub fn members(&self, tree: &Tree) -> Vec<String> {
        match self {
            Self::Archive(spec) => spec.members(tree),
            Self::Nif(spec) => spec.members(tree),
            Self::Static(spec) | Self::File(spec) => vec![spec.file_name().to_string()],
            Self::Wheel(spec) => spec.members(tree),
        }
    }
}
