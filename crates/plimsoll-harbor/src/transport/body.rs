//! The body of a request, as a reader: it is invited when it is first read, held to its limit, and never whole in memory unless a service asks.

use std::fmt;
use std::io::{self, BufRead, Read, Write};

use super::chunked::{NoChunk, next_size};
use super::framing::Framing;
use super::line::NoLine;

/// The longest body that is read if a service says nothing else, in bytes.
pub const DEFAULT_BODY_LIMIT: u64 = 2 << 30;

/// The body of a request; empty if the client sent none. Reading it fails if the client breaks its word, is too slow, or sends more than the
/// limit, and then a service need only pass the error on.
pub struct Body<'c> {
    input: &'c mut dyn BufRead,
    output: &'c mut dyn Write,
    rest: Rest,
    awaits_continue: bool,
    limit: u64,
    received: u64,
    cut: Option<u64>,
    failure: Option<BodyFailure>,
}

/// What is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    Nothing,
    Length(u64),
    FirstChunk,
    /// So much of a chunk, and then another.
    Chunk(u64),
}

/// Why a body ended before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyFailure {
    /// It is longer than this.
    TooLong(u64),
    /// It is not framed as the head says.
    Malformed(&'static str),
    /// The client ended it.
    Ended,
    /// The client took too long.
    Slow,
    /// The connection broke.
    Lost(io::ErrorKind),
    /// A fault cut it.
    Cut,
}

impl BodyFailure {
    /// The status that is due; none if nobody can hear it.
    pub(super) fn status(self) -> Option<u16> {
        match self {
            Self::TooLong(_) => Some(413),
            Self::Malformed(_) | Self::Ended => Some(400),
            Self::Slow => Some(408),
            Self::Lost(_) | Self::Cut => None,
        }
    }
}

impl fmt::Display for BodyFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(limit) => write!(formatter, "the body is longer than the {limit} bytes that are taken here"),
            Self::Malformed(why) => write!(formatter, "the body is malformed: {why}"),
            Self::Ended => formatter.write_str("the body ended before its end"),
            Self::Slow => formatter.write_str("the body took too long"),
            Self::Lost(kind) => write!(formatter, "the connection broke within the body: {kind}"),
            Self::Cut => formatter.write_str("a fault cut the connection within the body"),
        }
    }
}

impl std::error::Error for BodyFailure {}

impl From<BodyFailure> for io::Error {
    fn from(failure: BodyFailure) -> Self {
        let kind = match failure {
            BodyFailure::TooLong(_) => io::ErrorKind::FileTooLarge,
            BodyFailure::Malformed(_) => io::ErrorKind::InvalidData,
            BodyFailure::Ended => io::ErrorKind::UnexpectedEof,
            BodyFailure::Slow => io::ErrorKind::TimedOut,
            BodyFailure::Lost(kind) => kind,
            BodyFailure::Cut => io::ErrorKind::ConnectionAborted,
        };
        Self::new(kind, failure)
    }
}

impl From<NoChunk> for BodyFailure {
    fn from(no_chunk: NoChunk) -> Self {
        match no_chunk {
            NoChunk::Malformed(why) => Self::Malformed(why),
            NoChunk::Line(NoLine::Ended) => Self::Ended,
            NoChunk::Line(NoLine::TooLong) => Self::Malformed("extensions or trailers are too long"),
            NoChunk::Line(NoLine::Broken) => Self::Malformed("a line does not end with CRLF"),
            NoChunk::Line(NoLine::Read(error)) => Self::of_reading(&error),
        }
    }
}

impl<'c> Body<'c> {
    pub(super) fn new(
        input: &'c mut dyn BufRead,
        output: &'c mut dyn Write,
        framing: Framing,
        awaits_continue: bool,
        cut: Option<u64>,
    ) -> Self {
        let rest = match framing {
            Framing::Empty => Rest::Nothing,
            Framing::Length(length) => Rest::Length(length),
            Framing::Chunked => Rest::FirstChunk,
        };
        let awaits_continue = awaits_continue && rest != Rest::Nothing;
        Self { input, output, rest, awaits_continue, limit: DEFAULT_BODY_LIMIT, received: 0, cut, failure: None }
    }

    /// Sets another limit than [`DEFAULT_BODY_LIMIT`], in bytes from the body's beginning. A body whose head says that it is longer is refused
    /// before it is invited.
    pub fn limit(&mut self, bytes: u64) {
        self.limit = bytes;
    }

    /// All of it, if that is no more than `limit` bytes.
    ///
    /// # Errors
    /// As reading it.
    pub fn read_whole(&mut self, limit: u64) -> io::Result<Vec<u8>> {
        self.limit(limit);
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// How many bytes came so far, without what frames them.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Why it ended before its end, if it did.
    pub(super) fn failure(&self) -> Option<BodyFailure> {
        self.failure
    }

    /// Whether a fault ends the connection at what was read so far.
    pub(super) fn is_cut(&self) -> bool {
        self.cut.is_some_and(|cut| self.received >= cut)
    }

    /// Reads what nobody asked for, up to `bound` bytes more. Says whether the next request may follow.
    pub(super) fn discard(&mut self, bound: u64) -> bool {
        if self.awaits_continue || self.failure.is_some() || matches!(self.rest, Rest::Length(left) if left > bound) {
            return false;
        }
        self.limit = self.received.saturating_add(bound);
        let mut part = vec![0; 16 * 1024];
        loop {
            match self.read(&mut part) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
    }

    fn advance(&mut self, into: &mut [u8]) -> Result<usize, BodyFailure> {
        if self.is_cut() {
            return Err(BodyFailure::Cut);
        }
        self.hold_to_limit()?;
        self.invite()?;
        if matches!(self.rest, Rest::FirstChunk | Rest::Chunk(0)) {
            self.rest = match next_size(self.input, self.rest == Rest::FirstChunk)? {
                0 => Rest::Nothing,
                size => Rest::Chunk(size),
            };
            self.hold_to_limit()?;
        }
        let (Rest::Length(left) | Rest::Chunk(left)) = self.rest else { return Ok(0) };
        let until_cut = self.cut.map_or(u64::MAX, |cut| cut - self.received);
        let wanted = usize::try_from(left.min(until_cut)).unwrap_or(usize::MAX).min(into.len());
        let read = self.take(&mut into[..wanted])?;
        self.received += read as u64;
        self.rest = match self.rest {
            Rest::Chunk(_) => Rest::Chunk(left - read as u64),
            _ if left == read as u64 => Rest::Nothing,
            _ => Rest::Length(left - read as u64),
        };
        Ok(read)
    }

    fn hold_to_limit(&self) -> Result<(), BodyFailure> {
        let (Rest::Length(left) | Rest::Chunk(left)) = self.rest else { return Ok(()) };
        if self.received.saturating_add(left) > self.limit { Err(BodyFailure::TooLong(self.limit)) } else { Ok(()) }
    }

    /// Tells a client that waits that its body is wanted.
    fn invite(&mut self) -> Result<(), BodyFailure> {
        if std::mem::take(&mut self.awaits_continue) {
            let sent = self.output.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").and_then(|()| self.output.flush());
            sent.map_err(|error| BodyFailure::Lost(error.kind()))?;
        }
        Ok(())
    }

    fn take(&mut self, into: &mut [u8]) -> Result<usize, BodyFailure> {
        loop {
            match self.input.read(into) {
                Ok(0) => return Err(BodyFailure::Ended),
                Ok(read) => return Ok(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(BodyFailure::of_reading(&error)),
            }
        }
    }
}

impl BodyFailure {
    fn of_reading(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::TimedOut { Self::Slow } else { Self::Lost(error.kind()) }
    }
}

impl Read for Body<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        if let Some(failure) = self.failure {
            return Err(failure.into());
        }
        self.advance(into).map_err(|failure| {
            self.failure = Some(failure);
            failure.into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What came of a body: its bytes or the failure, what was said meanwhile, and what was left.
    fn read(text: &str, framing: Framing, awaits: bool, limit: u64) -> (Result<String, BodyFailure>, String, String) {
        let (mut input, mut said) = (text.as_bytes(), Vec::new());
        let mut body = Body::new(&mut input, &mut said, framing, awaits, None);
        let bytes = body.read_whole(limit);
        let failure = body.failure();
        let bytes = bytes.map(|bytes| String::from_utf8(bytes).unwrap()).map_err(|_| failure.unwrap());
        (bytes, String::from_utf8(said).unwrap(), String::from_utf8(input.to_vec()).unwrap())
    }

    #[test]
    fn bodies_end_where_they_say() {
        let whole = |text, framing| read(text, framing, false, 100);
        assert_eq!(whole("bodyrest", Framing::Length(4)), (Ok("body".to_owned()), String::new(), "rest".to_owned()));
        assert_eq!(whole("rest", Framing::Empty), (Ok(String::new()), String::new(), "rest".to_owned()));
        let chunks = "2\r\nbo\r\n2;x=y\r\ndy\r\n0\r\nT: u\r\n\r\nrest";
        assert_eq!(whole(chunks, Framing::Chunked), (Ok("body".to_owned()), String::new(), "rest".to_owned()));
        assert_eq!(whole("0\r\n\r\n", Framing::Chunked).0, Ok(String::new()));
    }

    #[test]
    fn a_client_that_waits_is_asked_once_and_only_for_what_is_wanted() {
        let (body, said, _) = read("2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n", Framing::Chunked, true, 100);
        assert_eq!((body, said.as_str()), (Ok("body".to_owned()), "HTTP/1.1 100 Continue\r\n\r\n"));
        let (body, said, _) = read("body", Framing::Length(4), true, 3);
        assert_eq!((body, said.as_str()), (Err(BodyFailure::TooLong(3)), ""));
        assert_eq!(read("", Framing::Empty, true, 3).1, "");
        let (mut input, mut said) = (b"body".as_slice(), Vec::new());
        assert!(!Body::new(&mut input, &mut said, Framing::Length(4), true, None).discard(100));
        assert!(input.len() == 4 && said.is_empty());
    }

    #[test]
    fn bodies_that_are_not_what_they_say_fail() {
        let failure = |text: &str, framing| read(text, framing, false, 100).0.unwrap_err().status();
        assert_eq!(failure("bo", Framing::Length(4)), Some(400));
        assert_eq!(failure("", Framing::Length(u64::MAX)), Some(413));
        for (text, status) in [
            ("", 400),
            ("4\r\nbo", 400),
            ("4\r\nbodyx\r\n0\r\n\r\n", 400),
            ("4\r\nbody0\r\n\r\n", 400),
            ("4\r\nbody\r\n", 400),
            ("4\r\nbody\r\n0\r\n", 400),
            ("4\nbody\r\n0\r\n\r\n", 400),
            ("-4\r\nbody\r\n0\r\n\r\n", 400),
            ("0x4\r\nbody\r\n0\r\n\r\n", 400),
            ("fffffffffffffffff\r\nbody\r\n0\r\n\r\n", 400),
            ("ffffffffffffffff\r\nbody\r\n0\r\n\r\n", 413),
            ("4\r\nbody\r\nffffffffffffffff\r\nbody", 413),
            ("4\r\nbody\r\n61\r\nbody", 413),
        ] {
            assert_eq!(failure(text, Framing::Chunked), Some(status), "{text}");
        }
    }

    #[test]
    fn a_cut_comes_after_its_bytes_and_stays() {
        let (mut input, mut said) = (b"body".as_slice(), Vec::new());
        let mut body = Body::new(&mut input, &mut said, Framing::Length(4), false, Some(3));
        let mut bytes = Vec::new();
        assert_eq!(body.read_to_end(&mut bytes).unwrap_err().kind(), io::ErrorKind::ConnectionAborted);
        assert!(body.read(&mut [0]).is_err() && body.is_cut() && !body.discard(10));
        assert_eq!((bytes.as_slice(), body.received()), (b"bod".as_slice(), 3));
    }

    #[test]
    fn what_nobody_asked_for_is_read_up_to_a_bound() {
        let discard = |text: &str, framing, bound| {
            let (mut input, mut said) = (text.as_bytes(), Vec::new());
            let done = Body::new(&mut input, &mut said, framing, false, None).discard(bound);
            (done, input.len())
        };
        assert_eq!(discard("bodyrest", Framing::Length(4), 4), (true, 4));
        assert_eq!(discard("bodyrest", Framing::Length(4), 3), (false, 8), "not even begun");
        assert_eq!(discard("2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\nrest", Framing::Chunked, 4), (true, 4));
        assert!(!discard("2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\nrest", Framing::Chunked, 3).0);
    }
}
