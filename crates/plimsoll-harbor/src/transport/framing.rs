//! Where a request's body ends, and whether the client waits to be asked for it, by its head alone (RFC 9112, section 6; RFC 9110, section
//! 10.1.1). Heads that two readers could take differently are refused. Reads no body.

use super::head::Head;
use super::refusal::Refusal;

/// Where a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// There is none.
    Empty,
    /// After so many bytes.
    Length(u64),
    /// Where its chunks say so.
    Chunked,
}

/// The framing of a request's body.
pub(super) fn framing(head: &Head) -> Result<Framing, Refusal> {
    let mut codings = head.values("transfer-encoding").peekable();
    let mut lengths = head.values("content-length").flat_map(|value| value.split(',')).map(|value| value.trim_matches([' ', '\t']));
    if let Some(coding) = codings.next() {
        if lengths.next().is_some() {
            return Err(Refusal::bad("both Transfer-Encoding and Content-Length say where the body ends: send one of them"));
        }
        if !head.is_1_1 {
            return Err(Refusal::bad("HTTP/1.0 has no Transfer-Encoding"));
        }
        if codings.peek().is_some() || !coding.eq_ignore_ascii_case("chunked") {
            return Err(Refusal::of(501, "the only transfer coding that is taken is chunked"));
        }
        return Ok(Framing::Chunked);
    }
    let Some(first) = lengths.next() else { return Ok(Framing::Empty) };
    // Also a sign, which the parser for numbers would take.
    if first.is_empty() || !first.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::bad("Content-Length is not a number"));
    }
    if lengths.any(|other| other != first) {
        return Err(Refusal::bad("there are several Content-Length that differ"));
    }
    match first.parse() {
        Ok(0) => Ok(Framing::Empty),
        Ok(length) => Ok(Framing::Length(length)),
        Err(_) => Err(Refusal::of(413, "Content-Length is beyond any body")),
    }
}

/// Whether the client waits for `100 Continue` before it sends its body.
pub(super) fn awaits_continue(head: &Head) -> Result<bool, Refusal> {
    let mut expectations = head.words("expect").peekable();
    let is_awaited = expectations.peek().is_some();
    if expectations.any(|word| !word.eq_ignore_ascii_case("100-continue")) {
        return Err(Refusal::of(417, "the only expectation that is met is 100-continue"));
    }
    Ok(is_awaited && head.is_1_1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(version: &str, headers: &str) -> Head {
        Head::read(&mut format!("PUT / HTTP/{version}\r\n{headers}\r\n").as_bytes()).unwrap()
    }

    fn framed(headers: &str) -> Result<Framing, u16> {
        framing(&head("1.1", headers)).map_err(|refusal| refusal.status)
    }

    #[test]
    fn a_body_ends_as_the_head_says() {
        assert_eq!(framed(""), Ok(Framing::Empty));
        assert_eq!(framed("Content-Length: 0\r\n"), Ok(Framing::Empty));
        assert_eq!(framed("content-length: 17\r\n"), Ok(Framing::Length(17)));
        assert_eq!(framed("Content-Length: 17, 17\r\nContent-Length: 17\r\n"), Ok(Framing::Length(17)));
        assert_eq!(framed("Content-Length: 18446744073709551615\r\n"), Ok(Framing::Length(u64::MAX)));
        assert_eq!(framed("Transfer-Encoding: Chunked\r\n"), Ok(Framing::Chunked));
    }

    #[test]
    fn heads_that_could_be_read_in_two_ways_are_refused() {
        for (headers, status) in [
            ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400),
            ("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", 400),
            ("Content-Length: 5\r\nContent-Length: 6\r\n", 400),
            ("Content-Length: 5, 6\r\n", 400),
            ("Content-Length: 5,\r\n", 400),
            ("Content-Length: 5\r\nContent-Length: 05\r\n", 400),
            ("Content-Length: -1\r\n", 400),
            ("Content-Length: +1\r\n", 400),
            ("Content-Length: 0x10\r\n", 400),
            ("Content-Length: 1 2\r\n", 400),
            ("Content-Length: \r\n", 400),
            ("Content-Length: 18446744073709551616\r\n", 413),
            ("Transfer-Encoding: gzip, chunked\r\n", 501),
            ("Transfer-Encoding: chunked, chunked\r\n", 501),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 501),
            ("Transfer-Encoding: identity\r\n", 501),
            ("Transfer-Encoding: xchunked\r\n", 501),
            ("Transfer-Encoding:\r\n", 501),
        ] {
            assert_eq!(framed(headers), Err(status), "{headers}");
        }
        assert_eq!(framing(&head("1.0", "Transfer-Encoding: chunked\r\n")).unwrap_err().status, 400);
    }

    #[test]
    fn one_expectation_is_met() {
        let awaits = |version, headers| awaits_continue(&head(version, headers)).map_err(|refusal| refusal.status);
        assert_eq!(awaits("1.1", ""), Ok(false));
        assert_eq!(awaits("1.1", "Expect: 100-Continue\r\n"), Ok(true));
        assert_eq!(awaits("1.0", "Expect: 100-continue\r\n"), Ok(false), "as RFC 9110 has it");
        assert_eq!(awaits("1.1", "Expect: 200-ok\r\n"), Err(417));
        assert_eq!(awaits("1.1", "Expect: 100-continue, more\r\n"), Err(417));
    }
}
