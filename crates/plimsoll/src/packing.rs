//! The pack stage: an assembled Tree becomes the artifact's bytes, as a blob.

use std::num::NonZeroU32;

use plimsoll_model::{ArtifactId, ArtifactPlan, Class, Failure, Plan};
use plimsoll_pack::{ArchiveSpec, Entry, Format, Kind, NifSpec, PackError, Spec, StaticSpec, Tree, TreeError, pack};
use plimsoll_store::{ActionRecord, KeyBuilder, Output, Store};

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
        let spec = spec(plan, artifact).map_err(|failure| failure.about(id.to_string()))?;
        let key = KeyBuilder::new("pack", spec.kind().format_number())
            .part("kind", &artifact.kind)
            .part("format", &artifact.format)
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
        match hint(error) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// What to do about a tree that a kind cannot take.
fn hint(error: &PackError) -> Option<&'static str> {
    Some(match error {
        PackError::Tree(TreeError::Windows(_)) => {
            "rename it where it comes from; what is listed in `files` can be given another path in the archive"
        }
        PackError::Tree(TreeError::CaseCollision { .. }) => {
            "rename one of them where it comes from; what is listed in `files` can be given another path in the archive"
        }
        PackError::Tree(TreeError::Link { .. }) => "ship what the link leads to, or leave the link out",
        PackError::SymlinkInZip { .. } => "format = \"tar.xz\" keeps links; for Windows, ship the file itself in place of the link",
        PackError::NotOneFile { .. } => "an [archive.NAME] in place of [static.NAME] ships several files",
        _ => return None,
    })
}

/// What the plan says of an artifact, as the kind's own spec.
fn spec(plan: &Plan, artifact: &ArtifactPlan) -> Result<Spec, Failure> {
    let usage = |error: &dyn std::error::Error| Failure::from_error(Class::Usage, "spec", error);
    let lacks = |what: &str| Failure::new(Class::Usage, "spec", format!("this kind of artifact needs a {what}"));
    let file_name = artifact.file_name.clone();
    Ok(match artifact.kind.as_str().parse::<Kind>().map_err(|error| usage(&error))? {
        Kind::Archive => {
            let target = artifact.target.clone().ok_or_else(|| lacks("target"))?;
            let format = artifact.format.as_deref().ok_or_else(|| lacks("format"))?.parse::<Format>().map_err(|error| usage(&error))?;
            Spec::Archive(ArchiveSpec::new(file_name, target, format, plan.epoch).map_err(|error| usage(&error))?)
        }
        // The name says it all: version, NIF version, target and variant.
        Kind::Nif => Spec::Nif(NifSpec::new(file_name, plan.epoch).map_err(|error| usage(&error))?),
        Kind::Static => Spec::Static(StaticSpec::new(file_name)),
    })
}

#[cfg(test)]
mod tests {
    use plimsoll_pack::{MemoryBlobs, MemoryScratch, Mode};

    use super::*;

    fn refused(spec: &Spec, files: &[&str], link: Option<&str>) -> PackError {
        let (mut tree, mut blobs) = (Tree::new(), MemoryBlobs::new());
        for path in files {
            let hashed = blobs.insert(path.as_bytes());
            tree.insert_file(path.parse().unwrap(), hashed.digest(), hashed.size(), Mode::Regular).unwrap();
        }
        if let Some(target) = link {
            tree.insert("link".parse().unwrap(), Entry::Symlink { target: target.to_owned() }).unwrap();
        }
        pack(spec, &tree, &blobs, &MemoryScratch, NonZeroU32::MIN, &mut Vec::new()).unwrap_err()
    }

    #[test]
    fn a_tree_that_a_kind_cannot_take_is_told_with_what_to_do() {
        let zip = ArchiveSpec::new("a.zip".parse().unwrap(), "x86_64-pc-windows-gnu".parse().unwrap(), Format::Zip, 0).unwrap();
        let (zip, bare) = (Spec::Archive(zip), Spec::Static(StaticSpec::new("a".parse().unwrap())));
        for (error, word) in [
            (refused(&zip, &["aux.h"], None), "rename"),
            (refused(&zip, &["a", "A"], None), "rename"),
            (refused(&zip, &["a"], Some("a")), "tar.xz"),
            (refused(&zip, &["a"], Some("b")), "link"),
            (refused(&bare, &["a", "b"], None), "[archive.NAME]"),
        ] {
            assert!(hint(&error).is_some_and(|hint| hint.contains(word)), "{error}");
        }
        assert_eq!(hint(&refused(&zip, &[], None)), None);
    }
}
