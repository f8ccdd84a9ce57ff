//! The spec of a NIF's archive: its name, which says what lies in it, and its time.

use plimsoll_model::Target;
use serde::{Deserialize, Serialize};

use super::{InvalidNifFileName, NifFileName};
use crate::archive::LAST_EPOCH;
use crate::file_name::{FileName, FileNameError};
use crate::spec::SpecError;
use crate::tree::Tree;

/// What a plan says of a NIF's archive, unchecked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NifSettings {
    /// The whole file name, of either scheme.
    pub name: String,
    /// The time of every member, in seconds since 1970, UTC.
    pub epoch: u64,
}

/// The spec of a NIF's archive, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "NifSettings", into = "NifSettings")]
pub struct NifSpec {
    name: NifFileName,
    file_name: FileName,
    epoch: u64,
}

impl NifSpec {
    /// Checks settings.
    ///
    /// # Errors
    /// The name is of neither scheme, or has a character that registries change; the time is after [`LAST_EPOCH`].
    pub fn new(settings: NifSettings) -> Result<Self, SpecError> {
        let NifSettings { name, epoch } = settings;
        if epoch > LAST_EPOCH {
            return Err(SpecError::Epoch { epoch, last: LAST_EPOCH });
        }
        let parsed = name.parse().map_err(|error: InvalidNifFileName| SpecError::Nif(error))?;
        Ok(Self { name: parsed, file_name: name.parse().map_err(FileNameError::from)?, epoch })
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

impl TryFrom<NifSettings> for NifSpec {
    type Error = SpecError;

    fn try_from(settings: NifSettings) -> Result<Self, Self::Error> {
        Self::new(settings)
    }
}

impl From<NifSpec> for NifSettings {
    fn from(spec: NifSpec) -> Self {
        Self { name: spec.file_name.to_string(), epoch: spec.epoch }
    }
}
