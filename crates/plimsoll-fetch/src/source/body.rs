//! A body that is read to its promised end over as many connections as that takes: with Range where the server knows it, else from the start,
//! passing over what was read before. Whether the bytes are the right ones is for the digest to say.

use std::io::{self, Read};
use std::time::Duration;

use ureq::BodyReader;
use ureq::http::{HeaderMap, HeaderName, Response, StatusCode, header};

use super::OpenError;
use super::http::{Failed, Network};

/// Interruptions in all, however much each attempt brought.
const MAX_INTERRUPTIONS: u32 = 100;

/// What happens while no byte is handed out.
pub(super) enum Progress {
    /// Nothing is asked for so long.
    Pause(Duration),
    /// So many bytes came that were there before.
    Passed(u64),
}

/// Who hears of it.
type Listener = Box<dyn FnMut(Progress) + Send>;

pub(super) struct ResumingBody {
    network: Network,
    listener: Listener,
    url: String,
    reader: Option<BodyReader<'static>>,
    /// Bytes handed out.
    position: u64,
    /// As the first answer had it.
    length: Option<u64>,
    tag: Option<String>,
    /// Failures since the last progress, and in all.
    failures: u32,
    interruptions: u32,
}

impl ResumingBody {
    /// Asks until there is an answer.
    pub(super) fn open(network: Network, url: &str, listener: Listener) -> Result<Self, OpenError> {
        let url = url.to_owned();
        let mut body = Self { network, listener, url, reader: None, position: 0, length: None, tag: None, failures: 0, interruptions: 0 };
        body.connect()?;
        Ok(body)
    }

    pub(super) fn length(&self) -> Option<u64> {
        self.length
    }

    /// Connects, at the current position, until it works or patience ends.
    fn connect(&mut self) -> Result<(), OpenError> {
        loop {
            match self.attempt() {
                Ok(reader) => {
                    self.reader = Some(reader);
                    return Ok(());
                }
                Err(Failed::ForGood(error)) => return Err(error),
                Err(Failed::ForNow { why, wait }) => self.failed(&why, wait)?,
            }
        }
    }

    fn attempt(&mut self) -> Result<BodyReader<'static>, Failed> {
        let range = (self.position > 0).then_some((self.position, self.tag.as_deref()));
        let response = self.network.get(&self.url, range)?;
        if range.is_none() {
            self.length = number(response.headers(), header::CONTENT_LENGTH);
            // A weak tag does not promise the same bytes, and `If-Range` must not have one.
            let tag = text(response.headers(), header::ETAG).filter(|tag| !tag.starts_with("W/"));
            self.tag = tag.map(str::to_owned);
            return Ok(response.into_body().into_reader());
        }
        self.resume(response)
    }

    /// The rest of the body from an answer to a request for a range.
    fn resume(&mut self, response: Response<ureq::Body>) -> Result<BodyReader<'static>, Failed> {
        let again = |why: &str| Failed::ForNow { why: why.to_owned(), wait: None };
        if response.status() == StatusCode::PARTIAL_CONTENT {
            let start = text(response.headers(), header::CONTENT_RANGE).and_then(range_start);
            return if start == Some(self.position) {
                Ok(response.into_body().into_reader())
            } else {
                Err(again("the server sent another range than was asked for"))
            };
        }
        let mut reader = response.into_body().into_reader();
        let (mut left, mut buffer) = (self.position, vec![0; 64 * 1024]);
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            match reader.read(&mut buffer[..most]) {
                Ok(0) => return Err(again("the connection ended early")),
                Ok(read) => {
                    left -= read as u64;
                    (self.listener)(Progress::Passed(read as u64));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(again(&error.to_string())),
            }
        }
        Ok(reader)
    }

    /// Counts a failure, and waits, or gives up.
    fn failed(&mut self, why: &str, wait: Option<Duration>) -> Result<(), OpenError> {
        self.failures += 1;
        self.interruptions += 1;
        let patience = self.network.patience();
        if self.failures >= patience.attempts || self.interruptions >= MAX_INTERRUPTIONS {
            return Err(OpenError::Unreachable { url: self.url.clone(), attempts: self.interruptions, last: why.to_owned() });
        }
        let doubled = patience.pause.saturating_mul(1 << (self.failures - 1).min(6));
        let pause = wait.unwrap_or(doubled);
        (self.listener)(Progress::Pause(pause));
        std::thread::sleep(pause);
        Ok(())
    }
}

impl Read for ResumingBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let why = match self.reader.as_mut().map(|reader| reader.read(buffer)) {
                Some(Ok(0)) if self.length.is_none_or(|length| self.position >= length) => return Ok(0),
                Some(Ok(0)) => "the connection ended early".to_owned(),
                Some(Ok(read)) => {
                    self.position += read as u64;
                    self.failures = 0;
                    return Ok(read);
                }
                Some(Err(error)) if error.kind() == io::ErrorKind::Interrupted => continue,
                Some(Err(error)) => error.to_string(),
                None => "the connection is gone".to_owned(),
            };
            self.reader = None;
            self.failed(&why, None).and_then(|()| self.connect()).map_err(io::Error::other)?;
        }
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn number(headers: &HeaderMap, name: HeaderName) -> Option<u64> {
    text(headers, name).and_then(|text| text.parse().ok())
}

/// `bytes START-END/LENGTH`.
fn range_start(text: &str) -> Option<u64> {
    text.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}
