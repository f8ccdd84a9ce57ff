//! Responses: what is to be sent, bent by faults, and the sending. Knows no connection state.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::time::Duration;

use crate::faults::Effect;
use crate::request::Request;

/// What goes out.
pub(crate) struct Response {
    pub status: u16,
    headers: Vec<(&'static str, String)>,
    body: Option<Body>,
    /// What `Content-Length` says, if not the truth.
    false_length: Option<u64>,
    cut: Option<u64>,
    flips: Vec<u64>,
    /// To be waited before anything is sent.
    pub delay: Duration,
}

struct Body {
    file: File,
    from: u64,
    length: u64,
}

impl Response {
    /// A status with an empty body.
    pub(crate) fn empty(status: u16) -> Self {
        let headers = if status == 405 { vec![("Allow", "GET, HEAD".to_owned())] } else { Vec::new() };
        Self { status, headers, body: None, false_length: None, cut: None, flips: Vec::new(), delay: Duration::ZERO }
    }

    /// A file, or the range of it that the request asks for.
    pub(crate) fn file(file: File, length: u64, request: &Request, effects: &[Effect]) -> Self {
        let mut response = Self::empty(200);
        let modified = file.metadata().and_then(|metadata| metadata.modified()).ok();
        let age = modified.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok()).unwrap_or_default();
        let tag = format!("\"{length:x}-{:x}\"", age.as_nanos());
        let same = request.header("if-range").is_none_or(|wanted| wanted == tag);
        let range = request.header("range").filter(|_| same && !effects.contains(&Effect::NoRange));
        response.headers.push(("ETag", tag));
        if !effects.contains(&Effect::NoRange) {
            response.headers.push(("Accept-Ranges", "bytes".to_owned()));
        }
        match range.map_or(Range::Whole, |text| Range::parse(text, length)) {
            Range::Whole => response.body = Some(Body { file, from: 0, length }),
            Range::Part { from, to } => {
                response.status = 206;
                response.headers.push(("Content-Range", format!("bytes {from}-{}/{length}", to - 1)));
                response.body = Some(Body { file, from, length: to - from });
            }
            Range::Unsatisfiable => {
                response.status = 416;
                response.headers.push(("Content-Range", format!("bytes */{length}")));
            }
        }
        response
    }

    /// Bends the response.
    pub(crate) fn suffer(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Status(status) => self.replace(status, None),
                Effect::RetryAfter(status, seconds) => self.replace(status, Some(("Retry-After", seconds.to_string()))),
                Effect::Redirect(location) => self.replace(302, Some(("Location", location))),
                Effect::Cut(after) => self.cut = Some(after),
                Effect::Flip(place) => self.flips.push(place),
                Effect::Delay(time) => self.delay += time,
                Effect::ContentLength(length) => self.false_length = Some(length),
                Effect::NoRange => {}
            }
        }
    }

    fn replace(&mut self, status: u16, header: Option<(&'static str, String)>) {
        let delay = self.delay;
        *self = Self::empty(status);
        self.delay = delay;
        self.headers.extend(header);
    }

    /// Sends everything. Says whether the connection is still in step with the client afterwards.
    pub(crate) fn send(mut self, to: &mut impl Write, head_only: bool, keep_alive: bool) -> io::Result<bool> {
        let length = self.body.as_ref().map_or(0, |body| body.length);
        let said = self.false_length.unwrap_or(length);
        let sent = self.cut.map_or(length, |cut| cut.min(length));
        let in_step = keep_alive && (head_only || (said == sent && self.false_length.is_none()));
        let mut head = format!("HTTP/1.1 {} {}\r\nContent-Length: {said}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(if in_step { "\r\n" } else { "Connection: close\r\n\r\n" });
        to.write_all(head.as_bytes())?;
        if let (false, Some(body)) = (head_only, self.body.take()) {
            send_body(body, sent, &self.flips, to)?;
        }
        to.flush()?;
        Ok(in_step)
    }
}

fn send_body(mut body: Body, mut left: u64, flips: &[u64], to: &mut impl Write) -> io::Result<()> {
    body.file.seek(SeekFrom::Start(body.from))?;
    let mut place = body.from;
    let mut buffer = vec![0; 64 * 1024];
    while left > 0 {
        let part = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let read = body.file.read(&mut buffer[..part])?;
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

/// What part of a file is asked for (RFC 9110, section 14).
#[derive(Debug, PartialEq, Eq)]
enum Range {
    /// All of it: also for what is not understood, as the RFC has it.
    Whole,
    /// From a byte up to, not including, another.
    Part { from: u64, to: u64 },
    /// Nothing that the file has.
    Unsatisfiable,
}

impl Range {
    fn parse(text: &str, length: u64) -> Self {
        let Some((first, last)) = text.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else { return Self::Whole };
        let (from, to) = match (first.parse::<u64>(), last.parse::<u64>()) {
            (Ok(first), Ok(last)) if first <= last => (first, last.saturating_add(1).min(length)),
            (Ok(first), Err(_)) if last.is_empty() => (first, length),
            (Err(_), Ok(suffix)) if first.is_empty() => (length.saturating_sub(suffix), length),
            _ => return Self::Whole,
        };
        if from < to { Self::Part { from, to } } else { Self::Unsatisfiable }
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        206 => "Partial Content",
        302 => "Found",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        416 => "Range Not Satisfiable",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_follow_the_rfc() {
        for (text, expected) in [
            ("bytes=0-3", Range::Part { from: 0, to: 4 }),
            ("bytes=4-", Range::Part { from: 4, to: 10 }),
            ("bytes=8-100", Range::Part { from: 8, to: 10 }),
            ("bytes=-3", Range::Part { from: 7, to: 10 }),
            ("bytes=-100", Range::Part { from: 0, to: 10 }),
            ("bytes=10-", Range::Unsatisfiable),
            ("bytes=-0", Range::Unsatisfiable),
            ("bytes=0-18446744073709551615", Range::Part { from: 0, to: 10 }),
            ("bytes=5-2", Range::Whole),
            ("bytes=0-1,3-4", Range::Whole),
            ("lines=0-1", Range::Whole),
            ("bytes=-", Range::Whole),
        ] {
            assert_eq!(Range::parse(text, 10), expected, "{text}");
        }
    }
}
