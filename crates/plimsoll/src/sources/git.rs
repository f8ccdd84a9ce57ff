//! What git says of the project: the commit, its time, and whether the files differ from it.

use std::path::Path;

use plimsoll_model::{Class, Failure};

use crate::environment;
use crate::tools::launcher::{Ended, Launch, LaunchError, Launcher};

/// The state of the repository that the project lies in.
#[derive(Debug)]
pub(super) struct GitState {
    pub commit: String,
    /// Seconds since 1970.
    pub time: u64,
    pub dirty: bool,
}

/// A call of git in `folder`.
fn git(folder: &Path, arguments: &[&str]) -> Launch {
    // Optional locks would let a read write into the repository.
    let launch = Launch::new("git", folder).args(["--no-optional-locks"]).args(arguments.iter().copied());
    Launch { capture_limit: 256 << 20, ..launch.env(environment::inherited(&["PATH", "HOME"])) }
}

/// Runs git and gives back its standard output, or nothing where it fails: no repository, no commit, no git.
pub(super) fn ask(folder: &Path, arguments: &[&str], launcher: &Launcher) -> Result<Option<Vec<u8>>, Failure> {
    match launcher.output(&git(folder, arguments)) {
        Ok(finished) if finished.succeeded() && !finished.truncated => Ok(Some(finished.stdout)),
        Ok(finished) if finished.truncated => {
            Err(Failure::new(Class::NotProven, "git", "git printed more than can be kept").about(folder.display().to_string()))
        }
        Ok(finished) if finished.ended == Ended::Cancelled => Err(crate::interrupted()),
        Ok(_) => Ok(None),
        Err(LaunchError::NotFound { .. }) => Ok(None),
        Err(error) => Err(Failure::from_error(Class::NotProven, "git", &error)),
    }
}

/// The state, or nothing outside of a repository or before the first commit.
pub(super) fn state(folder: &Path, launcher: &Launcher) -> Result<Option<GitState>, Failure> {
    // A project that its repository ignores (a build folder, an unpacked package) does not belong to it.
    if ask(folder, &["check-ignore", "-q", "."], launcher)?.is_some() {
        return Ok(None);
    }
    let Some(head) = ask(folder, &["log", "-1", "--format=%H %ct"], launcher)? else {
        return Ok(None);
    };
    let head = String::from_utf8_lossy(&head).trim().to_owned();
    let Some((commit, time)) = head.split_once(' ').and_then(|(commit, time)| Some((commit.to_owned(), time.parse().ok()?))) else {
        return Ok(None);
    };
    let status = ask(folder, &["status", "--porcelain", "--", ".", ":(exclude)dist", ":(exclude).plimsoll-dist-*"], launcher)?;
    Ok(Some(GitState { commit, time, dirty: status.is_none_or(|status| !status.is_empty()) }))
}
