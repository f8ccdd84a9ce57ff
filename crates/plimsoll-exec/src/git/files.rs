//! Which files of a folder git lists, or ignore files leave. What their names lead to is not looked at.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure};
use plimsoll_store::outputs::is_output;

use super::ask;
use crate::launcher::Launcher;

/// Tells that a folder is a cache (cargo's target folder); <https://bford.info/cachedir/>.
const CACHE_TAG: &str = "CACHEDIR.TAG";

/// Absolute paths of the source files below `folder`.
pub fn list(folder: &Path, launcher: &Launcher) -> Result<BTreeSet<PathBuf>, Failure> {
    if folder.is_file() {
        return Ok(BTreeSet::from([folder.to_owned()]));
    }
    let asked = ask(folder, ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"], launcher)?;
    let tracked = asked.unwrap_or_default();
    let names = tracked.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    let paths = names.map(|name| Ok(folder.join(super::path_of(name)?))).collect::<Result<Vec<_>, Failure>>()?;
    // An empty answer: no repository, or one that ignores this folder.
    if paths.is_empty() {
        return Ok(walk(folder));
    }
    let mut files = BTreeSet::new();
    for path in paths {
        // A folder in git's list is a submodule or a nested repository.
        if path.is_dir() && !path.is_symlink() {
            files.extend(walk(&path));
        } else {
            files.insert(path);
        }
    }
    Ok(files)
}

/// All files below `path` whatever ignore files say, or `path` itself where it is a file. Only repositories' `.git` and caches further
/// down are left out: they change with every command.
pub fn list_whole(path: &Path) -> Result<BTreeSet<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(BTreeSet::from([path.to_owned()]));
    }
    let walker = ignore::WalkBuilder::new(path)
        .standard_filters(false)
        .filter_entry(|entry| entry.file_name() != ".git" && !is_cache(entry.path()))
        .build();
    let mut files = BTreeSet::new();
    for entry in walker {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_dir()) || entry.depth() == 0 => {}
            Ok(entry) => drop(files.insert(entry.into_path())),
            // Gone since its folder was listed.
            Err(error) if error.io_error().is_some_and(|error| error.kind() == io::ErrorKind::NotFound) => {}
            Err(error) => return Err(Failure::from_error(Class::NotProven, "io", &error).about(path.display().to_string())),
        }
    }
    Ok(files)
}

/// All files that ignore files leave; caches and `.git` left out.
fn walk(folder: &Path) -> BTreeSet<PathBuf> {
    let walker = ignore::WalkBuilder::new(folder)
        .hidden(false)
        .parents(false)
        .git_global(false)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git" && !is_cache(entry.path()))
        .build();
    walker.flatten().filter(|entry| entry.file_type().is_some_and(|kind| !kind.is_dir())).map(ignore::DirEntry::into_path).collect()
}

/// Whether a folder is tagged as a cache.
pub fn is_cache(folder: &Path) -> bool {
    folder.join(CACHE_TAG).exists()
}

/// The sources below `folder` that have one of these names, outputs of the project left out; no links.
///
/// # Errors
/// If git fails in a repository.
pub fn named(folder: &Path, project: &Path, names: &[&str], launcher: &Launcher) -> Result<Vec<PathBuf>, Failure> {
    matching(folder, project, &|name| names.contains(&name), launcher)
}

/// The same of those whose names end so.
///
/// # Errors
/// As [`named`].
pub fn ending(folder: &Path, project: &Path, endings: &[&str], launcher: &Launcher) -> Result<Vec<PathBuf>, Failure> {
    matching(folder, project, &|name| endings.iter().any(|ending| name.ends_with(ending)), launcher)
}

fn matching(folder: &Path, project: &Path, wanted: &dyn Fn(&str) -> bool, launcher: &Launcher) -> Result<Vec<PathBuf>, Failure> {
    let listed = list(folder, launcher)?.into_iter();
    let is_wanted = |path: &Path| path.file_name().and_then(|name| name.to_str()).is_some_and(wanted);
    Ok(listed.filter(|path| is_wanted(path) && !is_output(project, path) && !path.is_symlink() && path.is_file()).collect())
}
