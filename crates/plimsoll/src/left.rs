//! Files that a command or a program left, found by a path in which `*` stands for any part of a name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure, Name};
use plimsoll_store::{Output, Store};
use regex::Regex;

/// More files than anything is documented by.
const MOST: usize = 10_000;
/// Bytes of one of them.
const LONGEST: u64 = 16 << 20;

/// Generator → path below the folder that its pattern begins in → file.
pub(crate) type Left = BTreeMap<Name, BTreeMap<String, PathBuf>>;

/// The files below `folder` that each generator asks for.
///
/// # Errors
/// If one of them finds nothing, or what is no sound file.
pub(crate) fn files(folder: &Path, patterns: &BTreeMap<Name, String>) -> Result<Left, Failure> {
    patterns.iter().map(|(name, pattern)| Ok((name.clone(), of_pattern(folder, pattern)?))).collect()
}

/// The files that a pattern means, by their names.
///
/// # Errors
/// As [`files`].
pub(crate) fn of_pattern(folder: &Path, pattern: &str) -> Result<BTreeMap<String, PathBuf>, Failure> {
    let failure = |message: String| Failure::new(Class::NotProven, "generated", message);
    let mut found = BTreeMap::new();
    for path in matching(folder, pattern)? {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .ok_or_else(|| failure(format!("a file that `{pattern}` means has a name that is no UTF-8")))?;
        let size = path.metadata().map_err(|error| Failure::io(&path, &error))?.len();
        if size > LONGEST {
            return Err(failure(format!("`{name}` is longer than {LONGEST} bytes")));
        }
        if let Some(other) = found.insert(name.to_owned(), path.clone()) {
            let other = other.strip_prefix(folder).unwrap_or(&other).display().to_string();
            return Err(failure(format!("two files that `{pattern}` means are called `{name}`")).cause("the other one", other));
        }
        if found.len() > MOST {
            return Err(failure(format!("`{pattern}` means more than {MOST} files")));
        }
    }
    if found.is_empty() {
        return Err(
            failure(format!("nothing was left that `{pattern}` means")).hint("correct `output` of the generator; links are not followed")
        );
    }
    Ok(found)
}

/// Takes files into the store.
///
/// # Errors
/// If one cannot be read.
pub(crate) fn keep(store: &Store, files: &BTreeMap<String, PathBuf>) -> Result<BTreeMap<String, Output>, Failure> {
    let kept = files.iter().map(|(name, path)| {
        let hashed = store.put_file(path).map_err(Failure::from)?;
        Ok((name.clone(), Output { digest: hashed.digest(), size: hashed.size() }))
    });
    kept.collect()
}

/// Regular files below `folder` that a path with `*` in its parts means, sorted; links are followed nowhere.
///
/// # Errors
/// If a folder cannot be listed.
pub(crate) fn matching(folder: &Path, output: &str) -> Result<Vec<PathBuf>, Failure> {
    let mut found = vec![folder.to_owned()];
    for part in output.split('/').filter(|part| !part.is_empty() && *part != ".") {
        let (like, mut below) = (names_like(part)?, Vec::new());
        for folder in found {
            let listed = match std::fs::read_dir(&folder) {
                Ok(listed) => listed,
                Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => continue,
                Err(error) => return Err(Failure::io(&folder, &error)),
            };
            let named = listed.flatten().filter(|entry| entry.file_name().to_str().is_some_and(|name| like.is_match(name)));
            below.extend(named.filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_symlink())).map(|entry| entry.path()));
        }
        found = below;
    }
    found.retain(|path| path.is_file());
    found.sort();
    Ok(found)
}

/// Names that are meant by one in which `*` stands for any text.
fn names_like(part: &str) -> Result<Regex, Failure> {
    let pattern = part.split('*').map(regex::escape).collect::<Vec<_>>().join(".*");
    Regex::new(&format!("(?s)^{pattern}$")).map_err(|error| Failure::from_error(Class::Usage, "output", &error))
}
