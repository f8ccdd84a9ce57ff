//! The line that programs tell their version by, `1.2.3 (abcdef1 2026-01-02)`, and the small files that hold it. The crate
//! `plimsoll-version-line` makes the same line in a build script; a test holds the two together.

use std::fs;
use std::io::Write;
use std::path::Path;

use plimsoll_model::{Class, Failure};
use semver::Version;

use super::calendar::date;
use crate::sources::Commit;
use crate::{io_failure, repository};

/// Characters of a commit that are shown.
const SHORT: usize = 7;

/// A file that is written with the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFile {
    /// Relative to the project, with `/`.
    pub path: String,
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// `__version__` and `line`.
    Python,
    /// A module with `version/0` and `line/0`.
    Elixir { module: String },
    /// The line.
    Text,
}

/// Why a path is none of a file with the line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLineFile {
    /// The module's name comes from the path.
    #[error("`{0}` is no path of an Elixir module, as lib/app/version.ex is")]
    Elixir(String),
    /// A name that would be written over something else.
    #[error("`{0}` has a suffix that is not known: .py, .ex and .txt are")]
    Suffix(String),
}

impl LineFile {
    /// The file at `path`; its suffix says what is written.
    ///
    /// # Errors
    /// [`InvalidLineFile`].
    pub fn new(path: &str) -> Result<Self, InvalidLineFile> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let form = match name.rsplit_once('.').map(|(_, suffix)| suffix) {
            Some("py") => Form::Python,
            Some("ex") => Form::Elixir { module: module(path).ok_or_else(|| InvalidLineFile::Elixir(path.to_owned()))? },
            Some("txt") => Form::Text,
            _ => return Err(InvalidLineFile::Suffix(path.to_owned())),
        };
        Ok(Self { path: path.to_owned(), form })
    }

    /// What is written.
    pub fn text(&self, version: &Version, line: &str) -> String {
        match &self.form {
            Form::Python => {
                let own = super::Dialect::Pep440.say(version).unwrap_or_else(|_| version.to_string());
                format!(
                    "# Written by `plimsoll version line`; not for editing, and not for git.\n__version__ = \"{own}\"\nline = \"{line}\"\n"
                )
            }
            Form::Elixir { module } => format!(
                "# Written by `plimsoll version line`; not for editing, and not for git.\ndefmodule {module} do\n  @moduledoc false\n\n  \
                 @spec version() :: String.t()\n  def version, do: \"{version}\"\n\n  @spec line() :: String.t()\n  def line, do: \"{line}\"\nend\n"
            ),
            Form::Text => format!("{line}\n"),
        }
    }
}

/// `…/lib/my_app/version.ex` → `MyApp.Version`, as Elixir names modules.
fn module(path: &str) -> Option<String> {
    let inside = path.strip_prefix("lib/").or_else(|| path.split_once("/lib/").map(|(_, inside)| inside))?;
    let camel = |part: &str| {
        let words = part.split('_').map(|word| {
            let mut characters = word.chars();
            characters.next().map(|first| first.to_ascii_uppercase().to_string() + characters.as_str()).unwrap_or_default()
        });
        words.collect::<String>()
    };
    let parts = inside.strip_suffix(".ex")?.split('/').map(camel).collect::<Vec<_>>();
    let sound = |part: &String| {
        part.bytes().next().is_some_and(|byte| byte.is_ascii_uppercase()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    parts.iter().all(sound).then(|| parts.join("."))
}

/// The line of `version` at a commit; without one, the version alone.
pub fn line(version: &Version, commit: Option<&Commit>) -> String {
    match commit {
        None => version.to_string(),
        Some(commit) => {
            let short = commit.id.get(..SHORT).unwrap_or(&commit.id);
            let dirty = if commit.dirty { ", dirty" } else { "" };
            format!("{version} ({short} {}{dirty})", date(commit.time))
        }
    }
}

/// Writes the files that do not hold the line yet; gives back which.
///
/// # Errors
/// Where one cannot be written.
pub fn write(root: &Path, files: &[LineFile], version: &Version, commit: Option<&Commit>) -> Result<Vec<String>, Failure> {
    let line = line(version, commit);
    let mut written = Vec::new();
    for file in files {
        let path = root.join(&file.path);
        let text = file.text(version, &line);
        if fs::read(&path).is_ok_and(|old| old == text.as_bytes()) {
            continue;
        }
        let folder = path.parent().unwrap_or(root);
        let real = folder.canonicalize().map_err(|error| io_failure(folder, &error))?;
        if !real.starts_with(root) || path.is_symlink() {
            let failure = Failure::new(Class::Usage, "version-line", "is a link, or lies behind one that leads out of the project");
            return Err(failure.about(file.path.clone()));
        }
        if real.strip_prefix(root).is_ok_and(repository::lies_in_git) {
            let failure = Failure::new(Class::Usage, "version-line", "lies in a repository's own folder, which git alone writes");
            return Err(failure.about(file.path.clone()));
        }
        let mut temporary = tempfile::NamedTempFile::new_in(&real).map_err(|error| io_failure(&real, &error))?;
        temporary.write_all(text.as_bytes()).map_err(|error| io_failure(&path, &error))?;
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        temporary.as_file().set_permissions(permissions).map_err(|error| io_failure(&path, &error))?;
        temporary.persist(&path).map_err(|error| io_failure(&path, &error.error))?;
        written.push(file.path.clone());
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_tell_commit_day_and_changes() {
        let version = "1.2.3-rc.1".parse().unwrap();
        let commit = |dirty| Commit { id: "abcdef1234567890".to_owned(), time: 1_767_323_045, dirty };
        assert_eq!(line(&version, Some(&commit(false))), "1.2.3-rc.1 (abcdef1 2026-01-02)");
        assert_eq!(line(&version, Some(&commit(true))), "1.2.3-rc.1 (abcdef1 2026-01-02, dirty)");
        assert_eq!(line(&version, None), "1.2.3-rc.1");
    }

    #[test]
    fn files_are_written_by_their_suffix() {
        let version = "1.2.3-rc.1".parse().unwrap();
        let written = ["ht/_version.py", "apps/ht_core/lib/ht_core/version.ex", "version-line.txt"]
            .map(|path| LineFile::new(path).unwrap().text(&version, "1.2.3-rc.1 (abcdef1 2026-01-02)"));
        insta::assert_snapshot!(written.join("----\n"));
        for path in ["version.ex", "lib/9x.ex", "lib/a-b.ex", "version.rs", "VERSION"] {
            assert!(LineFile::new(path).is_err(), "{path}");
        }
    }
}
