//! Lines that end with CRLF, bounded: of heads, chunk sizes and trailers. Knows nothing of what they say.

use std::io::{self, BufRead};

/// Why there is no line.
#[derive(Debug)]
pub(super) enum NoLine {
    /// The client ended in the midst of it.
    Ended,
    /// It is longer than what is left of the allowance.
    TooLong,
    /// A carriage return or a line feed alone: other readers would see other lines.
    Broken,
    /// It could not be read.
    Read(io::Error),
}

/// One line, without its end. `allowance` is what may be read yet, and is lessened by what was.
pub(super) fn read_line(input: &mut dyn BufRead, allowance: &mut usize) -> Result<Vec<u8>, NoLine> {
    let mut line = Vec::new();
    loop {
        let there = match input.fill_buf() {
            Ok([]) => return Err(NoLine::Ended),
            Ok(there) => there,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(NoLine::Read(error)),
        };
        let end = there.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(there.len(), |at| at + 1);
        *allowance = allowance.checked_sub(taken).ok_or(NoLine::TooLong)?;
        line.extend_from_slice(&there[..taken]);
        input.consume(taken);
        if end.is_some() {
            let text = line.strip_suffix(b"\r\n").filter(|text| !text.contains(&b'\r')).map(<[u8]>::len).ok_or(NoLine::Broken)?;
            line.truncate(text);
            return Ok(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_both_bytes_and_within_the_allowance() {
        let mut input = b"one\r\n\r\nthree\n".as_slice();
        let mut allowance = 20;
        assert_eq!(read_line(&mut input, &mut allowance).unwrap(), b"one");
        assert_eq!((read_line(&mut input, &mut allowance).unwrap().len(), allowance), (0, 13));
        assert!(matches!(read_line(&mut input, &mut allowance), Err(NoLine::Broken)));
        assert!(matches!(read_line(&mut b"a\rb\r\n".as_slice(), &mut 20), Err(NoLine::Broken)));
        assert!(matches!(read_line(&mut b"a".as_slice(), &mut 20), Err(NoLine::Ended)));
        assert!(matches!(read_line(&mut b"four\r\n".as_slice(), &mut 5), Err(NoLine::TooLong)));
        assert!(matches!(read_line(&mut b"without an end".as_slice(), &mut 5), Err(NoLine::TooLong)));
    }
}
