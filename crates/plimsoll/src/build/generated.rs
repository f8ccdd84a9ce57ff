//! Files that a build leaves for generators, in the store and in memory.

use std::collections::BTreeMap;

use plimsoll_model::{Failure, Name};
use plimsoll_store::{ActionRecord, Output, Store};

use crate::left::{self, Left};

/// Generator → file → blob.
type Kept = BTreeMap<Name, BTreeMap<String, Output>>;

/// Takes them into the store.
///
/// # Errors
/// If one cannot be read.
pub(super) fn kept(store: &Store, left: &Left) -> Result<Kept, Failure> {
    left.iter().map(|(name, files)| Ok((name.clone(), left::keep(store, files)?))).collect()
}

/// What is remembered of a build. The blobs of files are outputs too, by a name that no program has, so that it is forgotten with any of them.
pub(super) fn record(programs: &BTreeMap<String, Output>, left: &Kept, (finished, milliseconds): (u64, u64)) -> ActionRecord {
    let files = left.iter().flat_map(|(name, files)| files.iter().map(move |(file, output)| (told(name, file), output.clone())));
    let outputs = programs.iter().map(|(name, output)| (name.clone(), output.clone())).chain(files).collect();
    let facts = if left.is_empty() { serde_json::json!({}) } else { serde_json::json!({ "left": left }) };
    ActionRecord { outputs, facts, finished, milliseconds }
}

/// Programs and files of a build that is remembered.
pub(super) fn recalled(record: ActionRecord) -> (BTreeMap<String, Output>, Kept) {
    let mut record = record;
    let left = record.facts.get_mut("left").map(serde_json::Value::take).unwrap_or_default();
    let left = serde_json::from_value::<Kept>(left).unwrap_or_default();
    for (name, files) in &left {
        files.keys().for_each(|file| {
            record.outputs.remove(&told(name, file));
        });
    }
    (record.outputs, left)
}

fn told(generator: &Name, file: &str) -> String {
    format!("generate.{generator}: {file}")
}
