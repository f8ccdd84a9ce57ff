//! Actions: what was done, remembered by everything that its result depends on.
//!
//! Only success is remembered. A record that cannot be read, or whose outputs are not all there, is a miss.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use plimsoll_model::{Digest, canonical_json};
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::error::{InStore, StoreError, io_error};

/// Number of the record's form; part of every key.
pub const ACTION_SCHEMA: u32 = 1;

/// Identity of an action: digest of everything its result depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionKey(Digest);

impl ActionKey {
    /// The digest.
    pub const fn digest(self) -> Digest {
        self.0
    }
}

impl std::fmt::Display for ActionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Collects what an action depends on. Names keep parts apart, so that no two lists of parts give the same key.
#[derive(Debug, Clone, Serialize)]
pub struct KeyBuilder {
    schema: u32,
    kind: &'static str,
    format: u32,
    parts: BTreeMap<&'static str, serde_json::Value>,
}

impl KeyBuilder {
    /// A key for an action of `kind`, whose way of doing it has the number `format`.
    pub fn new(kind: &'static str, format: u32) -> Self {
        Self { schema: ACTION_SCHEMA, kind, format, parts: BTreeMap::new() }
    }

    /// Adds a part. The same name twice is a fault of the caller and keeps the later value.
    #[must_use]
    pub fn part<T: Serialize>(mut self, name: &'static str, value: &T) -> Self {
        let value = serde_json::from_slice(&canonical_json(value)).unwrap_or_default();
        self.parts.insert(name, value);
        self
    }

    /// The key.
    pub fn key(&self) -> ActionKey {
        ActionKey(Digest::of(&canonical_json(self)))
    }

    fn compare(&self, before: &ActionRecord, now: &ActionRecord) -> InStore<()> {
        let differs = now.outputs.iter().find_map(|(name, output)| {
            let before = before.outputs.get(name).filter(|before| before.digest != output.digest)?;
            Some(StoreError::NotTheSame { kind: self.kind, output: name.clone(), before: before.digest, now: output.digest })
        });
        differs.map_or(Ok(()), Err)
    }

    /// The parts as JSON, kept in the record so that a person can see why two keys differ.
    pub fn explain(&self) -> serde_json::Value {
        serde_json::from_slice(&canonical_json(self)).unwrap_or_default()
    }
}

/// A file that an action gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// The blob.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// What is remembered of an action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionRecord {
    /// Outputs by name.
    pub outputs: BTreeMap<String, Output>,
    /// What else the action found out; its form is the business of its kind.
    pub facts: serde_json::Value,
    /// When it was done, in seconds since 1970.
    pub finished: u64,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    key: String,
    check: Digest,
    inputs: serde_json::Value,
    record: ActionRecord,
}

impl Store {
    fn action_path(&self, key: ActionKey) -> PathBuf {
        let hex = key.to_string();
        self.root.join("actions").join(&hex[..2]).join(format!("{hex}.json"))
    }

    /// The record of an action, if it was done, is readable, and all its outputs are there with their sizes.
    pub fn recall(&self, key: ActionKey) -> Option<ActionRecord> {
        if self.audit { None } else { self.kept(key) }
    }

    fn kept(&self, key: ActionKey) -> Option<ActionRecord> {
        let path = self.action_path(key);
        let kept: Kept = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
        let sound = kept.key == key.to_string() && kept.check == Digest::of(&canonical_json(&kept.record));
        let complete = kept.record.outputs.values().all(|output| self.has(output.digest, output.size));
        if !(sound && complete) {
            return None;
        }
        // Best effort: tells `trim` that the record is still of use.
        if let Ok(file) = fs::File::open(&path) {
            let _ = file.set_modified(SystemTime::now());
        }
        Some(kept.record)
    }

    /// Remembers a success; in an audit, compares it with what is remembered.
    ///
    /// # Errors
    /// Where the record cannot be written; nothing is left then. In an audit, where the outputs differ.
    pub fn remember(&self, builder: &KeyBuilder, record: &ActionRecord) -> InStore<()> {
        let key = builder.key();
        if let Some(before) = self.kept(key).filter(|_| self.audit) {
            return builder.compare(&before, record);
        }
        let check = Digest::of(&canonical_json(record));
        let kept = Kept { key: key.to_string(), check, inputs: builder.explain(), record: record.clone() };
        let path = self.action_path(key);
        self.write_whole(&path, &plimsoll_model::document_json(&kept))
    }

    /// Forgets an action, because an output turned out to be damaged.
    pub fn forget(&self, key: ActionKey) {
        // A record that cannot be removed is overwritten when the action is done again.
        let _ = fs::remove_file(self.action_path(key));
    }

    /// Writes a file of the store by rename.
    pub(crate) fn write_whole(&self, path: &std::path::Path, bytes: &[u8]) -> InStore<()> {
        use std::io::Write;
        let parent = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(parent).map_err(io_error("make", parent))?;
        let mut file = tempfile::NamedTempFile::new_in(parent).map_err(io_error("make a file in", parent))?;
        file.write_all(bytes).map_err(io_error("write", path))?;
        file.persist(path).map_err(|error| io_error("name", path)(error.error))?;
        Ok(())
    }
}
