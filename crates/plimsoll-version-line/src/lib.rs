//! A `--version` that tells the truth: `1.2.3 (abcdef1 2026-01-02)`, and `dirty` where files differ from the commit.
//!
//! ```no_run
//! // build.rs, with plimsoll-version-line under [build-dependencies]
//! plimsoll_version_line::emit();
//! ```
//!
//! ```ignore
//! // main.rs
//! const VERSION: &str = env!("PLIMSOLL_VERSION_LINE");
//! ```
//!
//! The commit comes from git, where the package's `Cargo.toml` is tracked; else, in a source package or a mirror without git, from the file
//! `version-line.txt` (which `plimsoll version line --write` writes) in the package's folder or above it up to the workspace's; else, in a
//! crate from a registry, from cargo's `.cargo_vcs_info.json`, which knows no day. Where there is none of these the line is the version, with the day of
//! `SOURCE_DATE_EPOCH` if that is set. The same sources give the same line at any time: no clock is asked.

mod calendar;
mod emit;
mod git;
mod recorded;

use std::path::{Path, PathBuf};

pub use emit::{emit, emit_unknown};

/// The file that holds the line where there is no git.
pub const RECORDED: &str = "version-line.txt";

/// Where a line came from: what a build script must watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionLine {
    /// `1.2.3 (abcdef1 2026-01-02)`.
    pub text: String,
    /// Files that it depends on.
    pub watched: Vec<PathBuf>,
}

/// Why there is no line.
#[derive(Debug)]
pub enum LineError {
    /// The recorded line is of another version: it was not written for these sources.
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// What it says, shortened.
        line: String,
        /// The package's version.
        version: String,
    },
    /// A file that is there cannot be read.
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// git was started and failed.
    Git {
        /// What was asked.
        arguments: String,
        /// git's own words.
        said: String,
    },
    /// `SOURCE_DATE_EPOCH` is no number of seconds.
    Epoch(String),
}

impl std::fmt::Display for LineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OtherVersion { path, line, version } => {
                write!(f, "{}: says `{line}`, and the package is {version}; `plimsoll version line --write` writes it anew", path.display())
            }
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Git { arguments, said } => write!(f, "git {arguments}: {said}"),
            Self::Epoch(text) => write!(f, "SOURCE_DATE_EPOCH is `{text}`, and must be a number of seconds since 1970"),
        }
    }
}

impl std::error::Error for LineError {}

impl VersionLine {
    /// The line of the package of `version` in `folder`; `epoch` is the value of `SOURCE_DATE_EPOCH`, where it is set.
    ///
    /// # Errors
    /// [`LineError`]. That there is nothing to tell a commit by is none.
    pub fn read(folder: &Path, version: &str, epoch: Option<&str>) -> Result<Self, LineError> {
        if let Some(commit) = git::commit(folder)? {
            let short = commit.id.get(..7).unwrap_or(&commit.id);
            let dirty = if commit.dirty { ", dirty" } else { "" };
            let text = format!("{version} ({short} {}{dirty})", calendar::date(commit.time));
            return Ok(Self { text, watched: commit.watched });
        }
        if let Some((path, text)) = recorded::line(folder, version)? {
            return Ok(Self { text, watched: vec![path] });
        }
        if let Some((path, commit)) = recorded::published(folder)? {
            return Ok(Self { text: format!("{version} ({commit})"), watched: vec![path] });
        }
        let text = match epoch.filter(|text| !text.is_empty()) {
            None => version.to_owned(),
            Some(text) => {
                let seconds = text.parse::<u64>().map_err(|_| LineError::Epoch(text.to_owned()))?;
                format!("{version} ({})", calendar::date(seconds))
            }
        };
        // Should a recorded line appear, it counts.
        Ok(Self { text, watched: vec![folder.join(RECORDED)] })
    }
}
