//! What the project's own build command leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure};

/// Finds the programs in the command's output: the file itself, or files in the folder or in its `bin`.
pub fn programs(left: &Path, output: &str, binaries: &BTreeSet<String>) -> Result<BTreeMap<String, PathBuf>, Failure> {
    let missing = |what: String| {
        Failure::new(Class::NotProven, "no-output", what).hint("see that `output` of the core names what its command leaves")
    };
    if !left.exists() {
        return Err(missing(format!("the build command succeeded but left no `{output}`")));
    }
    let mut found = BTreeMap::new();
    for binary in binaries {
        let candidates = [left.to_owned(), left.join(binary), left.join("bin").join(binary)];
        let path = candidates.into_iter().find(|path| path.is_file());
        found.insert(binary.clone(), path.ok_or_else(|| missing(format!("`{output}` holds no program `{binary}`")))?);
    }
    Ok(found)
}
