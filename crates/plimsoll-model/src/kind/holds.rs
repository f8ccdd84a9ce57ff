//! What the binaries of an artifact are, as far as its kind decides it.

use serde::{Deserialize, Serialize};

use super::nif::NifVersion;

/// What the binaries of a payload are, and with it what must be true of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", tag = "holds")]
pub enum Holds {
    /// Programs, which a system starts.
    Programs,
    /// Programs that need nothing of a system: static, and no library beside them.
    StaticPrograms,
    /// A library that the BEAM loads.
    BeamLibrary {
        /// The version of the interface that it is made for.
        nif: NifVersion,
        /// Folders between it and the top of what users unpack: search paths that it names are relative to where it lies.
        folders_above: u32,
    },
}
