//! Whether a sealed folder still shows what its document claims: bytes by their digest, claims by evidence, floors by the programs. For whoever
//! repeats a claim without verifying the whole release.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;

use plimsoll_fetch::MAX_DOCUMENT;
use plimsoll_fetch::registry::evidence_path;
use plimsoll_model::{ArtifactId, Digest, Evidence, FileName, Hashed, ReleaseDocument, ReleasedArtifact, Statement};
use plimsoll_store::Store;

use crate::{measured, project};

/// The artifacts of which the folder does not show what the document claims, each with the reason.
pub fn not_shown(dist: &Path, document: &ReleaseDocument, store: &Store) -> BTreeMap<ArtifactId, String> {
    let statements = statements(dist, document);
    let mut faults = BTreeMap::new();
    for artifact in &document.artifacts {
        let path = dist.join(artifact.file_name.as_str());
        let fault = if !is(&path, artifact) {
            Some("the file in dist/ is not the one that was sealed".to_owned())
        } else if let Err(why) = artifact.is_shown_by(&statements) {
            Some(format!("no evidence in dist/ shows it: {why}"))
        } else {
            let found = measured::remembered(store, project::now(), artifact, || File::open(&path));
            found.first().map(ToString::to_string)
        };
        faults.extend(fault.map(|fault| (artifact.id.clone(), fault)));
    }
    faults
}

/// Whether a file is the artifact. What is no file, or of another size, is not read.
fn is(path: &Path, artifact: &ReleasedArtifact) -> bool {
    let sized = fs::metadata(path).is_ok_and(|data| data.is_file() && data.len() == artifact.size);
    let hashed = || File::open(path).and_then(|mut file| Hashed::read(&mut file));
    sized && hashed().is_ok_and(|hashed| hashed.digest() == artifact.sha256)
}

/// What can be read below `evidence/` and is what the document names. The rest is missed by the claims that are made of it.
fn statements(dist: &Path, document: &ReleaseDocument) -> BTreeMap<FileName, Evidence> {
    let read = |(file, says): (&FileName, &Digest)| {
        let path = dist.join(evidence_path(file));
        fs::metadata(&path).ok().filter(|data| data.is_file() && data.len() <= MAX_DOCUMENT)?;
        let bytes = fs::read(path).ok().filter(|bytes| Digest::of(bytes) == *says)?;
        Some((file.clone(), Statement::read(&bytes).ok()?))
    };
    let unclaimed = document.unclaimed().collect::<BTreeSet<_>>();
    document.evidence.iter().filter(|(file, _)| !unclaimed.contains(file)).filter_map(read).collect()
}
