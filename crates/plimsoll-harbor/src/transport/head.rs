//! The head of a request: its first line and its headers, bounded. Knows no body and no service.

use std::io::{self, BufRead};

use super::line::{NoLine, read_line};
use super::refusal::Refusal;

/// The longest head that is read, in bytes.
pub(super) const MAX_HEAD: usize = 16 * 1024;

/// A head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// `GET`, `HEAD`, or what else the client said.
    pub method: String,
    /// The target as sent, query included; begins with a slash.
    pub target: String,
    /// Whether the client speaks HTTP/1.1, and not 1.0.
    pub is_1_1: bool,
    /// Names as sent, with values.
    pub headers: Vec<(String, String)>,
}

/// Why there is no head.
#[derive(Debug)]
pub(super) enum NoHead {
    /// The client went away.
    Closed,
    /// What it said is no request that this server takes.
    Refused(Refusal),
}

impl Head {
    /// Reads one head, and nothing of what follows it.
    pub(super) fn read(input: &mut dyn BufRead) -> Result<Self, NoHead> {
        if !matches!(input.fill_buf(), Ok([_, ..])) {
            return Err(NoHead::Closed);
        }
        let mut allowance = MAX_HEAD;
        let mut first = read_line(input, &mut allowance)?;
        if first.is_empty() {
            // Some clients end a body with a line of its own (RFC 9112, section 2.2).
            first = read_line(input, &mut allowance)?;
        }
        let mut lines = Vec::new();
        loop {
            let line = read_line(input, &mut allowance)?;
            if line.is_empty() {
                break;
            }
            lines.push(line);
        }
        Ok(Self::parse(&first, &lines)?)
    }

    fn parse(first: &[u8], lines: &[Vec<u8>]) -> Result<Self, Refusal> {
        let first = text(first).ok_or(Refusal::bad("the first line is not plain text"))?;
        let mut words = first.split(' ');
        let (Some(method), Some(target), Some(version), None) = (words.next(), words.next(), words.next(), words.next()) else {
            return Err(Refusal::bad("the first line is not METHOD /PATH HTTP/1.1"));
        };
        if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(Refusal::bad("the method is not a word in upper case"));
        }
        if !target.starts_with('/') || target.contains('\t') {
            return Err(Refusal::bad("the target does not begin with a slash, or has a tab: this is no proxy"));
        }
        let is_1_1 = match version {
            "HTTP/1.1" => true,
            "HTTP/1.0" => false,
            _ if version.starts_with("HTTP/") => return Err(Refusal::of(505, "only HTTP/1.1 and HTTP/1.0 are spoken here")),
            _ => return Err(Refusal::bad("the first line does not end with HTTP/1.1")),
        };
        let headers = lines.iter().map(|line| header(line).ok_or(Refusal::bad("a header is not NAME: VALUE in plain text")));
        let headers = headers.collect::<Result<_, _>>()?;
        Ok(Self { method: method.to_owned(), target: target.to_owned(), is_1_1, headers })
    }

    /// The values of a header, in the order in which they came.
    pub(super) fn values<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h str> {
        self.headers.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The words of a header that is a list, whether in one line or in several.
    pub(super) fn words<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h str> {
        self.values(name).flat_map(|value| value.split(',')).map(|word| word.trim_matches([' ', '\t'])).filter(|word| !word.is_empty())
    }

    /// Whether the client lets the connection stand.
    pub(super) fn keeps_alive(&self) -> bool {
        let says = |word: &str| self.words("connection").any(|said| said.eq_ignore_ascii_case(word));
        !says("close") && (self.is_1_1 || says("keep-alive"))
    }
}

/// A line of a head or of trailers, as name and value.
pub(super) fn header(line: &[u8]) -> Option<(String, String)> {
    let (name, value) = text(line)?.split_once(':')?;
    // No space before the colon, and no line that goes on in the next one: both hide headers from other readers.
    let is_token = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    is_token.then(|| (name.to_owned(), value.trim_matches([' ', '\t']).to_owned()))
}

fn text(line: &[u8]) -> Option<&str> {
    std::str::from_utf8(line).ok().filter(|text| !text.chars().any(|c| c.is_control() && c != '\t'))
}

impl From<Refusal> for NoHead {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<NoLine> for NoHead {
    fn from(no_line: NoLine) -> Self {
        match no_line {
            NoLine::Ended => Refusal::bad("the head has no end").into(),
            NoLine::TooLong => Refusal::of(431, "the head is longer than 16384 bytes").into(),
            NoLine::Broken => Refusal::bad("a line of the head does not end with CRLF").into(),
            NoLine::Read(error) if error.kind() == io::ErrorKind::TimedOut => Refusal::of(408, "the head took too long").into(),
            NoLine::Read(_) => Self::Closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> u16 {
        match Head::read(&mut text.as_bytes()) {
            Err(NoHead::Refused(refusal)) => refusal.status,
            other => panic!("{text:.60}: {other:?}"),
        }
    }

    #[test]
    fn a_head_is_read_and_the_rest_is_left() {
        let mut input = "GET /a?b HTTP/1.1\r\nRange:  bytes=1-\r\n\r\n\r\nPUT /next HTTP/1.0\r\n\r\nbody".as_bytes();
        let first = Head::read(&mut input).unwrap();
        assert_eq!((first.method.as_str(), first.target.as_str(), first.values("rAnge").next()), ("GET", "/a?b", Some("bytes=1-")));
        assert!(first.keeps_alive());
        let second = Head::read(&mut input).unwrap();
        assert_eq!((second.target.as_str(), second.keeps_alive(), input), ("/next", false, b"body".as_slice()));
        assert!(matches!(Head::read(&mut b"".as_slice()), Err(NoHead::Closed)));
    }

    #[test]
    fn connections_stand_as_the_version_and_the_client_say() {
        for (version, connection, stands) in [
            ("1.1", "", true),
            ("1.1", "Connection: x, Close\r\n", false),
            ("1.1", "Connection: x\r\nConnection: close\r\n", false),
            ("1.0", "", false),
            ("1.0", "Connection: Keep-Alive\r\n", true),
        ] {
            let text = format!("GET / HTTP/{version}\r\n{connection}\r\n");
            assert_eq!(Head::read(&mut text.as_bytes()).unwrap().keeps_alive(), stands, "{text}");
        }
    }

    #[test]
    fn what_is_no_bounded_head_is_refused() {
        for text in [
            "GET\r\n\r\n",
            "GET  / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1 \r\n\r\n",
            "get / HTTP/1.1\r\n\r\n",
            "GET a HTTP/1.1\r\n\r\n",
            "GET http://a/ HTTP/1.1\r\n\r\n",
            "GET /\t HTTP/1.1\r\n\r\n x",
            "GET /\u{1} HTTP/1.1\r\n\r\n",
            "GET / FTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nnot a header\r\n\r\n",
            "GET / HTTP/1.1\r\nA : b\r\n\r\n",
            "GET / HTTP/1.1\r\nA: b\r\n goes on\r\n\r\n",
            "GET / HTTP/1.1\r\n: b\r\n\r\n",
            "GET / HTTP/1.1\r\nA: b\0\r\n\r\n",
            "GET / HTTP/1.1\r\nA: b\nContent-Length: 3\r\n\r\n",
            "GET / HTTP/1.1\nA: b\n\n",
            "GET / HTTP/1.1\r\n",
            "\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        ] {
            assert_eq!(refused(text), 400, "{text}");
        }
        assert_eq!(refused("GET / HTTP/2\r\n\r\n"), 505);
        assert_eq!(refused(&format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(MAX_HEAD))), 431);
        assert_eq!(refused(&format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(MAX_HEAD / 6))), 431);
        assert!(matches!(
            Head::read(&mut b"GET / HTTP/1.1\r\nA: \xff\r\n\r\n".as_slice()),
            Err(NoHead::Refused(Refusal { status: 400, .. }))
        ));
    }
}
