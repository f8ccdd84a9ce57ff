//! What was once learnt about a file (its version, its digest), kept as long as the file's stat is the same.
//!
//! An accelerator: lost, unreadable or damaged, it is learnt anew. It is never the reason for a claim.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use plimsoll_model::Digest;
use plimsoll_store::stat_memory::Stamp;
use serde::{Deserialize, Serialize};

const FORMAT: u32 = 1;
/// A longer file is none of ours.
const LARGEST: u64 = 4 * 1024 * 1024;

/// The stamp of the file that `path` leads to; none where nothing can be remembered of it.
///
/// # Errors
/// Where it cannot be looked at.
pub fn stamp(path: &Path) -> std::io::Result<Option<Stamp>> {
    std::fs::metadata(path).map(|data| Stamp::of(&data))
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    stat: Stamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Document {
    format: u32,
    files: BTreeMap<PathBuf, Entry>,
}

/// The memory, in one JSON file.
#[derive(Debug)]
pub struct Remembered {
    file: PathBuf,
    document: Mutex<Document>,
}

impl Remembered {
    /// Reads the file; begins empty where that fails.
    pub fn open(file: PathBuf) -> Self {
        let sound = std::fs::metadata(&file).is_ok_and(|data| data.len() <= LARGEST);
        let read = || serde_json::from_slice::<Document>(&std::fs::read(&file).ok()?).ok();
        let document = sound.then(read).flatten().filter(|document| document.format == FORMAT);
        Self { document: Mutex::new(document.unwrap_or_default()), file }
    }

    /// The version as remembered for exactly this file.
    pub fn version(&self, path: &Path) -> Option<String> {
        self.look_up(path, |entry| entry.version.clone())
    }

    /// The digest as remembered for exactly this file.
    pub fn digest(&self, path: &Path) -> Option<Digest> {
        self.look_up(path, |entry| entry.digest)
    }

    /// Keeps a version; `stat` was taken before the version was asked for.
    pub fn keep_version(&self, path: &Path, stat: Option<Stamp>, version: &str) {
        self.keep(path, stat, |entry| entry.version = Some(version.to_owned()));
    }

    /// Keeps a digest; `stat` was taken before the file was read.
    pub fn keep_digest(&self, path: &Path, stat: Option<Stamp>, digest: Digest) {
        self.keep(path, stat, |entry| entry.digest = Some(digest));
    }

    fn look_up<T>(&self, path: &Path, field: impl Fn(&Entry) -> Option<T>) -> Option<T> {
        let stat = stamp(path).ok()??;
        let document = self.document.lock().unwrap_or_else(PoisonError::into_inner);
        document.files.get(path).filter(|entry| entry.stat == stat).and_then(field)
    }

    fn keep(&self, path: &Path, stat: Option<Stamp>, set: impl FnOnce(&mut Entry)) {
        let Some(stat) = stat else { return };
        let mut document = self.document.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = document.files.entry(path.to_owned()).or_insert_with(|| Entry { stat, version: None, digest: None });
        if entry.stat != stat {
            *entry = Entry { stat, version: None, digest: None };
        }
        set(entry);
        document.format = FORMAT;
        let text = serde_json::to_vec(&*document).unwrap_or_default();
        // A full disk costs the memory, not the work.
        let _ = replace(&self.file, &text);
    }
}

/// Two processes at once: the later rename wins, both files are whole.
fn replace(file: &Path, text: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(text)?;
    temporary.persist(file).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_not_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let (file, tool) = (folder.path().join("a/memory.json"), folder.path().join("tool"));
        std::fs::write(&tool, "one").unwrap();
        Remembered::open(file.clone()).keep_version(&tool, stamp(&tool).unwrap(), "1.0");
        assert_eq!(Remembered::open(file.clone()).version(&tool).as_deref(), Some("1.0"));
        std::fs::write(&tool, "three").unwrap();
        let memory = Remembered::open(file.clone());
        assert_eq!(memory.version(&tool), None);
        memory.keep_digest(&tool, stamp(&tool).unwrap(), Digest::of(b"three"));
        let again = Remembered::open(file);
        assert_eq!((again.version(&tool), again.digest(&tool)), (None, Some(Digest::of(b"three"))));
    }

    #[test]
    fn a_damaged_memory_is_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("memory.json");
        for text in ["", "{", "[]", "{\"format\":99,\"files\":{}}"] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(Remembered::open(file.clone()).version(Path::new("/bin/sh")), None);
        }
    }
}
