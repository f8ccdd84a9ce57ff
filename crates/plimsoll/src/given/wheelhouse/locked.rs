//! `[[wheelhouse]]` of `plimsoll.lock`: what is asked for, by which Python, on which platform, and the files for that.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::FileName;
use plimsoll_roots::lock::{self, LockError};
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

use super::{Wheelhouse, WheelhouseKey};

const KEY: &str = "wheelhouse";

fn broken(what: &str) -> LockError {
    LockError::Broken(format!("`{KEY}` {what}"))
}

/// What is locked.
///
/// # Errors
/// If it is not as we write it.
pub(crate) fn read(document: &DocumentMut) -> Result<BTreeMap<WheelhouseKey, Wheelhouse>, LockError> {
    let Some(item) = document.get(KEY) else { return Ok(BTreeMap::new()) };
    let tables = item.as_array_of_tables().ok_or_else(|| broken("is no array of tables"))?;
    tables.iter().map(one).collect()
}

fn one(table: &Table) -> Result<(WheelhouseKey, Wheelhouse), LockError> {
    let text = |key: &str| table.get(key).and_then(Item::as_str).map(str::to_owned);
    let requirements = table.get("requirements").and_then(Item::as_array).ok_or_else(|| broken("has an entry without `requirements`"))?;
    let requirements = requirements.iter().map(|entry| entry.as_str().map(str::to_owned)).collect::<Option<BTreeSet<_>>>();
    let key = WheelhouseKey {
        requirements: requirements.ok_or_else(|| broken("has `requirements` that are no strings"))?,
        python: text("python").ok_or_else(|| broken("has an entry without `python`"))?,
        platform: text("platform").ok_or_else(|| broken("has an entry without `platform`"))?,
    };
    let mut files = Wheelhouse::new();
    let listed = table.get("files").and_then(Item::as_table_like).ok_or_else(|| broken("has an entry without `files`"))?;
    for (name, item) in listed.iter() {
        let file = name.parse::<FileName>().map_err(|error| broken(&format!("names a file: {error}")))?;
        files.insert(file, lock::digest(&format!("{KEY}.files.\"{name}\""), item)?);
    }
    Ok((key, files))
}

/// Puts it into the document.
pub(crate) fn write(document: &mut DocumentMut, wheelhouses: &BTreeMap<WheelhouseKey, Wheelhouse>) {
    if wheelhouses.is_empty() {
        document.remove(KEY);
        return;
    }
    let mut tables = ArrayOfTables::new();
    for (key, files) in wheelhouses {
        let mut table = Table::new();
        table["requirements"] = value(key.requirements.iter().collect::<Array>());
        table["python"] = value(&key.python);
        table["platform"] = value(&key.platform);
        let mut listed = Table::new();
        for (name, digest) in files {
            listed[name.as_str()] = value(format!("sha256:{digest}"));
        }
        table.insert("files", Item::Table(listed));
        tables.push(table);
    }
    document[KEY] = Item::ArrayOfTables(tables);
}
