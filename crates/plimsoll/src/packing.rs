//! The pack stage: payloads and the project's files become a Tree, and the Tree an artifact's bytes, as a blob.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use plimsoll_model::{ArtifactId, ArtifactPlan, Class, Failure, KindPlan, Plan, Target};
use plimsoll_pack::{Entry, Mode, PackError, Tree, TreeError, TreePath, pack};
use plimsoll_store::work::SourceFile;
use plimsoll_store::{ActionRecord, KeyBuilder, Output, Store};

use crate::assemble::Assembled;
use crate::kinds::{self, Layout};
use crate::sources::Sources;

/// The name under which an action keeps the artifact's blob.
const ARTIFACT: &str = "artifact";

/// Number of the way trees are laid out.
const FORMAT: u32 = 1;

/// Packs artifacts.
#[derive(Debug, Clone, Copy)]
pub struct PackStage<'a> {
    /// Where blobs are.
    pub store: &'a Store,
    /// Where the project's files are.
    pub sources: &'a Sources,
    /// Cores that a compressor may use; the bytes do not depend on it.
    pub threads: NonZeroU32,
    /// The clock, in seconds since 1970.
    pub now: u64,
}

/// What an artifact is packed from.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// Its id.
    pub id: &'a ArtifactId,
    /// What the plan says of it.
    pub artifact: &'a ArtifactPlan,
    /// Each payload with its target.
    pub payloads: &'a [(&'a Target, Assembled)],
    /// Generated files: path in the artifact → blob.
    pub generated: &'a BTreeMap<String, Output>,
}

impl PackStage<'_> {
    /// The artifact's blob, from memory or packed now.
    ///
    /// # Errors
    /// If a declared file is missing, the tree does not suit the kind, or writing fails.
    pub fn run(&self, plan: &Plan, parts: Parts<'_>) -> Result<(Output, bool), Failure> {
        let Parts { id, artifact, .. } = parts;
        let spec = kinds::spec(plan, artifact).map_err(|failure| failure.about(id.to_string()))?;
        let layout = Layout::of(&artifact.kind);
        let laid_out = |(target, payload): &(&Target, Assembled)| {
            payload.binaries.iter().map(|(name, output)| (layout.path(name, target), output.clone())).collect::<Vec<_>>()
        };
        let binaries = parts.payloads.iter().flat_map(laid_out).collect::<BTreeMap<_, _>>();
        let files = self.files(artifact)?;
        let key = KeyBuilder::new("pack", spec.kind().format_number())
            .part("layout", &FORMAT)
            .part("kind", &artifact.kind)
            .part("file-name", &artifact.file_name)
            .part("epoch", &plan.epoch)
            .part("binaries", &binaries)
            .part("files", &files.iter().map(|(to, file)| (to, (file.digest, file.executable))).collect::<BTreeMap<_, _>>());
        // What has none is packed as ever.
        let key = if parts.generated.is_empty() { key } else { key.part("generated", parts.generated) };
        if let Some(output) = self.store.recall(key.key()).and_then(|record| record.outputs.get(ARTIFACT).cloned()) {
            return Ok((output, true));
        }
        let started = std::time::Instant::now();
        let tree = self.tree(layout, &binaries, &files, parts.generated).map_err(|failure| failure.about(id.to_string()))?;
        let mut writer = self.store.blob_writer().map_err(Failure::from)?;
        if let Err(error) = pack(&spec, &tree, self.store, self.store, self.threads, &mut writer) {
            drop(writer);
            return Err(self.failed(&error, &tree).about(id.to_string()));
        }
        let hashed = writer.commit().map_err(Failure::from)?;
        let output = Output { digest: hashed.digest(), size: hashed.size() };
        let read = || self.store.read(output.digest).map_err(Failure::from);
        kinds::examined(&artifact.kind, &artifact.file_name, read).map_err(|failure| failure.about(id.to_string()))?;
        let record = ActionRecord {
            outputs: [(ARTIFACT.to_owned(), output.clone())].into(),
            facts: serde_json::Value::Null,
            finished: self.now,
            milliseconds: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        self.store.remember(&key, &record).map_err(Failure::from)?;
        Ok((output, false))
    }

    /// The project's files that are shipped: path in the artifact → source file.
    fn files(&self, artifact: &ArtifactPlan) -> Result<BTreeMap<String, &SourceFile>, Failure> {
        let found = artifact.files().map(|(from, to)| {
            let file = self.sources.at(from).ok_or_else(|| {
                Failure::new(Class::Usage, "file-missing", format!("`{from}` is to be shipped and is no source file of the project"))
                    .hint("correct `files` in plimsoll.toml, or see that git does not ignore the file")
            })?;
            Ok((to.to_owned(), file))
        });
        found.collect()
    }

    fn tree(
        &self,
        layout: Layout<'_>,
        binaries: &BTreeMap<String, Output>,
        files: &BTreeMap<String, &SourceFile>,
        generated: &BTreeMap<String, Output>,
    ) -> Result<Tree, Failure> {
        let bad_tree = |error: TreeError| Failure::from_error(Class::Usage, "tree", &error);
        let mut tree = Tree::new();
        for (path, output) in binaries {
            tree.insert_file(tree_path(path)?, output.digest, output.size, layout.mode()).map_err(bad_tree)?;
        }
        for (path, output) in generated {
            tree.insert_file(tree_path(path)?, output.digest, output.size, Mode::Regular).map_err(bad_tree)?;
        }
        for (to, file) in files {
            let hashed = self.store.put_file(&file.from).map_err(Failure::from)?;
            let mode = if file.executable { Mode::Executable } else { Mode::Regular };
            tree.insert_file(tree_path(to)?, hashed.digest(), hashed.size(), mode).map_err(bad_tree)?;
        }
        Ok(tree)
    }
}

/// Generated files at their places in an artifact: `place` is a folder if it ends in `/` or there are several files, and else the path of the only one;
/// none stands for where users of the kind look.
pub fn placed(kind: &KindPlan, files: BTreeMap<String, Output>, place: Option<&str>) -> BTreeMap<String, Output> {
    let is_one = files.len() == 1;
    let at = |file: &str| match place {
        None => Layout::of(kind).generated(file),
        Some(path) if is_one && !path.ends_with('/') => path.to_owned(),
        Some(folder) => format!("{}/{file}", folder.trim_end_matches('/')),
    };
    files.into_iter().map(|(file, output)| (at(&file), output)).collect()
}

fn tree_path(path: &str) -> Result<TreePath, Failure> {
    path.parse().map_err(|error| Failure::from_error(Class::Usage, "file-name", &error))
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
