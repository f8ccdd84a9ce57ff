//! The pack stage: an assembled Tree becomes the artifact's bytes, as a blob.

use std::num::NonZeroU32;

use plimsoll_model::{ArtifactId, ArtifactPlan, Class, Failure, Plan};
use plimsoll_pack::{Entry, PackError, Tree, pack};
use plimsoll_store::{ActionRecord, KeyBuilder, Output, Store};

use crate::kinds;

/// The name under which an action keeps the artifact's blob.
const ARTIFACT: &str = "artifact";

/// Packs artifacts.
#[derive(Debug)]
pub struct PackStage<'a> {
    /// Where blobs are.
    pub store: &'a Store,
    /// Cores that a compressor may use; the bytes do not depend on it.
    pub threads: NonZeroU32,
    /// The clock, in seconds since 1970.
    pub now: u64,
}

impl PackStage<'_> {
    /// The artifact's blob, from memory or packed now.
    ///
    /// # Errors
    /// Where the tree does not suit the kind, or writing fails.
    pub fn run(&self, plan: &Plan, id: &ArtifactId, artifact: &ArtifactPlan, tree: &Tree) -> Result<(Output, bool), Failure> {
        let spec = kinds::spec(plan, artifact).map_err(|failure| failure.about(id.to_string()))?;
        let key = KeyBuilder::new("pack", spec.kind().format_number())
            .part("kind", &artifact.kind.name())
            .part("format", &artifact.kind.container())
            .part("file-name", &artifact.file_name)
            .part("epoch", &plan.epoch)
            .part("tree", &tree.digest());
        if let Some(output) = self.store.recall(key.key()).and_then(|record| record.outputs.get(ARTIFACT).cloned()) {
            return Ok((output, true));
        }
        let started = std::time::Instant::now();
        let mut writer = self.store.blob_writer().map_err(Failure::from)?;
        if let Err(error) = pack(&spec, tree, self.store, self.store, self.threads, &mut writer) {
            drop(writer);
            return Err(self.failed(&error, tree).about(id.to_string()));
        }
        let hashed = writer.commit().map_err(Failure::from)?;
        let output = Output { digest: hashed.digest(), size: hashed.size() };
        let record = ActionRecord {
            outputs: [(ARTIFACT.to_owned(), output.clone())].into(),
            facts: serde_json::Value::Null,
            finished: self.now,
            milliseconds: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        self.store.remember(&key, &record).map_err(Failure::from)?;
        Ok((output, false))
    }
}

impl PackStage<'_> {
    /// A blob that was damaged on disk is removed, so that the next run makes it anew.
    fn failed(&self, error: &PackError, tree: &Tree) -> Failure {
        let files = tree.iter().filter_map(|(_, entry)| if let Entry::File { digest, .. } = entry { Some(*digest) } else { None });
        let lost = files.filter(|digest| self.store.check(*digest).is_err()).count();
        let failure =
            Failure::from_error(Class::NotProven, if lost > 0 { plimsoll_store::StoreError::LOST_BLOB } else { "pack-failed" }, error);
        match kinds::pack_hint(error) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}
