//! The spec of a NIF's archive: its name, which says what lies in it, and its time.

use plimsoll_model::{FileName, Target};

use super::{InvalidNifFileName, NifFileName};
use crate::spec::{SpecError, checked_epoch};
use crate::tree::Tree;

/// How a NIF's archive is packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NifSpec {
    name: NifFileName,
    file_name: FileName,
    epoch: u64,
}

impl NifSpec {
    /// The spec of a NIF's archive, whose members all have the time `epoch`, in seconds since 1970, UTC.
    ///
    /// # Errors
    /// The name is of neither scheme; the time is after [`LAST_EPOCH`](crate::LAST_EPOCH).
    pub fn new(file_name: FileName, epoch: u64) -> Result<Self, SpecError> {
        let name = file_name.as_str().parse().map_err(|error: InvalidNifFileName| SpecError::Nif(error))?;
        Ok(Self { name, file_name, epoch: checked_epoch(epoch)? })
    }

    /// The archive's file name, in parts.
    pub const fn name(&self) -> &NifFileName {
        &self.name
    }

    /// The archive's file name.
    pub const fn file_name(&self) -> &FileName {
        &self.file_name
    }

    /// The target.
    pub const fn target(&self) -> &Target {
        self.name.target()
    }

    /// The time of every member, in seconds since 1970, UTC.
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The only member that the archive may have; none where the scheme takes a whole tree.
    pub fn member(&self) -> Option<String> {
        match &self.name {
            NifFileName::Precompiled(name) => Some(name.member()),
            NifFileName::ElixirMake(_) => None,
        }
    }

    /// The listing that the archive will have, in order; folders end in `/`.
    pub fn members(&self, tree: &Tree) -> Vec<String> {
        crate::archive::listing(tree, None)
    }
}
