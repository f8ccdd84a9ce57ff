//! Source files as they are now: hashed under the names that mirrors give them.

use std::fs;
use std::io;
use std::path::Path;

use plimsoll_model::{Class, Failure};
use plimsoll_store::work::SourceFile;
use plimsoll_store::{StatMemory, platform};

use super::links;
use plimsoll_exec::git::lies_in_git;

/// A source file under its name relative to `base`; nothing for what is deleted but tracked, for links that lead nowhere, and for
/// folders, sockets and the like.
pub(super) fn source_file(base: &Path, path: &Path, memory: &mut StatMemory, now: u64) -> Result<Option<(String, SourceFile)>, Failure> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if leads_nowhere(&error) => return Ok(None),
        Err(error) => return Err(Failure::io(path, &error)),
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
    let name = path.strip_prefix(base).ok().and_then(platform::portable_name).ok_or_else(|| {
        Failure::new(Class::Usage, "source-name", "the name of a source file is not UTF-8")
            .about(path.display().to_string())
            .hint("rename the file, or add it to .gitignore")
    })?;
    let digest = memory.digest(path, &metadata, i64::try_from(now).unwrap_or(i64::MAX)).map_err(Failure::from)?;
    let executable = platform::mode(&metadata) & 0o100 != 0;
    Ok(Some((name, SourceFile { from: path.to_owned(), digest, executable })))
}

/// Whether there is nothing at the end of a path: a deleted file, a dangling link, one that leads to itself.
pub(super) fn leads_nowhere(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) || platform::is_link_error(error)
}
