//! The line that programs tell their version by, `1.2.3 (abcdef1 2026-01-02)`, and the small files that hold it. The crate
//! `plimsoll-version-line` makes the same line in a build script; a test holds the two together.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure};
use semver::Version;

use super::calendar::date;
use super::format::Format;
use plimsoll_exec::git;
use plimsoll_exec::git::Commit;
use plimsoll_exec::launcher::Launcher;
use plimsoll_store::{durable, platform};

/// Characters of a commit that are shown.
const SHORT: usize = 7;

/// The first line of the modules: a file without it was written by somebody else.
const MARK: &str = "# Written by `plimsoll version line`; not for editing, and not for git.\n";

/// No file with a line is longer.
const LONGEST: u64 = 4096;

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
    /// A folder that holds a release and nothing else.
    #[error("`{0}` lies in dist/, which every release replaces")]
    Output(String),
}

impl LineFile {
    /// The file at `path`; its suffix says what is written.
    ///
    /// # Errors
    /// [`InvalidLineFile`].
    pub fn new(path: &str) -> Result<Self, InvalidLineFile> {
        let name = path.rsplit('/').next().unwrap_or(path);
        if path.starts_with("dist/") {
            return Err(InvalidLineFile::Output(path.to_owned()));
        }
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
                format!("{MARK}__version__ = \"{own}\"\nline = \"{line}\"\n")
            }
            Form::Elixir { module } => format!(
                "{MARK}defmodule {module} do\n  @moduledoc false\n\n  \
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

/// Whether a text is a line of any version and commit.
fn is_line(text: &str) -> bool {
    let Some((version, rest)) = text.split_once(' ') else { return text.parse::<Version>().is_ok() };
    let inside = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let inside = inside.map(|inside| inside.strip_suffix(", dirty").unwrap_or(inside));
    let is_commit = |commit: &str| commit.len() == SHORT && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_day = |day: &str| day.len() >= 10 && day.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    version.parse::<Version>().is_ok()
        && inside.and_then(|inside| inside.split_once(' ')).is_some_and(|(commit, day)| is_commit(commit) && is_day(day))
}

impl LineFile {
    /// Whether a text is one that was written here before, at another commit or version.
    fn wrote(&self, text: &str) -> bool {
        match self.form {
            Form::Python | Form::Elixir { .. } => text.starts_with(MARK),
            // A version alone may be the project's own, in a file of a name that says so.
            Form::Text if Format::of(&self.path).is_some() && !text.contains(' ') => false,
            Form::Text => text.strip_suffix('\n').is_some_and(is_line),
        }
    }

    /// Where the file is written; none where it says `text` already.
    ///
    /// # Errors
    /// Where something is there that was not written here, or that git tracks, even if it was taken away.
    fn place(&self, root: &Path, text: &str, launcher: &Launcher) -> Result<Option<PathBuf>, Failure> {
        let refused =
            |message: &str, hint: &str| Failure::new(Class::Usage, "version-line", message).about(self.path.clone()).hint(hint.to_owned());
        let another = "name another file in `version.line`";
        let named = root.join(&self.path);
        let (Some(folder), Some(name)) = (named.parent(), named.file_name().and_then(|name| name.to_str())) else {
            return Err(refused("is no file", another));
        };
        let real = folder.canonicalize().map_err(|error| Failure::io(folder, &error))?;
        let path = real.join(name);
        let old = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(Failure::io(&path, &error)),
            Ok(metadata) => Some(metadata),
        };
        if real.strip_prefix(root).is_ok_and(git::lies_in_git) {
            return Err(refused("lies in a repository's own folder, which git alone writes", another));
        }
        if !real.starts_with(root) || old.as_ref().is_some_and(fs::Metadata::is_symlink) {
            return Err(refused("is a link, or lies behind one that leads out of the project", another));
        }
        if let Some(old) = &old {
            let bytes = if old.is_file() && old.len() <= LONGEST {
                fs::read(&path).map_err(|error| Failure::io(&path, &error))?
            } else {
                Vec::new()
            };
            if bytes == text.as_bytes() {
                return Ok(None);
            }
            if !std::str::from_utf8(&bytes).is_ok_and(|old| self.wrote(old)) {
                let hint = "remove the file if nobody needs it, or name another one in `version.line`";
                return Err(refused("was not written by plimsoll, and the version's line would replace it", hint));
            }
        }
        if git::is_tracked(&real, name, launcher)? {
            let hint =
                format!("`git rm --cached {}` and name it in .gitignore: it names the commit, and cannot be a part of it", self.path);
            return Err(refused("is tracked by git, and the version's line would replace it", &hint));
        }
        Ok(Some(path))
    }
}

/// Writes the files that do not hold the line yet; gives back which.
///
/// # Errors
/// Where one cannot be written. None is written where one of them may not be.
pub fn write(
    root: &Path,
    files: &[LineFile],
    version: &Version,
    commit: Option<&Commit>,
    launcher: &Launcher,
) -> Result<Vec<String>, Failure> {
    let line = line(version, commit);
    let mut waiting = Vec::new();
    for file in files {
        let text = file.text(version, &line);
        waiting.extend(file.place(root, &text, launcher)?.map(|path| (file.path.clone(), path, text)));
    }
    for (_, path, text) in &waiting {
        put(path, text)?;
    }
    Ok(waiting.into_iter().map(|(file, ..)| file).collect())
}

/// Writes one file, whole or not at all.
fn put(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(|error| Failure::io(folder, &error))?;
    temporary.write_all(text.as_bytes()).map_err(|error| Failure::io(path, &error))?;
    platform::set_mode_of_open(temporary.as_file(), 0o644).map_err(|error| Failure::io(path, &error))?;
    durable::replace(temporary, path).map_err(|error| Failure::io(path, &error))
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
        for path in ["version.ex", "lib/9x.ex", "lib/a-b.ex", "version.rs", "VERSION", "dist/x.txt"] {
            assert!(LineFile::new(path).is_err(), "{path}");
        }
    }

    #[test]
    fn what_was_written_before_is_known_again() {
        let commit = |dirty| Commit { id: "abcdef1234567890".to_owned(), time: 1_767_323_045, dirty };
        for path in ["ht/_version.py", "lib/ht/version.ex", "version-line.txt"] {
            let file = LineFile::new(path).unwrap();
            for commit in [None, Some(commit(false)), Some(commit(true))] {
                let version = "1.2.3-rc.1+x".parse().unwrap();
                assert!(file.wrote(&file.text(&version, &line(&version, commit.as_ref()))), "{path}");
            }
            for text in ["", "my text\n", "1.2.3 is fine\n", "1.2.3 (see below)\n", "__version__ = \"1.2.3\"\n", "1.2.3\n1.2.4\n"] {
                assert!(!file.wrote(text), "{path}: {text}");
            }
        }
        // What a person may have written, under a name that holds versions.
        assert!(!LineFile::new("app/version.txt").unwrap().wrote("1.2.3\n"));
        assert!(LineFile::new("app/version.txt").unwrap().wrote("1.2.3 (abcdef1 2026-01-02)\n"));
    }
}
