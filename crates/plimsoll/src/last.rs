//! What the last rehearsal of a project came to, for `status`: reasons of what was tried and is not proven.
//!
//! Only a memory for people; nothing is claimed from it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_model::{ArtifactId, Digest, GapKind, Plan};
use plimsoll_store::Store;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Last {
    plan: Digest,
    gaps: BTreeMap<ArtifactId, GapKind>,
}

fn file(store: &Store, project: &Path) -> PathBuf {
    let name = Digest::of(project.as_os_str().as_encoded_bytes()).short();
    store.root().join("memory").join(format!("last-{name}.json"))
}

/// Keeps the gaps. Best effort: without it `status` only says less.
pub fn remember(store: &Store, project: &Path, plan: &Plan, gaps: &BTreeMap<ArtifactId, GapKind>) {
    let path = file(store, project);
    let last = Last { plan: plan.id(), gaps: gaps.clone() };
    let _ = path.parent().map(fs::create_dir_all);
    let _ = fs::write(path, plimsoll_model::document_json(&last));
}

/// The gaps of the last rehearsal; none if it was of another plan, or if there was none.
pub fn gaps(store: &Store, project: &Path, plan: &Plan) -> Option<BTreeMap<ArtifactId, GapKind>> {
    let read = fs::read(file(store, project)).ok().and_then(|bytes| serde_json::from_slice::<Last>(&bytes).ok());
    read.filter(|last| last.plan == plan.id()).map(|last| last.gaps)
}
