//! Symbolic links to folders among the sources: the files behind them are sources under the link's name, because mirrors hold files only.
//! A link that cannot be mirrored so is refused by name; none is dropped in silence.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure};

use super::listing;
use plimsoll_exec::git::{self, lies_in_git};
use plimsoll_exec::launcher::Launcher;
use plimsoll_store::outputs::is_output;

/// Links followed before it is taken for a mistake: nested ones can double the files at every level.
const LINKS: usize = 4096;

/// What bounds the search.
pub(super) struct Bounds<'a> {
    /// The folder that mirrors start at; links must not leave it.
    pub base: &'a Path,
    /// The project's folder.
    pub project: &'a Path,
}

/// A listed path, and how it came to be listed.
struct Listed {
    path: PathBuf,
    /// Canonical folders that hold the links followed to get here.
    chain: Vec<PathBuf>,
}

/// Replaces each link to a folder by the files behind it. With `whole`, ignore files do not count there either.
pub(super) fn follow(
    paths: BTreeSet<PathBuf>,
    whole: bool,
    bounds: &Bounds<'_>,
    launcher: &Launcher,
) -> Result<BTreeSet<PathBuf>, Failure> {
    let mut files = BTreeSet::new();
    let mut followed = 0;
    let mut waiting = paths.into_iter().map(|path| Listed { path, chain: Vec::new() }).collect::<Vec<_>>();
    while let Some(Listed { path, mut chain }) = waiting.pop() {
        if is_output(bounds.project, &path) {
            continue;
        }
        if !path.is_symlink() || !path.is_dir() {
            files.insert(path);
            continue;
        }
        followed += 1;
        if followed > LINKS {
            return Err(refused(&path, "more links to folders than can be followed"));
        }
        let parent = path.parent().unwrap_or(&path);
        chain.push(parent.canonicalize().map_err(|error| Failure::io(parent, &error))?);
        let target = match fs::canonicalize(&path) {
            Ok(target) => target,
            Err(error) if listing::leads_nowhere(&error) => continue,
            Err(error) => return Err(Failure::io(&path, &error)),
        };
        if is_output(bounds.project, &target) || (!whole && git::is_cache(&target)) {
            continue;
        }
        if !target.starts_with(bounds.base) {
            let outside = format!("the link leads out of {}, to {}", bounds.base.display(), target.display());
            return Err(refused(&path, outside).hint("name the link in a core's `inputs`, or add it to .gitignore"));
        }
        if target.strip_prefix(bounds.base).is_ok_and(lies_in_git) {
            return Err(refused(&path, INTO_GIT));
        }
        if chain.iter().any(|holder| holder.starts_with(&target)) {
            return Err(refused(&path, "the link leads to a folder that holds it, so its files have no end"));
        }
        let behind = if whole { git::list_whole(&target)? } else { git::list(&target, launcher)? };
        for file in behind.into_iter().filter(|file| !is_output(bounds.project, file)) {
            let inside = file.strip_prefix(&target).unwrap_or(&file);
            waiting.push(Listed { path: path.join(inside), chain: chain.clone() });
        }
    }
    Ok(files)
}

/// What a repository keeps there is of one clone: its configuration, with what that may hold of secrets.
pub(super) const INTO_GIT: &str = "is a link into a repository's own folder";

pub(super) fn refused(link: &Path, why: impl Into<String>) -> Failure {
    Failure::new(Class::Usage, "source-link", why).about(link.display().to_string()).hint("replace the link, or add it to .gitignore")
}
