//! An answer as a service makes it: a status, headers, and nothing, bytes or a file. Sends nothing.

use std::fs::File;
use std::io;
use std::time::UNIX_EPOCH;

/// An answer.
#[derive(Debug)]
pub struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) content: Content,
}

/// What an answer's body comes from.
#[derive(Debug)]
pub(super) enum Content {
    Nothing,
    Bytes(Vec<u8>),
    Opened { file: File, length: u64 },
}

impl Content {
    /// How long it is, in bytes.
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Opened { length, .. } => *length,
        }
    }
}

impl Response {
    /// A status with an empty body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), content: Content::Nothing }
    }

    /// Bytes in memory. With 200 to GET, a client may ask for a range of them.
    pub fn bytes(status: u16, content_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let response = Self { status, headers: Vec::new(), content: Content::Bytes(bytes.into()) };
        response.header("Content-Type", content_type)
    }

    /// Words for people.
    pub fn text(status: u16, text: &str) -> Self {
        Self::bytes(status, "text/plain; charset=utf-8", format!("{text}\n"))
    }

    /// An open file from its beginning, with status 200 and an ETag that its length and its time make. A client may ask for a range of it.
    ///
    /// # Errors
    /// If the file does not tell its length.
    pub fn file(content_type: &str, file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        let length = metadata.len();
        let age = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        let response = Self { status: 200, headers: Vec::new(), content: Content::Opened { file, length } };
        Ok(response.header("Content-Type", content_type).header("ETag", &format!("\"{length:x}-{:x}\"", age.as_nanos())))
    }

    /// Adds a header. Control characters of the value are left out, because a line end would begin another header. `Content-Length`,
    /// `Connection` and what belongs to ranges are the transport's.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.chars().filter(|c| !c.is_control()).collect()));
        self
    }

    /// The value of a header that was added.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}
