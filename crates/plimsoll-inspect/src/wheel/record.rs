//! RECORD: every file of the wheel with its digest and size, as CSV.
//!
//! Source: <https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-record-file>.

use std::collections::{BTreeMap, BTreeSet};

use ring::digest::{Algorithm, SHA256, SHA384, SHA512};

use crate::python::{Findings, PackageCode, printable};

/// More lines than any wheel has files.
const MAX_ROWS: usize = 1 << 18;

const WRITE_ANEW: &str = "write RECORD from the files as they are in the wheel, with a CSV writer, after the last change";

/// What RECORD says of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// `sha256=…`, or nothing.
    pub digest: String,
    pub size: String,
}

/// What a file is in truth.
pub(super) struct Measured {
    pub digest: String,
    pub size: u64,
}

/// Rows by the file's name, as far as they can be read.
pub(super) type Rows = BTreeMap<String, Row>;

/// `place` is its name in the wheel.
pub(super) fn read(bytes: &[u8], place: &str, findings: &mut Findings) -> Rows {
    let text = String::from_utf8_lossy(bytes);
    if matches!(text, std::borrow::Cow::Owned(_)) {
        findings.tell_of(place, PackageCode::RecordSyntax, "is not UTF-8", WRITE_ANEW);
    }
    let mut rows = Rows::new();
    for (index, row) in split(&text).enumerate() {
        let fields = match row {
            Ok(fields) if fields.len() == 3 => fields,
            Ok(fields) if fields.len() == 1 && fields[0].is_empty() => continue,
            Ok(fields) => {
                let columns = if fields.len() == 1 { "column" } else { "columns" };
                let message = format!("has {} {columns} in row {} ({}), where three belong", fields.len(), index + 1, shown(&fields));
                let hint = "a name with a comma or a quotation mark stands in quotation marks";
                findings.tell_of(place, PackageCode::RecordSyntax, message, format!("{hint}; {WRITE_ANEW}"));
                continue;
            }
            Err(reason) => {
                findings.tell_of(place, PackageCode::RecordSyntax, format!("{reason} in row {}", index + 1), WRITE_ANEW);
                continue;
            }
        };
        let [name, digest, size] = [0, 1, 2].map(|column| fields[column].clone());
        let name = name.replace('\\', "/");
        if rows.insert(name.clone(), Row { digest, size }).is_some() {
            findings.tell_of(&name, PackageCode::RecordDuplicate, "is listed more than once in RECORD", WRITE_ANEW);
        }
    }
    rows
}

fn shown(fields: &[String]) -> String {
    printable(&fields.iter().take(4).map(String::as_str).collect::<Vec<_>>().join(","))
}

/// How a file's digest is to be made: as RECORD has it, SHA-256 where it says nothing that is known.
pub(super) fn algorithm(row: Option<&Row>) -> &'static Algorithm {
    row.and_then(|row| known(row.digest.split_once('=')?.0)).unwrap_or(&SHA256)
}

fn known(name: &str) -> Option<&'static Algorithm> {
    [("sha256", &SHA256), ("sha384", &SHA384), ("sha512", &SHA512)].iter().find(|(own, _)| *own == name).map(|(_, algorithm)| *algorithm)
}

/// Rows against files; `own` is RECORD's name, and signatures of it are not listed.
pub(super) fn judge(rows: &Rows, files: &BTreeMap<String, Measured>, all: &BTreeSet<&str>, own: &str, findings: &mut Findings) {
    let is_signature = |name: &str| name == format!("{own}.jws") || name == format!("{own}.p7s");
    for name in all.iter().filter(|name| !rows.contains_key(**name) && !is_signature(name)) {
        findings.tell_of(name, PackageCode::RecordMissing, "is in the wheel, and not in RECORD", WRITE_ANEW);
    }
    for (name, row) in rows {
        if !all.contains(name.as_str()) {
            findings.tell_of(name, PackageCode::RecordMissing, "is in RECORD, and not in the wheel", WRITE_ANEW);
        } else if name == own {
            if !row.digest.is_empty() || !row.size.is_empty() {
                findings.tell_of(name, PackageCode::RecordMismatch, "lists a digest or a size of itself", WRITE_ANEW);
            }
        } else if let Some(measured) = files.get(name) {
            judge_row(name, row, measured, findings);
        }
    }
}

fn judge_row(name: &str, row: &Row, measured: &Measured, findings: &mut Findings) {
    let message = match row.digest.split_once('=') {
        None => "has no digest in RECORD".to_owned(),
        Some((algorithm, _)) if known(algorithm).is_none() => {
            format!("has a digest by {} in RECORD, where SHA-256 or a longer SHA-2 belongs", printable(algorithm))
        }
        Some((_, digest)) if digest.trim_end_matches('=') != measured.digest => {
            format!("has another digest than RECORD says: {}", measured.digest)
        }
        Some(_) if row.size.parse() != Ok(measured.size) => {
            format!("is {} bytes long, and {} by RECORD", measured.size, if row.size.is_empty() { "without a size" } else { &row.size })
        }
        Some(_) => return,
    };
    findings.tell_of(name, PackageCode::RecordMismatch, message, WRITE_ANEW);
}

/// Rows of a CSV text (RFC 4180), each with its fields, or why it cannot be read.
fn split(text: &str) -> impl Iterator<Item = Result<Vec<String>, &'static str>> {
    let mut rest = text;
    std::iter::from_fn(move || (!rest.is_empty()).then(|| row(&mut rest))).take(MAX_ROWS)
}

fn row(rest: &mut &str) -> Result<Vec<String>, &'static str> {
    let mut fields = Vec::new();
    let mut fault = None;
    loop {
        let (field, behind, own) = field(rest);
        fault = fault.or(own);
        fields.push(field);
        if let Some(next) = behind.strip_prefix(',') {
            *rest = next;
            continue;
        }
        *rest = behind.strip_prefix("\r\n").or_else(|| behind.strip_prefix(['\n', '\r'])).unwrap_or(behind);
        return fault.map_or(Ok(fields), Err);
    }
}

/// A field, what is behind it (nothing, a comma or an end of line), and what is wrong with it.
fn field(text: &str) -> (String, &str, Option<&'static str>) {
    let plain = |text: &str| text.find([',', '\n', '\r']).unwrap_or(text.len());
    let Some(mut inner) = text.strip_prefix('"') else {
        let (field, behind) = text.split_at(plain(text));
        return (field.to_owned(), behind, field.contains('"').then_some("has a quotation mark inside of a field without them"));
    };
    let mut field = String::new();
    while let Some((part, behind)) = inner.split_once('"') {
        field.push_str(part);
        match behind.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                inner = next;
            }
            None => {
                let (junk, behind) = behind.split_at(plain(behind));
                return (field, behind, (!junk.is_empty()).then_some("goes on behind a closing quotation mark"));
            }
        }
    }
    (field, "", Some("has a quotation mark that is never closed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Result<Vec<String>, &'static str>> {
        split(text).collect()
    }

    #[test]
    fn quoted_names_are_read_as_they_were() {
        let read = rows("\"a,b.txt\",sha256=x,3\r\n\"say \"\"hi\"\"\",,\nlast,,");
        let fields = |row: &[&str]| Ok(row.iter().map(|field| (*field).to_owned()).collect::<Vec<_>>());
        assert_eq!(read, [fields(&["a,b.txt", "sha256=x", "3"]), fields(&["say \"hi\"", "", ""]), fields(&["last", "", ""])]);
    }

    #[test]
    fn what_is_no_csv_is_told() {
        assert_eq!(rows("\"a"), [Err("has a quotation mark that is never closed")]);
        assert_eq!(rows("\"a\"b,,\n").len(), 1);
        assert_eq!(rows("a\"b,,\n")[0], Err("has a quotation mark inside of a field without them"));
        let mut findings = Findings::default();
        let read = read(b"a,b.txt,sha256=x,3\n\na,,\na,,\n\xff,,\n", "RECORD", &mut findings);
        assert_eq!(read.len(), 2);
        let told = findings.finish().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            told,
            [
                "RECORD is not UTF-8",
                "RECORD has 4 columns in row 1 (a,b.txt,sha256=x,3), where three belong",
                "a is listed more than once in RECORD",
            ]
        );
    }
}
