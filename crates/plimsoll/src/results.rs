//! What the nodes of one run have found out so far. Each stage writes its own part once, and reads what it needs of the parts before it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use plimsoll_model::{ArtifactId, Evidence, Measured, Name, PayloadId, ProductId, TrialId};
use plimsoll_store::Output;

use crate::assemble::Assembled;
use crate::build::Product;

/// Values of one kind by id, filled by many threads.
#[derive(Debug)]
pub struct SharedMap<K, V> {
    values: Mutex<BTreeMap<K, V>>,
}

impl<K, V> Default for SharedMap<K, V> {
    fn default() -> Self {
        Self { values: Mutex::new(BTreeMap::new()) }
    }
}

impl<K: Ord, V: Clone> SharedMap<K, V> {
    /// Puts a value.
    pub fn put(&self, key: K, value: V) {
        self.values.lock().unwrap_or_else(PoisonError::into_inner).insert(key, value);
    }

    /// A copy of a value.
    pub fn get(&self, key: &K) -> Option<V> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// All values.
    pub fn into_inner(self) -> BTreeMap<K, V> {
        self.values.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Results by stage.
#[derive(Debug, Default)]
pub struct Results {
    /// Built products.
    pub products: SharedMap<ProductId, Product>,
    /// Assembled payloads.
    pub assembled: SharedMap<PayloadId, Assembled>,
    /// Generated files: path → blob.
    pub generated: SharedMap<Name, BTreeMap<String, Output>>,
    /// Artifacts whose bytes are there, with what was measured of them.
    pub packed: SharedMap<ArtifactId, (Output, Measured)>,
    /// Evidence by trial; what failed is here too, so that it can be looked at.
    pub evidence: SharedMap<TrialId, Evidence>,
}
