//! Headers as METADATA, PKG-INFO and WHEEL have them: those of e-mail (RFC 822), in UTF-8, with a body behind an empty line.

/// More headers than any package has.
const MAX_HEADERS: usize = 65_536;

/// Headers in document order, and what follows them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Headers {
    list: Vec<(String, String)>,
    /// What is wrong with the text, as fragments that go on after the name of the file.
    pub faults: Vec<String>,
    pub has_body: bool,
}

impl Headers {
    /// What cannot be read is left out, and told.
    pub fn read(bytes: &[u8]) -> Self {
        let mut headers = Self::default();
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(error) => {
                headers.faults.push(format!("is not UTF-8, from byte {}", error.valid_up_to()));
                String::from_utf8_lossy(bytes).into_owned()
            }
        };
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) => {
                headers.faults.push("begins with a byte order mark".to_owned());
                rest
            }
            None => &text,
        };
        for (index, line) in text.lines().enumerate() {
            if line.trim_end_matches('\r').is_empty() {
                headers.has_body = text.lines().skip(index + 1).any(|line| !line.trim().is_empty());
                break;
            }
            headers.line(index + 1, line);
        }
        headers
    }

    fn line(&mut self, number: usize, line: &str) {
        if self.list.len() >= MAX_HEADERS || self.faults.len() > 8 {
            return;
        }
        if line.starts_with([' ', '\t']) {
            match self.list.last_mut() {
                Some((_, value)) => {
                    value.push('\n');
                    value.push_str(line);
                }
                None => self.faults.push("begins with a continued line".to_owned()),
            }
            return;
        }
        match line.split_once(':') {
            Some((name, value)) if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic()) => {
                self.list.push((name.to_owned(), value.trim().to_owned()));
            }
            _ => self.faults.push(format!("has no header on line {number}")),
        }
    }

    /// Values of a header, whose name is not told by capitals.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.list.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn first(&self, name: &str) -> Option<&str> {
        self.list.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_continue_on_lines_that_begin_with_a_space_and_end_at_an_empty_one() {
        let headers = Headers::read(b"Name: a\nLicense: one\n        two\nClassifier: x\nclassifier: y\n\nname: body\n");
        assert_eq!(headers.first("name"), Some("a"));
        assert_eq!(headers.first("License"), Some("one\n        two"));
        assert_eq!(headers.all("Classifier").collect::<Vec<_>>(), ["x", "y"]);
        assert!(headers.has_body && headers.faults.is_empty());
        assert!(!Headers::read(b"Name: a\r\n\r\n").has_body);
    }

    #[test]
    fn what_is_no_header_is_told() {
        assert_eq!(Headers::read(b"Name: a\nnonsense\n").faults, ["has no header on line 2"]);
        assert_eq!(Headers::read(b" Name: a\n").faults, ["begins with a continued line"]);
        assert_eq!(Headers::read(b"Name: \xff\n").faults, ["is not UTF-8, from byte 6"]);
        assert_eq!(Headers::read(b"\xef\xbb\xbfName: a\n").faults, ["begins with a byte order mark"]);
    }
}
