//! What Elixir sees of the sources: all of their names, and the contents of those that it may read.

use std::collections::BTreeMap;
use std::path::Path;

use plimsoll_model::{Digest, canonical_json};
use plimsoll_store::work::SourceFile;

use crate::sources::Sources;

/// Files that are shown; a tree with more is no package.
const MOST_FILES: usize = 20_000;
/// Bytes of a file whose content is shown: nothing that configures a project is larger.
const LARGEST: u64 = 1 << 20;
/// Bytes of all contents that are shown.
const MOST_BYTES: u64 = 64 << 20;
/// Native code, which changes more often than what names it.
const NATIVE: [&str; 8] = ["rs", "c", "h", "cc", "cpp", "hpp", "so", "a"];

/// The files; those of which only the name is shown have no digest.
pub(super) struct Seen {
    files: BTreeMap<String, (SourceFile, bool)>,
}

impl Seen {
    pub(super) fn of(sources: &Sources) -> Self {
        let mut shown = 0;
        let files = sources.files.iter().take(MOST_FILES).map(|(name, file)| {
            let extension = Path::new(name).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            let size = std::fs::metadata(&file.from).map_or(u64::MAX, |data| data.len());
            let has_content = !NATIVE.contains(&extension) && size <= LARGEST && shown + size <= MOST_BYTES;
            shown += if has_content { size } else { 0 };
            (name.clone(), (file.clone(), has_content))
        });
        Self { files: files.collect() }
    }

    /// Digest over everything that is shown.
    pub(super) fn digest(&self) -> Digest {
        let listing = self.files.iter().map(|(name, (file, has_content))| (name, has_content.then_some(file.digest)));
        Digest::of(&canonical_json(&listing.collect::<BTreeMap<_, _>>()))
    }

    /// The files to lay out; `empty` is a file without content.
    pub(super) fn listing(&self, empty: &Path) -> BTreeMap<String, SourceFile> {
        let without = || SourceFile { from: empty.to_owned(), digest: Digest::of(b""), executable: false };
        let listing =
            self.files.iter().map(|(name, (file, has_content))| (name.clone(), if *has_content { file.clone() } else { without() }));
        listing.collect()
    }
}
