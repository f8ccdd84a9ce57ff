//! What extension headers say about the next member: GNU's long names, and pax records. Contradictions are refused, never resolved, because
//! another reader would resolve them differently.

use std::collections::HashSet;

use super::error::{PaxProblem, UnpackError, shown};
use super::tar_header::Header;

/// Extensions that wait for their member.
#[derive(Default)]
pub(super) struct Extensions {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    has_pax: bool,
}

impl Extensions {
    /// Whether any waits.
    pub(super) fn pending(&self) -> bool {
        self.has_pax || self.name.is_some() || self.link.is_some()
    }

    /// The contents of a GNU `L` header.
    pub(super) fn long_name(&mut self, text: Vec<u8>) -> Result<(), UnpackError> {
        set(&mut self.name, terminated(text))
    }

    /// The contents of a GNU `K` header.
    pub(super) fn long_link(&mut self, text: Vec<u8>) -> Result<(), UnpackError> {
        set(&mut self.link, terminated(text))
    }

    /// The contents of a pax header for the next member.
    pub(super) fn pax(&mut self, contents: &[u8]) -> Result<(), UnpackError> {
        if std::mem::replace(&mut self.has_pax, true) {
            return Err(UnpackError::Extension);
        }
        for (key, value) in records(contents)? {
            match key {
                "path" => set(&mut self.name, value.to_vec())?,
                "linkpath" => set(&mut self.link, value.to_vec())?,
                "size" => {
                    let digits = std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
                    let size = digits.and_then(|text| text.parse().ok()).ok_or(UnpackError::Pax(PaxProblem::Malformed))?;
                    self.size = Some(size);
                }
                _ => harmless(key)?,
            }
        }
        Ok(())
    }

    /// Gives the member what waited for it.
    pub(super) fn apply(&mut self, header: &mut Header) -> Result<(), UnpackError> {
        let waiting = std::mem::take(self);
        if let Some(pax) = waiting.size.filter(|size| *size != header.size) {
            return Err(UnpackError::Pax(PaxProblem::Size { pax, header: header.size }));
        }
        if let Some(name) = waiting.name {
            header.name = name;
        }
        if let Some(link) = waiting.link {
            header.link = link;
        }
        Ok(())
    }
}

/// A global pax header may hold remarks, as git's does, and nothing that members are found or named by.
pub(super) fn check_global(contents: &[u8]) -> Result<(), UnpackError> {
    for (key, _) in records(contents)? {
        if matches!(key, "path" | "linkpath" | "size") {
            return Err(UnpackError::Pax(PaxProblem::Global(key.to_owned())));
        }
        harmless(key)?;
    }
    Ok(())
}

fn harmless(key: &str) -> Result<(), UnpackError> {
    if key.starts_with("GNU.sparse") || key == "SCHILY.realsize" { Err(UnpackError::Pax(PaxProblem::Sparse)) } else { Ok(()) }
}

fn set(slot: &mut Option<Vec<u8>>, text: Vec<u8>) -> Result<(), UnpackError> {
    if slot.replace(text).is_some() { Err(UnpackError::Extension) } else { Ok(()) }
}

/// GNU ends the text with one NUL; any other NUL is found when the name is checked.
fn terminated(mut text: Vec<u8>) -> Vec<u8> {
    if text.last() == Some(&0) {
        text.pop();
    }
    text
}

/// More records than any header has: a handful of fields, and a record for each attribute that a system keeps with its files.
const MAX_RECORDS: usize = 256;

/// `LENGTH KEY=VALUE\n`, where the length counts the whole record. Each key is there once.
fn records(mut contents: &[u8]) -> Result<Vec<(&str, &[u8])>, UnpackError> {
    let malformed = || UnpackError::Pax(PaxProblem::Malformed);
    let mut records = Vec::new();
    let mut keys = HashSet::new();
    while !contents.is_empty() {
        let space = contents.iter().take(8).position(|byte| *byte == b' ').ok_or_else(malformed)?;
        let digits = std::str::from_utf8(&contents[..space]).map_err(|_| malformed())?;
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed());
        }
        let length = digits.parse::<usize>().map_err(|_| malformed())?;
        let record = contents.get(space + 1..length).ok_or_else(malformed)?;
        let record = record.strip_suffix(b"\n").ok_or_else(malformed)?;
        let equals = record.iter().position(|byte| *byte == b'=').ok_or_else(malformed)?;
        let key = std::str::from_utf8(&record[..equals]).ok().filter(|key| !key.is_empty()).ok_or_else(malformed)?;
        if !keys.insert(key) {
            return Err(UnpackError::Pax(PaxProblem::Twice(shown(key.as_bytes()))));
        }
        if keys.len() > MAX_RECORDS {
            return Err(UnpackError::Pax(PaxProblem::TooMany { limit: MAX_RECORDS }));
        }
        records.push((key, &record[equals + 1..]));
        contents = &contents[length..];
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_must_add_up() {
        assert_eq!(records(b"8 a=b c\n6 d=e\n").unwrap(), [("a", b"b c".as_slice()), ("d", b"e")]);
        for bad in [
            b"6 a=bc\n".as_slice(),
            b"99 a=b\n",
            b"a=b\n",
            b"6 abc\n",
            b"5 =b\n",
            b"0 a=b\n",
            b"2 \n",
            b"+6 a=b\n",
            b" a=b\n",
            b"6 a=b\nx",
            b"18446744073709551615 a=b\n",
            b"6 a=b\n6 a=c\n",
        ] {
            assert!(records(bad).is_err(), "{:?}", String::from_utf8_lossy(bad));
        }
        let many = |count: usize| (0..count).map(|key| format!("8 {key:04}=\n")).collect::<String>();
        assert_eq!(records(many(MAX_RECORDS).as_bytes()).unwrap().len(), MAX_RECORDS);
        assert!(matches!(records(many(MAX_RECORDS + 1).as_bytes()), Err(UnpackError::Pax(PaxProblem::TooMany { .. }))));
    }
}
