//! Forms with files (`multipart/form-data`, RFC 7578), read part by part and never whole in memory. Strict: text before the first part or behind the
//! last one, and a boundary within a part, are refused.

use std::io::{self, Read, Write};

use memchr::memmem::Finder;

use super::disposition::PartName;

/// How much is read at once, in bytes.
const READ_AT_ONCE: usize = 64 * 1024;
/// The longest head of a part, in bytes.
const MAX_HEAD: usize = 8 * 1024;

/// Why a form cannot be read on.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoPart {
    /// It is not as the RFC has it.
    #[error("{0}")]
    Malformed(&'static str),
    /// A part is longer than this many bytes.
    #[error("a part is longer than the {0} bytes that are taken")]
    TooLong(u64),
    /// It could not be read, or what was read could not be kept.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A form that is being read.
pub(super) struct Multipart<'a> {
    input: &'a mut dyn Read,
    delimiter: Finder<'static>,
    /// What was read and is not used yet.
    buffer: Vec<u8>,
    arriving: Vec<u8>,
    is_ended: bool,
}

impl<'a> Multipart<'a> {
    /// A form whose parts are parted by `boundary`.
    pub(super) fn new(input: &'a mut dyn Read, boundary: &str) -> Self {
        let delimiter = Finder::new(&format!("\r\n--{boundary}")).into_owned();
        // The first delimiter has no line before it.
        Self { input, delimiter, buffer: b"\r\n".to_vec(), arriving: vec![0; READ_AT_ONCE], is_ended: false }
    }

    /// The head of the first part; none if the form has no part. Must be called once, before all else.
    pub(super) fn first(&mut self) -> Result<Option<PartName>, NoPart> {
        let length = self.delimiter.needle().len();
        self.fill_to(length, "the form ends before its first part")?;
        if !self.buffer.starts_with(self.delimiter.needle()) {
            return Err(NoPart::Malformed("the form does not begin with its boundary"));
        }
        self.buffer.drain(..length);
        self.head()
    }

    /// Reads the part whose head was read last into `sink`, and then the head of the next part; none behind the last.
    pub(super) fn next(&mut self, limit: u64, sink: &mut dyn Write) -> Result<(u64, Option<PartName>), NoPart> {
        let (mut read, mut is_whole) = (0_u64, false);
        while !is_whole {
            let found = self.delimiter.find(&self.buffer);
            is_whole = found.is_some();
            // The last bytes may be the beginning of a delimiter.
            let length = self.delimiter.needle().len();
            let ready = found.unwrap_or_else(|| self.buffer.len().saturating_sub(length - 1));
            read += ready as u64;
            if read > limit {
                return Err(NoPart::TooLong(limit));
            }
            sink.write_all(&self.buffer[..ready])?;
            self.buffer.drain(..ready + if is_whole { length } else { 0 });
            if !is_whole {
                self.fill("the form ends within a part")?;
            }
        }
        Ok((read, self.head()?))
    }

    /// What follows a delimiter.
    fn head(&mut self) -> Result<Option<PartName>, NoPart> {
        self.fill_to(2, "the form ends behind a boundary")?;
        match &self.buffer[..2] {
            b"--" => self.end().map(|()| None),
            b"\r\n" => self.part_head().map(Some),
            _ => Err(NoPart::Malformed("text follows a boundary on its line")),
        }
    }

    fn part_head(&mut self) -> Result<PartName, NoPart> {
        // Searched for from the boundary's own line end, because a part may have no header.
        loop {
            if let Some(end) = memchr::memmem::find(&self.buffer, b"\r\n\r\n") {
                let name = PartName::read(self.buffer.get(2..end).unwrap_or_default()).map_err(NoPart::Malformed)?;
                self.buffer.drain(..end + 4);
                return Ok(name);
            }
            if self.buffer.len() > MAX_HEAD {
                return Err(NoPart::Malformed("the head of a part is too long"));
            }
            self.fill("the form ends within the head of a part")?;
        }
    }

    /// Behind the last part, at most a line end.
    fn end(&mut self) -> Result<(), NoPart> {
        while !self.is_ended && self.buffer.len() <= 4 {
            self.read_more()?;
        }
        if matches!(self.buffer.as_slice(), b"--" | b"--\r\n") { Ok(()) } else { Err(NoPart::Malformed("text follows the last part")) }
    }

    fn fill_to(&mut self, length: usize, or_else: &'static str) -> Result<(), NoPart> {
        while self.buffer.len() < length {
            self.fill(or_else)?;
        }
        Ok(())
    }

    fn fill(&mut self, or_else: &'static str) -> Result<(), NoPart> {
        self.read_more()?;
        if self.is_ended { Err(NoPart::Malformed(or_else)) } else { Ok(()) }
    }

    fn read_more(&mut self) -> io::Result<()> {
        let read = loop {
            match self.input.read(&mut self.arriving) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.buffer.extend_from_slice(self.arriving.get(..read).unwrap_or_default());
        self.is_ended = read == 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives so many bytes at a time.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(self.0.len()).min(into.len());
            let (now, later) = self.0.split_at(length);
            into[..length].copy_from_slice(now);
            self.0 = later;
            Ok(length)
        }
    }

    /// Name, file name and content of each part.
    type Parts = Vec<(String, Option<String>, Vec<u8>)>;

    fn parts(text: &[u8], at_once: usize) -> Result<Parts, NoPart> {
        let mut pieces = Pieces(text, at_once);
        let mut form = Multipart::new(&mut pieces, "b");
        let (mut found, mut part) = (Vec::new(), form.first()?);
        while let Some(name) = part {
            let mut content = Vec::new();
            (_, part) = form.next(100_000, &mut content)?;
            found.push((name.name, name.file_name, content));
        }
        Ok(found)
    }

    fn part(content: &str) -> String {
        format!("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n{content}\r\n")
    }

    #[test]
    fn parts_are_the_same_however_they_arrive() {
        let file =
            "--b\r\ncontent-disposition: form-data; name=\"content\"; filename=\"x.whl\"\r\nContent-Type: a/b\r\n\r\n\r\n-\r\n--c\r\n\r\n";
        let text = format!("{}{}{file}--b--\r\n", part(""), part(&"x".repeat(READ_AT_ONCE + 9)));
        let whole = [
            ("a".to_owned(), None, Vec::new()),
            ("a".to_owned(), None, "x".repeat(READ_AT_ONCE + 9).into_bytes()),
            ("content".to_owned(), Some("x.whl".to_owned()), b"\r\n-\r\n--c\r\n".to_vec()),
        ];
        for at_once in [1, 2, 7, 4096, 1 << 20] {
            assert_eq!(parts(text.as_bytes(), at_once).unwrap(), whole, "{at_once}");
        }
        assert!(parts(b"--b--", 1).unwrap().is_empty());
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let fine = format!("{}--b--\r\n", part("x"));
        assert!(parts(fine.as_bytes(), 5).is_ok());
        for end in 0..fine.len() - 2 {
            assert!(parts(&fine.as_bytes()[..end], 5).is_err(), "cut at {end}");
        }
        let long = format!("--b\r\nX: {}", "x".repeat(MAX_HEAD));
        for text in [
            format!("preamble\r\n{fine}"),
            format!("\r\n{fine}"),
            format!("{fine}epilogue"),
            format!("{fine}\r\n"),
            fine.replace("--b--", "--b-- "),
            fine.replacen("--b\r\n", "--b \r\n", 1),
            fine.replace("x\r\n", "\r\n--bx\r\n"),
            "--b\r\n\r\nx\r\n--b--".to_owned(),
            format!("{long}\r\n\r\n\r\n--b--"),
            part(&"x".repeat(100_001)) + "--b--",
        ] {
            assert!(parts(text.as_bytes(), 4096).is_err(), "{:?}", &text[..text.len().min(200)]);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(text in proptest::collection::vec(proptest::sample::select(b"-b\r\na:;=\" ".to_vec()), 0..200), at_once in 1_usize..9) {
            let _ = parts(&text, at_once);
            let _ = parts(&[b"--b\r\n".as_slice(), &text].concat(), at_once);
        }
    }
}
