//! What artifacts are filled with: programs and libraries for one target, inspected once and the same bytes in each.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::kind::Holds;
use crate::names::ProductId;
use crate::target::Target;

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
