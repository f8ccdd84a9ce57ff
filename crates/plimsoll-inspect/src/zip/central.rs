//! The table at the end, by which installers find the files.

use super::end::End;
use super::{Entry, extra, half, word};

const SIGNATURE: &[u8] = b"PK\x01\x02";
const LENGTH: usize = 46;

/// More files than any package has.
const MAX_ENTRIES: usize = 1 << 18;

/// The number of the system that wrote an entry, where its attributes are those of Unix.
const UNIX: u16 = 3;

/// Every entry of the table, whose end and number must be those that are stated.
pub(super) fn read(bytes: &[u8], end: &End) -> Result<Vec<Entry>, String> {
    let table = bytes.get(end.start..end.end).ok_or("has a table that lies outside of it")?;
    let mut entries = Vec::new();
    let mut at = 0;
    while at < table.len() {
        if entries.len() == MAX_ENTRIES {
            return Err(format!("has more than {MAX_ENTRIES} files"));
        }
        let (entry, length) = read_entry(&table[at..]).ok_or_else(|| format!("has a malformed table: entry {}", entries.len() + 1))?;
        entries.push(entry.map_err(|(name, reason)| format!("has a malformed table: {name} {reason}"))?);
        at += length;
    }
    if entries.len() as u64 != end.entries {
        return Err(format!("states another number of files than the {} in its table", entries.len()));
    }
    Ok(entries)
}

type Read = Result<Entry, (String, &'static str)>;

/// An entry and its length; none where it is cut off.
fn read_entry(bytes: &[u8]) -> Option<(Read, usize)> {
    if !bytes.starts_with(SIGNATURE) {
        return None;
    }
    let lengths = [half(bytes, 28)?, half(bytes, 30)?, half(bytes, 32)?].map(usize::from);
    let [name, extra, comment] = lengths;
    let length = LENGTH + name + extra + comment;
    let raw_name = bytes.get(LENGTH..LENGTH + name)?;
    let extra = bytes.get(LENGTH + name..LENGTH + name + extra)?;
    bytes.get(..length)?;
    let is_unix = half(bytes, 4)? >> 8 == UNIX;
    let mut entry = Entry {
        name: String::from_utf8_lossy(raw_name).into_owned(),
        raw_name: raw_name.to_owned(),
        flags: half(bytes, 8)?,
        method: half(bytes, 10)?,
        crc: word(bytes, 16)?,
        packed: 0,
        size: 0,
        mode: word(bytes, 38).filter(|_| is_unix).map(|attributes| attributes >> 16).filter(|mode| *mode != 0),
        has_comment: comment > 0,
        header: 0,
        data: None,
    };
    let (packed, size, header) = (word(bytes, 20)?, word(bytes, 24)?, word(bytes, 42)?);
    let filled = extra::fill(extra, &mut [(size, &mut entry.size), (packed, &mut entry.packed), (header, &mut entry.header)]);
    Some((filled.map(|()| entry).map_err(|reason| (crate::python::printable(&String::from_utf8_lossy(raw_name)), reason)), length))
}
