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

/// Kinds whose facts follow from the key alone. Those of a proof, for one, say how long it took.
const KINDS_WITH_STEADY_FACTS: &[&str] = &["assemble"];

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

    /// Whether the action gave the same: each output, and the facts where they say nothing of time or machine.
    fn compare(&self, before: &ActionRecord, now: &ActionRecord) -> InStore<()> {
        let same = |output: &str, before: Option<Digest>, now: Option<Digest>| {
            if before == now {
                return Ok(());
            }
            Err(StoreError::NotTheSame { kind: self.kind, output: output.to_owned(), before, now })
        };
        for name in before.outputs.keys().chain(now.outputs.keys()) {
            let digest = |record: &ActionRecord| record.outputs.get(name).map(|output| output.digest);
            same(name, digest(before), digest(now))?;
        }
        if KINDS_WITH_STEADY_FACTS.contains(&self.kind) {
            let digest = |record: &ActionRecord| Some(Digest::of(&canonical_json(&record.facts)));
            same("facts", digest(before), digest(now))?;
        }
        Ok(())
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
    /// Where the record cannot be written; nothing is left then. In an audit, where outputs differ, or one is new or gone.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn record(outputs: &[(&str, &str)], facts: u32) -> ActionRecord {
        let output = |text: &str| Output { digest: Digest::of(text.as_bytes()), size: 1 };
        let outputs = outputs.iter().map(|(name, text)| ((*name).to_owned(), output(text))).collect();
        ActionRecord { outputs, facts: serde_json::json!({ "n": facts }), finished: 0, milliseconds: 0 }
    }

    #[test]
    fn an_audit_names_outputs_that_are_new_or_gone() {
        let key = KeyBuilder::new("build", 1);
        let (one, two) = (record(&[("a", "1")], 1), record(&[("a", "1"), ("b", "2")], 2));
        key.compare(&one, &record(&[("a", "1")], 2)).unwrap();
        let expected = Some(Digest::of(b"2"));
        let new = key.compare(&one, &two).unwrap_err();
        assert!(matches!(&new, StoreError::NotTheSame { output, before: None, now, .. } if output == "b" && *now == expected), "{new}");
        let gone = key.compare(&two, &one).unwrap_err();
        assert!(
            matches!(&gone, StoreError::NotTheSame { output, before, now: None, .. } if output == "b" && *before == expected),
            "{gone}"
        );
        assert!(gone.to_string().contains("none now"), "{gone}");
    }

    #[test]
    fn facts_are_compared_where_they_follow_from_the_key() {
        let (before, now) = (record(&[], 1), record(&[], 2));
        KeyBuilder::new("prove", 1).compare(&before, &now).unwrap();
        let error = KeyBuilder::new("assemble", 1).compare(&before, &now).unwrap_err();
        assert!(matches!(&error, StoreError::NotTheSame { output, .. } if output == "facts"), "{error}");
    }
}
