//! Where the files of registries and releases come from: a folder, or HTTP. Opens by relative path; judges no contents.

mod body;
mod file_place;
mod http;
mod location;
mod pace;
mod transfer;

use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use plimsoll_model::{FileName, Name};

use crate::environment::Offline;

pub use file_place::FilePlace;
pub use http::{Network, Patience};
pub use location::BaseUrl;

/// The longest document (release, index, checksums, statement) that is read, in bytes.
pub const MAX_DOCUMENT: u64 = 16 << 20;

/// A place that files are fetched from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A base URL, `http` or `https`.
    Http(BaseUrl),
}

/// Text that names no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no place to fetch from: {why}")]
pub struct InvalidSource {
    text: String,
    why: &'static str,
}

impl InvalidSource {
    fn new(text: &str, why: &'static str) -> Self {
        Self { text: text.chars().take(200).collect(), why }
    }
}

/// Why a file could not be had.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is not there.
    #[error("{subject} does not exist")]
    NotFound {
        /// Path or URL.
        subject: String,
    },
    /// A file of this machine cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The network must not be used.
    #[error("{url} is not fetched: {reason}")]
    Offline {
        /// What was wanted.
        url: String,
        /// Why not.
        reason: Offline,
    },
    /// The server gave an answer that is no file, and will not give another one soon.
    #[error("{url} answered with status {status}")]
    Status {
        /// What was asked.
        url: String,
        /// The answer.
        status: u16,
    },
    /// Every attempt failed.
    #[error("{url} could not be fetched in {attempts} attempts: {last}")]
    Unreachable {
        /// What was asked.
        url: String,
        /// How often.
        attempts: u32,
        /// What went wrong the last time.
        last: String,
    },
    /// So little came for so long that it is not waited for.
    #[error("{url} is given up: less than {rate} bytes a second came over {} seconds", .window.as_secs_f32())]
    TooSlow {
        /// What was asked.
        url: String,
        /// What must come in a second.
        rate: u64,
        /// Over which time.
        window: Duration,
    },
    /// A redirect that is not followed.
    #[error("{url} redirects to `{location}`: {why}")]
    Redirect {
        /// What was asked.
        url: String,
        /// Where it points.
        location: String,
        /// Why it is not followed.
        why: &'static str,
    },
    /// A document longer than any sound one.
    #[error("{subject} is longer than {limit} bytes")]
    TooLong {
        /// Path or URL.
        subject: String,
        /// The limit.
        limit: u64,
    },
    /// A path that could lead elsewhere.
    #[error("`{0}` is not a path within a registry")]
    Path(String),
}

/// An open file.
pub struct Opened {
    /// Its contents; interrupted downloads are taken up again inside.
    pub reader: Box<dyn Read + Send>,
    /// Its length, as far as the source says.
    pub length: Option<u64>,
}

impl Source {
    /// The source of what lies in a folder of this one.
    ///
    /// # Errors
    /// [`OpenError::Path`].
    pub fn below(&self, path: &str) -> Result<Self, OpenError> {
        check(path)?;
        Ok(match self {
            Self::Folder(folder) => Self::Folder(folder.join(path)),
            Self::Http(base) => Self::Http(base.below(path)),
        })
    }

    /// Path or URL of a file, for people.
    pub fn subject(&self, path: &str) -> String {
        match self {
            Self::Folder(folder) => folder.join(path).display().to_string(),
            Self::Http(base) => base.file(path),
        }
    }

    /// Opens a file by its path below the source: components of asset names, separated by `/`.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(&self, path: &str, network: &Network) -> Result<Opened, OpenError> {
        check(path)?;
        match self {
            Self::Http(base) => network.open(&base.file(path)),
            Self::Folder(folder) => FilePlace::Path(PathBuf::from(path)).open(folder, network),
        }
    }

    /// Reads a document of at most [`MAX_DOCUMENT`] bytes.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn read(&self, path: &str, network: &Network) -> Result<Vec<u8>, OpenError> {
        self.bounded(path, self.open(path, network)?)
    }

    /// Reads the page of a folder, whose URL has a slash at its end. A folder of this machine has none.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn read_page(&self, path: &str, network: &Network) -> Result<Vec<u8>, OpenError> {
        check(path)?;
        match self {
            Self::Http(base) => self.bounded(path, network.open(&format!("{}/", base.file(path)))?),
            Self::Folder(_) => Err(OpenError::NotFound { subject: self.subject(path) }),
        }
    }

    fn bounded(&self, path: &str, opened: Opened) -> Result<Vec<u8>, OpenError> {
        let too_long = || OpenError::TooLong { subject: self.subject(path), limit: MAX_DOCUMENT };
        if opened.length.is_some_and(|length| length > MAX_DOCUMENT) {
            return Err(too_long());
        }
        let mut bytes = Vec::new();
        let read = opened.reader.take(MAX_DOCUMENT + 1).read_to_end(&mut bytes).map_err(|error| self.broken(path, error))?;
        if read as u64 > MAX_DOCUMENT { Err(too_long()) } else { Ok(bytes) }
    }

    /// What an error of an open file's reader is.
    pub(crate) fn broken(&self, path: &str, error: io::Error) -> OpenError {
        match (self, error.downcast::<OpenError>()) {
            (_, Ok(error)) => error,
            (Self::Folder(folder), Err(source)) => OpenError::Io { path: folder.join(path), source },
            (Self::Http(base), Err(source)) => OpenError::Unreachable { url: base.file(path), attempts: 1, last: source.to_string() },
        }
    }
}

impl OpenError {
    /// Whether the file is not to be had, as opposed to there and not readable.
    pub const fn is_missing(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::Offline { .. } | Self::Status { .. } | Self::Unreachable { .. } | Self::TooSlow { .. })
    }

    /// Whether the network or the server is at fault.
    pub const fn is_network(&self) -> bool {
        matches!(self, Self::Offline { .. } | Self::Status { .. } | Self::Unreachable { .. } | Self::TooSlow { .. } | Self::Redirect { .. })
    }
}

/// Whether a source can be asked for `path`: every component is a file's name, or a release's name or version, which may have a `+`. So no
/// path climbs, and no URL needs encoding.
pub fn is_plain_path(path: &str) -> bool {
    path.split('/').all(|component| component.parse::<FileName>().is_ok() || component.parse::<Name>().is_ok())
}

fn check(path: &str) -> Result<(), OpenError> {
    if is_plain_path(path) { Ok(()) } else { Err(OpenError::Path(path.to_owned())) }
}

impl FromStr for Source {
    type Err = InvalidSource;

    /// `https://…`, `http://…`, `file:///…`, or a path.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(InvalidSource::new(text, "it is empty"));
        }
        if let Some(path) = text.strip_prefix("file://") {
            return match path.strip_prefix('/') {
                Some(_) if !path.contains('%') => Ok(Self::Folder(PathBuf::from(path))),
                Some(_) => Err(InvalidSource::new(text, "encoded characters are not understood; give a path")),
                None => Err(InvalidSource::new(text, "a file URL must hold an absolute path")),
            };
        }
        match text.split_once("://") {
            Some(("http" | "https", _)) => BaseUrl::parse(text).map(Self::Http).map_err(|why| InvalidSource::new(text, why)),
            Some((scheme, _)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                Err(InvalidSource::new(text, "only http, https and file are understood"))
            }
            _ => Ok(Self::Folder(PathBuf::from(text))),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Http(base) => write!(f, "{base}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_a_folder_or_a_url() {
        let parse = |text: &str| text.parse::<Source>();
        assert_eq!(parse("dist").unwrap(), Source::Folder(PathBuf::from("dist")));
        assert_eq!(parse("file:///a/b").unwrap(), Source::Folder(PathBuf::from("/a/b")));
        assert_eq!(parse("http://127.0.0.1:80/x/").unwrap().to_string(), "http://127.0.0.1:80/x");
        for text in ["", "file://host/a", "file:///a%20b", "ftp://x/y", "http://", "https://user:secret@x/", "https://x/y?z", "http://x/#y"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn paths_that_climb_are_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "x").unwrap();
        let source = Source::Folder(folder.path().join("sub"));
        let network = Network::new(Some(Offline::Asked), Patience::default());
        for path in ["../file", "", "/file", "a//b", ".hidden", "a/../../file", "a b", "%2e%2e/file"] {
            assert!(matches!(source.open(path, &network), Err(OpenError::Path(_))), "{path}");
        }
        assert!(matches!(source.open("file", &network), Err(OpenError::NotFound { .. })));
        let source = Source::Folder(folder.path().to_owned());
        assert_eq!(source.read("file", &network).unwrap(), b"x");
        assert!(matches!(source.open("file/x", &network), Err(OpenError::NotFound { .. })));
        // A version may have build metadata, and a file's name be longer than a release's.
        assert!(is_plain_path("tool/1.0.0+b/evidence/archive.tool.json") && is_plain_path(&"x".repeat(255)));
    }
}
