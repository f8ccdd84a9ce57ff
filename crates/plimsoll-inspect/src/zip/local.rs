//! The header before a file's data, by which readers of a stream find the files: it must say what the table says.

use super::end::End;
use super::{Entry, WRITE_ANEW, extra, half, word};
use crate::python::{Findings, PackageCode};

const SIGNATURE: &[u8] = b"PK\x03\x04";
const LENGTH: usize = 30;

const ENCRYPTED: u16 = 1;
pub(super) const DESCRIPTOR: u16 = 1 << 3;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Puts the place of its data into the entry, where it can be told.
pub(super) fn read(bytes: &[u8], end: &End, entry: &mut Entry, findings: &mut Findings) {
    judge_table(entry, findings);
    match parse(bytes, end, entry) {
        Ok((data, differences)) => {
            entry.data = data;
            for difference in differences {
                findings.tell_of(&entry.name, PackageCode::HeaderMismatch, difference, WRITE_ANEW);
            }
        }
        Err(reason) => findings.tell_of(&entry.name, PackageCode::MalformedArchive, reason, WRITE_ANEW),
    }
}

/// What the table alone says.
fn judge_table(entry: &Entry, findings: &mut Findings) {
    if entry.flags & DESCRIPTOR != 0 {
        findings.tell_of(
            &entry.name,
            PackageCode::DataDescriptor,
            "states its size behind its data only (a data descriptor), which PyPI refuses",
            "write the archive to a file that can be sought in, and not to a stream",
        );
    }
    if entry.has_comment {
        findings.tell_of(&entry.name, PackageCode::EntryComment, "has a comment, which PyPI refuses", WRITE_ANEW);
    }
    if entry.flags & ENCRYPTED != 0 || !matches!(entry.method, STORED | DEFLATED) {
        let what = if entry.flags & ENCRYPTED != 0 { "is encrypted".to_owned() } else { format!("has method {}", entry.method) };
        findings.tell_of(
            &entry.name,
            PackageCode::CompressionMethod,
            format!("{what}: PyPI takes stored and deflated files only"),
            WRITE_ANEW,
        );
    }
}

type Parsed = (Option<std::ops::Range<usize>>, Vec<String>);

fn parse(bytes: &[u8], end: &End, entry: &Entry) -> Result<Parsed, &'static str> {
    let outside = "has no header where the table says";
    let at = usize::try_from(entry.header).ok().and_then(|at| at.checked_add(end.base)).filter(|at| *at < end.start).ok_or(outside)?;
    let header = &bytes[at..end.start];
    if !header.starts_with(SIGNATURE) {
        return Err(outside);
    }
    let read = || {
        let (name, extra) = (usize::from(half(header, 26)?), usize::from(half(header, 28)?));
        let start = LENGTH + name + extra;
        Some((header.get(LENGTH..LENGTH + name)?, header.get(LENGTH + name..start)?, at + start))
    };
    let (name, extra, start) = read().ok_or("has a header that is cut off")?;
    let number = |at| word(header, at).unwrap_or_default();
    let (mut size, mut packed) = (0, 0);
    extra::fill(extra, &mut [(number(22), &mut size), (number(18), &mut packed)])?;
    let mut differences = Vec::new();
    if name != entry.raw_name {
        let own = crate::python::printable(&String::from_utf8_lossy(name));
        differences.push(format!("is called {own} in the header before its data"));
    }
    let (flags, method) = (half(header, 6).unwrap_or_default(), half(header, 8).unwrap_or_default());
    if (flags ^ entry.flags) & (ENCRYPTED | DESCRIPTOR) != 0 || method != entry.method {
        differences.push("has another method or other flags in the header before its data".to_owned());
    }
    if flags & DESCRIPTOR == 0 && (size, packed, number(14)) != (entry.size, entry.packed, entry.crc) {
        differences.push("has another size or checksum in the header before its data than in the table at the end".to_owned());
    }
    let stop = usize::try_from(entry.packed).ok().and_then(|packed| start.checked_add(packed)).filter(|stop| *stop <= end.start);
    match stop {
        Some(stop) => Ok((Some(start..stop), differences)),
        None => Err("has data that reach into the table at the end, or behind it"),
    }
}
