//! Whether a sealed folder still shows what its document claims: bytes by their digest, claims by evidence, floors by the programs. For whoever
//! repeats a claim without verifying the whole release.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use plimsoll_fetch::registry::evidence_path;
use plimsoll_model::{ArtifactId, Digest, Evidence, FileName, Hashed, ReleaseDocument, Statement};
use plimsoll_store::Store;

use crate::{measured, session};

/// The artifacts of which the folder does not show what the document claims, each with the reason.
pub fn not_shown(dist: &Path, document: &ReleaseDocument, store: &Store) -> BTreeMap<ArtifactId, String> {
    let statements = statements(dist, document);
    let mut faults = BTreeMap::new();
    for artifact in &document.artifacts {
        let path = dist.join(artifact.file_name.as_str());
        let hashed = File::open(&path).and_then(|mut file| Hashed::read(&mut file));
        let fault = if !hashed.is_ok_and(|hashed| (hashed.digest(), hashed.size()) == (artifact.sha256, artifact.size)) {
            Some("the file in dist/ is not the one that was sealed".to_owned())
        } else if let Err(why) = artifact.is_shown_by(&statements) {
            Some(format!("no evidence in dist/ shows it: {why}"))
        } else {
            let found = measured::remembered(store, session::now(), artifact, || File::open(&path));
            found.first().map(ToString::to_string)
        };
        faults.extend(fault.map(|fault| (artifact.id.clone(), fault)));
    }
    faults
}

/// What can be read below `evidence/` and is what the document names. The rest is missed by the claims that are made of it.
fn statements(dist: &Path, document: &ReleaseDocument) -> BTreeMap<FileName, Evidence> {
    let read = |(file, says): (&FileName, &Digest)| {
        let bytes = fs::read(dist.join(evidence_path(file))).ok().filter(|bytes| Digest::of(bytes) == *says)?;
        Some((file.clone(), Statement::read(&bytes).ok()?))
    };
    document.evidence.iter().filter_map(read).collect()
}
