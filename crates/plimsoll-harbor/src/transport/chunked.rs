//! The chunked transfer coding (RFC 9112, section 7.1), strictly: sizes are hexadecimal digits and nothing else; extensions and trailers are
//! bounded and ignored.

use std::io::BufRead;

use super::head::header;
use super::line::{NoLine, read_line};

/// The longest line with a chunk's size, extensions included.
const MAX_SIZE_LINE: usize = 1024;
/// The longest trailers.
const MAX_TRAILERS: usize = 8 * 1024;

/// Why there is no next chunk.
#[derive(Debug)]
pub(super) enum NoChunk {
    /// This is not the coding.
    Malformed(&'static str),
    /// Not even a line.
    Line(NoLine),
}

/// The size of the next chunk; 0 for the end, trailers read. `is_first` unless the data of another chunk was just read.
pub(super) fn next_size(input: &mut dyn BufRead, is_first: bool) -> Result<u64, NoChunk> {
    if !is_first {
        match read_line(input, &mut 2) {
            // Two bytes are the end of a line and nothing else.
            Ok(_) => {}
            Err(no_line @ (NoLine::Ended | NoLine::Read(_))) => return Err(no_line.into()),
            Err(NoLine::TooLong | NoLine::Broken) => return Err(NoChunk::Malformed("a chunk does not end where its size says")),
        }
    }
    let line = read_line(input, &mut { MAX_SIZE_LINE })?;
    let size = parse_size(&line).ok_or(NoChunk::Malformed("a chunk's size is not a hexadecimal number"))?;
    if size == 0 {
        read_trailers(input)?;
    }
    Ok(size)
}

fn read_trailers(input: &mut dyn BufRead) -> Result<(), NoChunk> {
    let mut allowance = MAX_TRAILERS;
    loop {
        let line = read_line(input, &mut allowance)?;
        if line.is_empty() {
            return Ok(());
        }
        header(&line).ok_or(NoChunk::Malformed("a trailer is not NAME: VALUE in plain text"))?;
    }
}

fn parse_size(line: &[u8]) -> Option<u64> {
    let line = std::str::from_utf8(line).ok().filter(|line| !line.chars().any(|c| c.is_control() && c != '\t'))?;
    let digits = match line.split_once(';') {
        Some((digits, _)) => digits.trim_end_matches([' ', '\t']),
        None => line,
    };
    // The parser for numbers would take a sign.
    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_plain.then(|| u64::from_str_radix(digits, 16).ok()).flatten()
}

impl From<NoLine> for NoChunk {
    fn from(no_line: NoLine) -> Self {
        Self::Line(no_line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_plain_hexadecimal_numbers() {
        for (line, size) in
            [("0", 0), ("a", 10), ("Ff", 255), ("000a", 10), ("5;name=\"value\"", 5), ("5 ;x", 5), ("ffffffffffffffff", u64::MAX)]
        {
            assert_eq!(parse_size(line.as_bytes()), Some(size), "{line}");
        }
        for line in ["", " 5", "5 ", "+5", "-5", "0x5", "5h", "5 5", ";x", "10000000000000000", "5;a\u{1}", "５"] {
            assert_eq!(parse_size(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn trailers_are_read_and_bounded() {
        let mut input = b"0\r\nChecksum: x\r\n\r\nrest".as_slice();
        assert_eq!((next_size(&mut input, true).unwrap(), input), (0, b"rest".as_slice()));
        let many = format!("0\r\n{}\r\n", "A: b\r\n".repeat(MAX_TRAILERS / 6 + 1));
        assert!(matches!(next_size(&mut many.as_bytes(), true), Err(NoChunk::Line(NoLine::TooLong))));
        assert!(matches!(next_size(&mut b"0\r\nnone\r\n\r\n".as_slice(), true), Err(NoChunk::Malformed(_))));
        assert!(matches!(next_size(&mut b"0\r\nA: b\r\n".as_slice(), true), Err(NoChunk::Line(NoLine::Ended))));
        let long = format!("5;{}\r\n", "x".repeat(MAX_SIZE_LINE));
        assert!(matches!(next_size(&mut long.as_bytes(), true), Err(NoChunk::Line(NoLine::TooLong))));
        assert!(matches!(next_size(&mut b"xx\r\n".as_slice(), false), Err(NoChunk::Malformed(_))));
    }
}
