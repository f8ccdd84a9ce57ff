//! Which files of a folder are sources.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure};
use plimsoll_store::StatMemory;
use plimsoll_store::work::SourceFile;

use super::git;
use crate::tools::launcher::Launcher;

/// Absolute paths of the source files below `folder`.
pub(super) fn list(folder: &Path, launcher: &Launcher) -> Result<BTreeSet<PathBuf>, Failure> {
    if folder.is_file() {
        return Ok(BTreeSet::from([folder.to_owned()]));
    }
    let asked = git::ask(folder, &["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"], launcher)?;
    let tracked = asked.unwrap_or_default();
    let names = tracked.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    let paths = names.map(|name| folder.join(std::ffi::OsStr::from_bytes(name))).collect::<Vec<_>>();
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

/// All files that ignore files leave; folders tagged as caches (cargo's target) and `.git` left out.
fn walk(folder: &Path) -> BTreeSet<PathBuf> {
    let walker = ignore::WalkBuilder::new(folder)
        .hidden(false)
        .parents(false)
        .git_global(false)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git" && !entry.path().join("CACHEDIR.TAG").exists())
        .build();
    walker.flatten().filter(|entry| entry.file_type().is_some_and(|kind| !kind.is_dir())).map(ignore::DirEntry::into_path).collect()
}

/// A source file under its name relative to `base`; nothing for what is deleted but tracked, and for links that lead to no file.
pub(super) fn source_file(base: &Path, path: &Path, memory: &mut StatMemory, now: u64) -> Result<Option<(String, SourceFile)>, Failure> {
    let Ok(metadata) = fs::metadata(path) else {
        return Ok(None);
    };
    if !metadata.is_file() {
        return Ok(None);
    }
    let name = path.strip_prefix(base).ok().and_then(Path::to_str).ok_or_else(|| {
        Failure::new(Class::Usage, "source-name", "the name of a source file is not UTF-8")
            .about(path.display().to_string())
            .hint("rename the file, or add it to .gitignore")
    })?;
    let digest = memory.digest(path, &metadata, i64::try_from(now).unwrap_or(i64::MAX)).map_err(crate::store_failure)?;
    let executable = metadata.permissions().mode() & 0o100 != 0;
    Ok(Some((name.to_owned(), SourceFile { from: path.to_owned(), digest, executable })))
}
