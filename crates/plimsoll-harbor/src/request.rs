//! Reads the head of a request, bounded. Knows no files and no faults.

use std::io::{self, Read};

/// The longest head that is read, in bytes.
const MAX_HEAD: usize = 16 * 1024;

/// A request without a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// `GET`, `HEAD`, or what else the client said.
    pub method: String,
    /// The target as sent, query included.
    pub target: String,
    /// Names in lower case, with values.
    headers: Vec<(String, String)>,
    /// Whether the client lets the connection stand.
    pub keep_alive: bool,
}

/// Why there is no request.
#[derive(Debug)]
pub(crate) enum NoRequest {
    /// The client went away.
    Closed,
    /// What it said is no request that this server takes.
    Bad,
}

impl Request {
    /// The value of a header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Reads one head. `buffer` keeps what came after it, for the next call.
    pub(crate) fn read(stream: &mut impl Read, buffer: &mut Vec<u8>) -> Result<Self, NoRequest> {
        loop {
            if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = buffer.drain(..end + 4).collect::<Vec<_>>();
                return Self::parse(&head[..end]).ok_or(NoRequest::Bad);
            }
            if buffer.len() >= MAX_HEAD {
                return Err(NoRequest::Bad);
            }
            let mut part = [0; 2048];
            match stream.read(&mut part) {
                Ok(0) if buffer.is_empty() => return Err(NoRequest::Closed),
                Ok(0) => return Err(NoRequest::Bad),
                Ok(read) => buffer.extend_from_slice(&part[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(NoRequest::Closed),
            }
        }
    }

    fn parse(head: &[u8]) -> Option<Self> {
        let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        let is_token = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
        if words.next().is_some() || !is_token || !target.starts_with('/') || !matches!(version, "HTTP/1.1" | "HTTP/1.0") {
            return None;
        }
        let headers = lines
            .map(|line| {
                let (name, value) = line.split_once(':')?;
                let is_token = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
                is_token.then(|| (name.to_ascii_lowercase(), value.trim().to_owned()))
            })
            .collect::<Option<Vec<_>>>()?;
        let mut request = Self { method: method.to_owned(), target: target.to_owned(), headers, keep_alive: false };
        // A body would be taken for the next request.
        if request.header("transfer-encoding").is_some() || request.header("content-length").is_some_and(|length| length != "0") {
            return None;
        }
        request.keep_alive =
            version == "HTTP/1.1" && !request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        Some(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Request, NoRequest> {
        Request::read(&mut text.as_bytes(), &mut Vec::new())
    }

    #[test]
    fn a_head_is_read_and_the_rest_is_kept() {
        let mut buffer = Vec::new();
        let text = "GET /a?b HTTP/1.1\r\nRange:  bytes=1-\r\n\r\nGET /next HTTP/1.0\r\n\r\n";
        let mut stream = text.as_bytes();
        let first = Request::read(&mut stream, &mut buffer).unwrap();
        assert_eq!((first.method.as_str(), first.target.as_str(), first.header("range")), ("GET", "/a?b", Some("bytes=1-")));
        assert!(first.keep_alive);
        let second = Request::read(&mut stream, &mut buffer).unwrap();
        assert_eq!((second.target.as_str(), second.keep_alive), ("/next", false));
        assert!(matches!(Request::read(&mut stream, &mut buffer), Err(NoRequest::Closed)));
    }

    #[test]
    fn what_is_no_bounded_request_is_bad() {
        let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(MAX_HEAD));
        for text in [
            "GET\r\n\r\n",
            "GET a HTTP/1.1\r\n\r\n",
            "GET / HTTP/2\r\n\r\n",
            "GET / HTTP/1.1\r\nnot a header\r\n\r\n",
            "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n",
            "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET / HTTP/1.1\r\n",
            long.as_str(),
        ] {
            assert!(matches!(read(text), Err(NoRequest::Bad)), "{text:.60}");
        }
    }
}
