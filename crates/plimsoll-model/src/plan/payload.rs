//! What artifacts are filled with: programs and libraries for one target, inspected once and the same bytes in each.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::kind::nif::NifVersion;
use crate::names::ProductId;
use crate::target::Target;

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

/// One payload.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PayloadPlan {
    /// What it runs on.
    pub target: Target,
    /// Product → which of its programs or libraries are taken.
    pub products: BTreeMap<ProductId, BTreeSet<String>>,
    /// What these are.
    #[serde(flatten)]
    pub holds: Holds,
}

impl PayloadPlan {
    /// Its programs and libraries by name.
    pub fn binaries(&self) -> impl Iterator<Item = &str> {
        self.products.values().flatten().map(String::as_str)
    }
}
