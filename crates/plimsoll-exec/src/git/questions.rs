//! What is asked of the repository that a project lies in.

use std::collections::BTreeSet;
use std::path::Path;

use plimsoll_model::Failure;

use super::{Commit, ask, state};
use crate::environment;
use crate::launcher::Launcher;

/// The commit of `project`, a canonical folder; none outside of a repository and before the first commit.
///
/// # Errors
/// Where git fails in a repository.
pub fn commit(project: &Path, launcher: &Launcher) -> Result<Option<Commit>, Failure> {
    state(project, &BTreeSet::new(), &[], launcher)
}

/// The tags of the commit that `project` is at, sorted; none outside of a repository.
///
/// # Errors
/// Where git fails in a repository.
pub fn tags(project: &Path, launcher: &Launcher) -> Result<Vec<String>, Failure> {
    if state(project, &BTreeSet::new(), &[], launcher)?.is_none() {
        return Ok(Vec::new());
    }
    let said = ask(project, ["tag", "--points-at", "HEAD"], launcher)?.unwrap_or_default();
    let mut tags = String::from_utf8_lossy(&said).lines().map(str::to_owned).collect::<Vec<_>>();
    tags.sort();
    Ok(tags)
}

/// The repository that `project` was fetched from, as git's configuration names it; none where it names none.
///
/// # Errors
/// Where git fails in a repository.
pub fn origin(project: &Path, launcher: &Launcher) -> Result<Option<String>, Failure> {
    // A list: that a single name is not there would be a failure.
    let said = ask(project, ["config", "--list"], launcher)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&said).into_owned();
    Ok(text.lines().find_map(|line| line.strip_prefix("remote.origin.url=")).map(str::to_owned))
}

/// Whether git tracks `path`, relative to `project`, or would offer to: neither is so with an ignored file, or without a repository.
///
/// # Errors
/// Where git fails in a repository.
pub fn is_git_s(project: &Path, path: &str, launcher: &Launcher) -> Result<bool, Failure> {
    let arguments = ["--literal-pathspecs", "ls-files", "--cached", "--others", "--exclude-standard", "--", path];
    Ok(ask(project, arguments, launcher)?.is_some_and(|listed| !listed.is_empty()))
}

/// Who changes files here, as git would name the author of a commit: `Name <address>`. None where git does not know.
///
/// # Errors
/// Where git fails in a repository.
pub fn author(project: &Path, launcher: &Launcher) -> Result<Option<String>, Failure> {
    let configured = |key: &str| -> Result<String, Failure> {
        let said = ask(project, ["config", "--default", "", "--get", key], launcher)?.unwrap_or_default();
        Ok(String::from_utf8_lossy(&said).trim().to_owned())
    };
    let told = |variable: &str, key: &str| match environment::text(variable).filter(|text| !text.trim().is_empty()) {
        Some(text) => Ok(text.trim().to_owned()),
        None => configured(key),
    };
    let (name, address) = (told("GIT_AUTHOR_NAME", "user.name")?, told("GIT_AUTHOR_EMAIL", "user.email")?);
    let sound = |text: &str| !text.is_empty() && !text.contains(|character: char| character.is_control() || "<>".contains(character));
    Ok((sound(&name) && sound(&address)).then(|| format!("{name} <{address}>")))
}

/// Whether git tracks the file `name` of `folder`, whatever ignore files say of it, and even if it was taken away.
///
/// # Errors
/// Where git fails in a repository.
pub fn is_tracked(folder: &Path, name: &str, launcher: &Launcher) -> Result<bool, Failure> {
    let listed = ask(folder, ["--literal-pathspecs", "ls-files", "--cached", "--", name], launcher)?;
    Ok(listed.is_some_and(|listed| !listed.is_empty()))
}
