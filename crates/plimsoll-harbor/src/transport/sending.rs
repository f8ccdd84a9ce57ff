//! Sending an answer: the range that the client asked for, what faults make of the bytes, and whether the connection stands afterwards. Knows
//! no service.

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use super::bend::AnswerBend;
use super::head::Head;
use super::range::Range;
use super::response::{Content, Response};

/// An answer that is ready to go out.
pub(super) struct Sending {
    response: Response,
    from: u64,
    length: u64,
    bend: AnswerBend,
    head_only: bool,
    keep_alive: bool,
    is_1_1: bool,
}

impl Sending {
    /// An answer to a request.
    pub(super) fn new(response: Response, head: &Head, bend: AnswerBend) -> Self {
        let length = response.content.length();
        let (keep_alive, is_1_1) = (head.keeps_alive(), head.is_1_1);
        let mut sending = Self { response, from: 0, length, bend, head_only: head.method == "HEAD", keep_alive, is_1_1 };
        let is_served = sending.response.status == 200 && !matches!(sending.response.content, Content::Nothing);
        if is_served && !sending.bend.no_range && matches!(head.method.as_str(), "GET" | "HEAD") {
            sending.narrow(head);
        }
        sending
    }

    /// A refusal of what is no request, after which the connection cannot stand.
    pub(super) fn refusal(response: Response) -> Self {
        let length = response.content.length();
        Self { response, from: 0, length, bend: AnswerBend::default(), head_only: false, keep_alive: false, is_1_1: true }
    }

    /// The status that goes out.
    pub(super) fn status(&self) -> u16 {
        self.response.status
    }

    /// Whether the answer goes out as it is.
    pub(super) fn is_whole(&self) -> bool {
        self.bend.cut.is_none() && self.bend.false_length.is_none()
    }

    /// Ends the connection after this answer.
    pub(super) fn close(&mut self) {
        self.keep_alive = false;
    }

    /// Sends the range alone that is asked for, if one is.
    fn narrow(&mut self, head: &Head) {
        self.add("Accept-Ranges", "bytes".to_owned());
        let same = head.values("if-range").next().is_none_or(|wanted| self.response.value("etag") == Some(wanted));
        // Only for GET has the RFC a meaning.
        let asked = head.values("range").next().filter(|_| same && head.method == "GET");
        let whole = self.length;
        match asked.map_or(Range::Whole, |text| Range::parse(text, whole)) {
            Range::Whole => {}
            Range::Part { from, to } => {
                self.response.status = 206;
                (self.from, self.length) = (from, to - from);
                self.add("Content-Range", format!("bytes {from}-{}/{whole}", to - 1));
            }
            Range::Unsatisfiable => {
                self.response.status = 416;
                (self.response.content, self.length) = (Content::Nothing, 0);
                self.add("Content-Range", format!("bytes */{whole}"));
            }
        }
    }

    fn add(&mut self, name: &str, value: String) {
        self.response.headers.push((name.to_owned(), value));
    }

    /// Sends everything. Says whether the connection is still in step with the client afterwards.
    pub(super) fn send(self, to: &mut dyn Write) -> io::Result<bool> {
        let said = self.bend.false_length.unwrap_or(self.length);
        let sent = self.bend.cut.map_or(self.length, |cut| cut.min(self.length));
        let in_step = self.keep_alive && (self.head_only || (said == sent && self.bend.false_length.is_none()));
        let status = self.response.status;
        let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(status));
        // These two never have a body, and so no length (RFC 9110, section 8.6).
        let is_bodiless = matches!(status, 204 | 304);
        if !is_bodiless {
            head.push_str(&format!("Content-Length: {said}\r\n"));
        }
        for (name, value) in &self.response.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(match (in_step, self.is_1_1) {
            (true, true) => "\r\n",
            (true, false) => "Connection: keep-alive\r\n\r\n",
            (false, _) => "Connection: close\r\n\r\n",
        });
        to.write_all(head.as_bytes())?;
        if !self.head_only && !is_bodiless {
            match self.response.content {
                Content::Nothing => {}
                Content::Bytes(bytes) => copy(&mut Cursor::new(bytes), self.from, sent, &self.bend.flips, to)?,
                Content::Opened { mut file, .. } => copy(&mut file, self.from, sent, &self.bend.flips, to)?,
            }
        }
        to.flush()?;
        Ok(in_step)
    }
}

fn copy(source: &mut (impl Read + Seek), from: u64, mut left: u64, flips: &[u64], to: &mut dyn Write) -> io::Result<()> {
    source.seek(SeekFrom::Start(from))?;
    let mut place = from;
    let mut buffer = vec![0; 64 * 1024];
    while left > 0 {
        let part = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let read = source.read(&mut buffer[..part])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        for flip in flips {
            let within = flip.checked_sub(place).and_then(|at| usize::try_from(at).ok());
            if let Some(byte) = within.and_then(|at| buffer[..read].get_mut(at)) {
                *byte = !*byte;
            }
        }
        to.write_all(&buffer[..read])?;
        place += read as u64;
        left -= read as u64;
    }
    Ok(())
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Content Too Large",
        416 => "Range Not Satisfiable",
        417 => "Expectation Failed",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(request: &str, response: Response, bend: AnswerBend) -> (String, bool) {
        let head = Head::read(&mut format!("{request}\r\n\r\n").as_bytes()).unwrap();
        let mut out = Vec::new();
        let in_step = Sending::new(response, &head, bend).send(&mut out).unwrap();
        (String::from_utf8_lossy(&out).into_owned(), in_step)
    }

    fn ten() -> Response {
        Response::bytes(200, "text/plain", "0123456789").header("ETag", "\"e\"")
    }

    #[test]
    fn bytes_in_memory_have_ranges_as_files_do() {
        let (text, in_step) = sent("GET / HTTP/1.1\r\nRange: bytes=4-6", ten(), AnswerBend::default());
        assert!(in_step && text.starts_with("HTTP/1.1 206 ") && text.contains("Content-Range: bytes 4-6/10\r\n"), "{text}");
        assert!(text.contains("Content-Length: 3\r\n") && text.ends_with("\r\n\r\n456"), "{text}");
        let (text, _) = sent("GET / HTTP/1.1\r\nRange: bytes=4-6\r\nIf-Range: \"other\"", ten(), AnswerBend::default());
        assert!(text.starts_with("HTTP/1.1 200 ") && text.ends_with("0123456789"), "{text}");
        let (text, in_step) = sent("GET / HTTP/1.1\r\nRange: bytes=10-", ten(), AnswerBend::default());
        assert!(in_step && text.starts_with("HTTP/1.1 416 ") && text.contains("bytes */10") && text.ends_with("\r\n\r\n"), "{text}");
        for request in ["HEAD / HTTP/1.1\r\nRange: bytes=4-6", "POST / HTTP/1.1\r\nRange: bytes=4-6"] {
            assert!(sent(request, ten(), AnswerBend::default()).0.contains("Content-Length: 10\r\n"), "{request}");
        }
        let created = Response::bytes(201, "text/plain", "0123456789");
        assert!(sent("GET / HTTP/1.1\r\nRange: bytes=4-6", created, AnswerBend::default()).0.starts_with("HTTP/1.1 201 "));
    }

    #[test]
    fn what_has_no_body_has_none() {
        let (text, in_step) = sent("HEAD / HTTP/1.1", ten(), AnswerBend { cut: Some(3), ..AnswerBend::default() });
        assert!(in_step && text.contains("Content-Length: 10\r\n") && text.ends_with("\r\n\r\n"), "{text}");
        let (text, in_step) = sent("GET / HTTP/1.1", Response::empty(204), AnswerBend::default());
        assert_eq!((text.as_str(), in_step), ("HTTP/1.1 204 No Content\r\n\r\n", true));
    }

    #[test]
    fn the_old_version_hears_that_the_connection_stands() {
        let (text, in_step) = sent("GET / HTTP/1.0\r\nConnection: keep-alive", ten(), AnswerBend::default());
        assert!(in_step && text.contains("Connection: keep-alive\r\n"), "{text}");
        let (text, in_step) = sent("GET / HTTP/1.0", ten(), AnswerBend::default());
        assert!(!in_step && text.contains("Connection: close\r\n"), "{text}");
    }

    #[test]
    fn a_header_cannot_begin_another_one() {
        let (text, _) = sent("GET / HTTP/1.1", Response::empty(302).header("Location", "/a\r\nSet-Cookie: b"), AnswerBend::default());
        assert!(text.contains("Location: /aSet-Cookie: b\r\n"), "{text}");
    }
}
