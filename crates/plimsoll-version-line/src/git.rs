//! The commit that git knows. Starts git: a build script has nobody else to ask. No call writes into the repository. A filter that
//! the repository configures may run, as with any `git status`: the build script is of the same hands.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::{LineError, RECORDED};

/// What git says of the package.
pub(crate) struct Commit {
    pub id: String,
    /// Seconds since 1970.
    pub time: u64,
    pub dirty: bool,
    /// Files whose change may change any of it.
    pub watched: Vec<PathBuf>,
}

/// Files of a repository that change with a commit, a checkout and a staged file; paths as `git rev-parse --git-path` takes them. The log
/// tells of commits whose branch has no file of its own yet.
const STATE: [&str; 4] = ["HEAD", "logs/HEAD", "index", "packed-refs"];

/// The commit of the package in `folder`; none where its `Cargo.toml` is not tracked: a crate that lies in somebody else's repository, as
/// unpacked or vendored ones do, is not of that repository's commit.
pub(crate) fn commit(folder: &Path) -> Result<Option<Commit>, LineError> {
    let Some(tracked) = ask(folder, &["ls-files", "--", "Cargo.toml"])? else { return Ok(None) };
    if tracked.is_empty() {
        return Ok(None);
    }
    let Some(head) = ask(folder, &["log", "-1", "--format=%H %ct"])? else { return Ok(None) };
    let head = String::from_utf8_lossy(&head).trim().to_owned();
    let Some((id, time)) = head.split_once(' ').and_then(|(id, time)| Some((id.to_owned(), time.parse().ok()?))) else { return Ok(None) };
    let top = PathBuf::from(text(ask(folder, &["rev-parse", "--show-toplevel"])?));
    let recorded = format!(":(exclude,glob)**/{RECORDED}");
    let status = ["status", "--porcelain", "--untracked-files=normal", "--ignore-submodules=none", "--", ".", ":(exclude)dist", &recorded];
    let dirty = ask(&top, &status)?.is_none_or(|changes| !changes.is_empty());
    Ok(Some(Commit { id, time, dirty, watched: watched(folder, &top)? }))
}

/// The repository's own files that change with the commit, and every tracked file, which may make it dirty.
fn watched(folder: &Path, top: &Path) -> Result<Vec<PathBuf>, LineError> {
    let mut paths = Vec::new();
    let branch = ask(folder, &["symbolic-ref", "-q", "HEAD"])?.map(|name| text(Some(name)));
    for name in STATE.into_iter().chain(branch.as_deref()) {
        let path = folder.join(text(ask(folder, &["rev-parse", "--git-path", name])?));
        // cargo takes a file that is not there for one that changed.
        if path.exists() {
            paths.push(path);
        }
    }
    let tracked = ask(top, &["ls-files", "-v", "-z", "--deduplicate"])?.unwrap_or_default();
    // What a sparse checkout leaves out is marked with an S, and is not there to be watched.
    let names = tracked.split(|byte| *byte == 0).filter_map(|entry| entry.split_at_checked(2));
    let names = names.filter(|(mark, _)| !mark.eq_ignore_ascii_case(b"S ")).map(|(_, name)| name);
    paths.extend(names.map(|name| top.join(String::from_utf8_lossy(name).as_ref())));
    Ok(paths)
}

fn text(bytes: Option<Vec<u8>>) -> String {
    String::from_utf8_lossy(&bytes.unwrap_or_default()).trim_end_matches(['\n', '\r']).to_owned()
}

/// What git prints, or nothing where there is no git, no repository, no commit, no branch.
fn ask(folder: &Path, arguments: &[&str]) -> Result<Option<Vec<u8>>, LineError> {
    let output = match start(folder, arguments) {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(LineError::Io { path: folder.to_owned(), source }),
    };
    if output.status.success() {
        return Ok(Some(output.stdout));
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let silent = said.trim().is_empty();
    let known = said.lines().any(|line| {
        line.strip_prefix("fatal: ")
            .is_some_and(|words| words.starts_with("not a git repository") || words.ends_with("does not have any commits yet"))
    });
    if silent || known {
        return Ok(None);
    }
    Err(LineError::Git { arguments: arguments.join(" "), said: said.trim().to_owned() })
}

#[expect(clippy::disallowed_methods, reason = "a build script has nobody else to ask")]
fn start(folder: &Path, arguments: &[&str]) -> std::io::Result<Output> {
    Command::new("git")
        .args(["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false"])
        .args(arguments)
        .current_dir(folder)
        // git's words are told apart, and a hook's idea of where the repository is must not count.
        .env("LC_ALL", "C")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .stdin(Stdio::null())
        .output()
}
