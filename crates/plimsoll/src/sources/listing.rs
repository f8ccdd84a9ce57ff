//! Which files of a folder are sources. What their names lead to is not looked at here, except to hash it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure};
use plimsoll_store::StatMemory;
use plimsoll_store::work::SourceFile;

use super::{git, links};
use crate::io_failure;
use crate::repository::lies_in_git;
use crate::tools::launcher::Launcher;

/// Tells that a folder is a cache (cargo's target folder); <https://bford.info/cachedir/>.
const CACHE_TAG: &str = "CACHEDIR.TAG";

/// Absolute paths of the source files below `folder`.
pub(super) fn list(folder: &Path, launcher: &Launcher) -> Result<BTreeSet<PathBuf>, Failure> {
    if folder.is_file() {
        return Ok(BTreeSet::from([folder.to_owned()]));
    }
    let asked = git::ask(folder, ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"], launcher)?;
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

/// All files below `path` whatever ignore files say, or `path` itself where it is a file. Only repositories' `.git` and caches further
/// down are left out: they change with every command.
pub(super) fn list_whole(path: &Path) -> Result<BTreeSet<PathBuf>, Failure> {
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
pub(super) fn is_cache(folder: &Path) -> bool {
    folder.join(CACHE_TAG).exists()
}

/// A source file under its name relative to `base`; nothing for what is deleted but tracked, for links that lead nowhere, and for
/// folders, sockets and the like.
pub(super) fn source_file(base: &Path, path: &Path, memory: &mut StatMemory, now: u64) -> Result<Option<(String, SourceFile)>, Failure> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if leads_nowhere(&error) => return Ok(None),
        Err(error) => return Err(io_failure(path, &error)),
    };
    if !metadata.is_file() {
        return Ok(None);
    }
    // A file of the machine must not be shipped or compiled in because a link of the project leads to it.
    if path.is_symlink() {
        let real = path.canonicalize().ok();
        match real.as_deref().and_then(|real| real.strip_prefix(base).ok()) {
            None => return Err(links::refused(path, "is a link that leads out of the project")),
            Some(inside) if lies_in_git(inside) => return Err(links::refused(path, links::INTO_GIT)),
            Some(_) => {}
        }
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

/// Whether there is nothing at the end of a path: a deleted file, a dangling link, one that leads to itself.
pub(super) fn leads_nowhere(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
        || error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}
