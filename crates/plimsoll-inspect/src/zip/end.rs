//! The records at the end: where the table is, and how many entries it has.

use super::{WRITE_ANEW, half, long, word};
use crate::python::{Findings, PackageCode};

const END: &[u8] = b"PK\x05\x06";
const END64: &[u8] = b"PK\x06\x06";
const LOCATOR64: &[u8] = b"PK\x06\x07";
const END_LENGTH: usize = 22;
const END64_LENGTH: usize = 56;
const LOCATOR64_LENGTH: usize = 20;
const LONGEST_COMMENT: usize = 65_535;

/// Where the table lies.
#[derive(Debug)]
pub(super) struct End {
    /// Bytes before the archive, by which every offset is off.
    pub base: usize,
    /// First byte of the table.
    pub start: usize,
    /// The one behind it.
    pub end: usize,
    /// As they are stated.
    pub entries: u64,
}

/// What the records state.
struct Stated {
    entries: u64,
    size: u64,
    offset: u64,
    /// Where the records begin, and so the table ends.
    records: usize,
}

pub(super) fn read(bytes: &[u8], findings: &mut Findings) -> Result<End, String> {
    let from = bytes.len().saturating_sub(END_LENGTH + LONGEST_COMMENT);
    let at = find_last(&bytes[from..], END).map(|at| at + from).ok_or("is no zip file: it has no end record in its last 64 KiB")?;
    let cut_off = "is cut off in its end record";
    let comment = usize::from(half(bytes, at + 20).ok_or(cut_off)?);
    let behind = bytes.len().checked_sub(at + END_LENGTH + comment).ok_or(cut_off)?;
    if behind > 0 {
        findings.tell(PackageCode::TrailingData, format!("has {behind} bytes behind its end"), WRITE_ANEW);
    }
    let stated = match read64(bytes, at)? {
        Some(stated) => stated,
        None => read32(bytes, at).ok_or(cut_off)?,
    };
    let length = usize::try_from(stated.size).ok().filter(|size| *size <= stated.records);
    let start = length.map(|length| stated.records - length).ok_or("states a table that is longer than what is before it")?;
    let offset = usize::try_from(stated.offset).ok().filter(|offset| *offset <= start);
    let base = offset.map(|offset| start - offset).ok_or("states a table behind the place where it ends")?;
    if base > 0 {
        findings.tell(PackageCode::PrependedData, format!("has {base} bytes before its first file"), WRITE_ANEW);
    }
    Ok(End { base, start, end: stated.records, entries: stated.entries })
}

fn read32(bytes: &[u8], at: usize) -> Option<Stated> {
    let (here, entries) = (half(bytes, at + 8)?, half(bytes, at + 10)?);
    let (size, offset) = (word(bytes, at + 12)?, word(bytes, at + 16)?);
    // Several disks are refused with the number of entries, which cannot agree.
    let entries = if here == entries { u64::from(entries) } else { u64::MAX };
    Some(Stated { entries, size: size.into(), offset: offset.into(), records: at })
}

/// The records of 64 bits, which stand right before the old one; none where there are none.
fn read64(bytes: &[u8], end: usize) -> Result<Option<Stated>, &'static str> {
    let Some(locator) = end.checked_sub(LOCATOR64_LENGTH).filter(|at| bytes[*at..].starts_with(LOCATOR64)) else { return Ok(None) };
    let at = locator.checked_sub(END64_LENGTH).filter(|at| bytes[*at..].starts_with(END64));
    let at = at.ok_or("has a zip64 locator without its record before it, or one with extensions, which PyPI refuses")?;
    let read = || {
        let (here, entries) = (long(bytes, at + 24)?, long(bytes, at + 32)?);
        let stated = Stated { entries, size: long(bytes, at + 40)?, offset: long(bytes, at + 48)?, records: at };
        // The length leaves out itself and the signature; the locator's offset is off by what is prepended, as all are.
        let is_sound = long(bytes, at + 4)? == END64_LENGTH as u64 - 12 && here == entries && long(bytes, locator + 8)? <= at as u64;
        is_sound.then_some(stated)
    };
    read().map(Some).ok_or("has a zip64 end record that contradicts itself")
}

fn find_last(bytes: &[u8], what: &[u8]) -> Option<usize> {
    (0..bytes.len().saturating_sub(END_LENGTH - 1)).rev().find(|at| bytes[*at..].starts_with(what))
}
