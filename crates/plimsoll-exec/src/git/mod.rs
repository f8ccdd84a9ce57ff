//! What git says of the project: the commit, its time, and whether the files differ from it.
//!
//! The repository may be a stranger's: no call may write into it, or start programs that its configuration names.

mod changes;
mod closed;
mod files;
mod folder;
mod questions;
pub mod view;

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure};
use plimsoll_store::outputs::{LEFTOVER_PREFIX, RELEASE_FOLDER};
use plimsoll_store::platform;

pub use self::files::{ending, is_cache, list, list_whole, named};
pub use self::folder::lies_in_git;
pub use self::questions::{author, commit, is_git_s, is_tracked, origin, tags};

use crate::launcher::{Ended, Finished, Launch, LaunchError, Launcher};

/// The commit that a project is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its full name.
    pub id: String,
    /// Seconds since 1970.
    pub time: u64,
    /// Whether files differ from it.
    pub dirty: bool,
}

/// Runs git to its end; nothing where there is no git.
fn run(launch: &Launch, launcher: &Launcher) -> Result<Option<Finished>, Failure> {
    match launcher.output(launch) {
        Ok(finished) if finished.ended == Ended::Cancelled => Err(Failure::interrupted()),
        Ok(finished) if finished.truncated => {
            Err(Failure::new(Class::NotProven, "git", "git printed more than can be kept").about(launch.cwd.display().to_string()))
        }
        Ok(finished) => Ok(Some(finished)),
        Err(LaunchError::NotFound { .. }) => Ok(None),
        Err(LaunchError::Cancelled) => Err(Failure::interrupted()),
        Err(error) => Err(Failure::from_error(Class::NotProven, "git", &error)),
    }
}

/// Runs git and gives back its standard output, or nothing where there is no repository, no commit, no git.
///
/// # Errors
/// Where git fails for any other reason.
pub fn ask(
    folder: &Path,
    arguments: impl IntoIterator<Item = impl Into<OsString>>,
    launcher: &Launcher,
) -> Result<Option<Vec<u8>>, Failure> {
    let launch = closed::git(folder, arguments);
    match run(&launch, launcher)? {
        Some(finished) if finished.succeeded() => Ok(Some(finished.stdout)),
        Some(finished) if has_nothing_to_tell(&finished) => Ok(None),
        Some(finished) => Err(refused(&launch, &finished)),
        None => Ok(None),
    }
}

/// Whether git failed because there is no repository, or no commit yet.
fn has_nothing_to_tell(finished: &Finished) -> bool {
    let said = finished.stderr_text();
    let mut fatal = said.lines().filter_map(|line| line.strip_prefix("fatal: "));
    finished.status == Some(128)
        && fatal.any(|words| words.starts_with("not a git repository") || words.ends_with("does not have any commits yet"))
}

/// A failure with git's words, and what to do where git says it.
fn refused(launch: &Launch, finished: &Finished) -> Failure {
    let said = finished.stderr_text();
    let failure = Failure::new(Class::NotProven, "git", "git cannot read the repository")
        .about(launch.cwd.display().to_string())
        .cause("ran", launch.command_line())
        .cause("said", said.trim());
    if !said.contains("dubious ownership") {
        return failure;
    }
    // git itself names the repository's folder, quoted for a shell.
    let named = said.lines().map(str::trim).find(|line| line.starts_with("git config --global --add safe.directory "));
    let command = named.map_or_else(|| format!("git config --global --add safe.directory {}", launch.cwd.display()), str::to_owned);
    failure.hint(format!("the repository belongs to another user; if you trust it, run `{command}`"))
}

/// Whether the repository around `folder` ignores it, as it does with build folders and unpacked packages.
fn is_ignored(folder: &Path, launcher: &Launcher) -> Result<bool, Failure> {
    let launch = closed::git(folder, ["check-ignore", "-q", "."]);
    match run(&launch, launcher)? {
        Some(finished) if finished.succeeded() => Ok(true),
        Some(finished) if finished.status == Some(1) || has_nothing_to_tell(&finished) => Ok(false),
        Some(finished) => Err(refused(&launch, &finished)),
        None => Ok(false),
    }
}

/// A path, or another name, as git printed it.
///
/// # Errors
/// Where it is none on this system.
fn path_of(bytes: &[u8]) -> Result<PathBuf, Failure> {
    platform::path_of_bytes(bytes).map_err(|error| {
        let failure = Failure::from_error(Class::NotProven, "git", &error).about(String::from_utf8_lossy(bytes).into_owned());
        failure.hint("give it a name that is UTF-8")
    })
}

/// The top folder of the repository that `path` lies in.
fn repository(path: &Path, launcher: &Launcher) -> Result<Option<PathBuf>, Failure> {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let top = ask(folder, ["rev-parse", "--show-toplevel"], launcher)?;
    top.map(|top| path_of(top.strip_suffix(b"\n").unwrap_or(&top))).transpose()
}

/// The commit of `project`, a canonical folder, or nothing outside of a repository or before the first commit. `others` are looked at as far as
/// they lie in the project's own repository, and `left_out` are patterns of files that make a commit neither younger nor differ.
///
/// # Errors
/// If git fails in a repository.
pub fn state(project: &Path, others: &BTreeSet<PathBuf>, left_out: &[&str], launcher: &Launcher) -> Result<Option<Commit>, Failure> {
    // A project that its repository ignores does not belong to it.
    if is_ignored(project, launcher)? {
        return Ok(None);
    }
    let Some(head) = ask(project, ["log", "-1", "--format=%H %ct"], launcher)? else {
        return Ok(None);
    };
    let head = String::from_utf8_lossy(&head).trim().to_owned();
    let Some((id, time)) = head.split_once(' ').and_then(|(id, time)| Some((id.to_owned(), time.parse().ok()?))) else {
        return Ok(None);
    };
    // What is shown must not depend on the user's configuration.
    let outputs = [format!(":(exclude){RELEASE_FOLDER}"), format!(":(exclude){LEFTOVER_PREFIX}*")];
    let mut places = [".".to_owned()].into_iter().chain(outputs).map(OsString::from).collect::<Vec<_>>();
    places.extend(left_out.iter().map(OsString::from));
    let own = repository(project, launcher)?;
    for other in others {
        if own.is_some() && repository(other, launcher)? == own {
            // Literal: a folder's name may hold what patterns are made of.
            places.push([OsStr::new(":(literal)"), other.as_os_str()].into_iter().collect());
        }
    }
    let with_places = |options: &[&str]| options.iter().map(OsString::from).chain(places.iter().cloned()).collect::<Vec<_>>();
    // A commit of derived files alone makes nothing younger: it would change the bytes that those files describe.
    let own_time = match left_out {
        [] => None,
        _ => ask(project, with_places(&["log", "-1", "--format=%ct", "--"]), launcher)?,
    };
    let time = own_time.and_then(|text| String::from_utf8_lossy(&text).trim().parse().ok()).unwrap_or(time);
    Ok(Some(Commit { id, time, dirty: changes::are_there(project, &places, launcher)? }))
}
