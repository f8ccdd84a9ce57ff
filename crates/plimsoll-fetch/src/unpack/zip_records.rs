//! The records of a zip: bytes → fields. Source: PKWARE's APPNOTE 6.3.10, sections 4.3 to 4.5.

use super::error::{UnpackError, ZipProblem, shown};

/// Length of the end record, without a comment.
pub(super) const END: u64 = 22;
/// Length of a member's own header, without name and extra field.
pub(super) const LOCAL: u64 = 30;
/// As much of the end of a file as can tell where the directory is.
pub(super) const TAIL: u64 = END + (LOCATOR + END64) as u64;
const CENTRAL: usize = 46;
/// Length of the end record with 64-bit fields, without a part for extensions.
const END64: usize = 56;
/// Length of the record between the two end records, which says where the first of them is.
const LOCATOR: usize = 20;

/// A member as the directory describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub name: Vec<u8>,
    pub flags: u16,
    pub method: u16,
    pub crc: u32,
    pub packed: u64,
    pub unpacked: u64,
    pub offset: u64,
    /// The Unix mode, or 0 where the archive has none.
    pub mode: u32,
    /// Whether its sizes stand in 64 bits.
    large: bool,
}

/// Where the directory is.
pub(super) struct End {
    pub entries: u64,
    pub size: u64,
    pub offset: u64,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

impl End {
    /// Reads the end of a file of `length` bytes: all of it, or its last [`TAIL`].
    ///
    /// The end record must be the last 22 bytes: readers that look for it elsewhere find other directories. What zip64 adds must lie right
    /// before it, and the directory right before that.
    pub(super) fn parse(tail: &[u8], length: u64) -> Result<Self, ZipProblem> {
        let place = length.checked_sub(END).ok_or(ZipProblem::NoEnd)?;
        let (before, record) = tail.split_at(tail.len().checked_sub(END as usize).ok_or(ZipProblem::NoEnd)?);
        if !record.starts_with(b"PK\x05\x06") || u16_at(record, 20) != 0 {
            return Err(ZipProblem::NoEnd);
        }
        if u16_at(record, 4) != 0 || u16_at(record, 6) != 0 {
            return Err(ZipProblem::Disks);
        }
        let [here, entries] = [8, 10].map(|at| u16_at(record, at));
        let [size, offset] = [12, 16].map(|at| u32_at(record, at));
        let (end, after) = match Self::large(before, place)? {
            Some(large) => {
                let fits = |small: u32, most: u32, large: u64| small == most || u64::from(small) == large;
                let same = [here, entries].iter().all(|count| fits(u32::from(*count), u32::from(u16::MAX), large.entries));
                if !same || !fits(size, u32::MAX, large.size) || !fits(offset, u32::MAX, large.offset) {
                    return Err(ZipProblem::Zip64);
                }
                (large, place - (END64 + LOCATOR) as u64)
            }
            None if size == u32::MAX || offset == u32::MAX => return Err(ZipProblem::Zip64),
            None if here != entries => return Err(ZipProblem::Directory),
            // 65,535 members need no zip64, although that number also stands for more.
            None => (Self { entries: u64::from(entries), size: u64::from(size), offset: u64::from(offset) }, place),
        };
        if end.offset.checked_add(end.size) == Some(after) { Ok(end) } else { Err(ZipProblem::Directory) }
    }

    /// The end record with 64-bit fields, of an archive that has one; `place` is where the other one is.
    ///
    /// Some readers look for it only where a field of the other record is full, others always: so it counts wherever its locator is.
    fn large(before: &[u8], place: u64) -> Result<Option<Self>, ZipProblem> {
        let Some((before, locator)) = before.split_last_chunk::<LOCATOR>().filter(|(_, locator)| locator.starts_with(b"PK\x06\x07")) else {
            return Ok(None);
        };
        let (_, record) = before.split_last_chunk::<END64>().ok_or(ZipProblem::Zip64)?;
        if [u32_at(locator, 4), u32_at(record, 16), u32_at(record, 20)] != [0; 3] || u32_at(locator, 16) != 1 {
            return Err(ZipProblem::Disks);
        }
        let located = u64_at(locator, 8).checked_add((END64 + LOCATOR) as u64) == Some(place);
        // The length of the record does not count its first twelve bytes.
        let whole = record.starts_with(b"PK\x06\x06") && u64_at(record, 4) == (END64 - 12) as u64;
        let [here, entries, size, offset] = [24, 32, 40, 48].map(|at| u64_at(record, at));
        if located && whole && here == entries { Ok(Some(Self { entries, size, offset })) } else { Err(ZipProblem::Zip64) }
    }
}

impl Member {
    /// Takes one member off the directory.
    pub(super) fn parse(bytes: &[u8]) -> Result<(Self, &[u8]), UnpackError> {
        let broken = || UnpackError::Zip(ZipProblem::Directory);
        if bytes.len() < CENTRAL || !bytes.starts_with(b"PK\x01\x02") {
            return Err(broken());
        }
        let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(u16_at(bytes, at)));
        let rest = bytes.get(CENTRAL + name + extra + comment..).ok_or_else(broken)?;
        let (name, extra) = (&bytes[CENTRAL..CENTRAL + name], &bytes[CENTRAL + name..CENTRAL + name + extra]);
        if u16_at(bytes, 34) != 0 {
            return Err(UnpackError::Zip(ZipProblem::Disks));
        }
        let mut wide = zip64_field(extra, name)?.unwrap_or_default();
        let small = [24, 20, 42].map(|at| u32_at(bytes, at));
        let [Some(unpacked), Some(packed), Some(offset)] = small.map(|small| widened(small, &mut wide)) else {
            return Err(UnpackError::Zip(ZipProblem::Zip64));
        };
        // A value that no full field asks for is one that some readers take and others do not.
        if !wide.is_empty() {
            return Err(UnpackError::Zip(ZipProblem::Zip64));
        }
        // The upper byte of "version made by" says whose attributes these are; 3 is Unix.
        let mode = if bytes[5] == 3 { u32_at(bytes, 38) >> 16 } else { 0 };
        let member = Self {
            name: name.to_vec(),
            flags: u16_at(bytes, 8),
            method: u16_at(bytes, 10),
            crc: u32_at(bytes, 16),
            packed,
            unpacked,
            offset,
            mode,
            large: small[..2].contains(&u32::MAX),
        };
        member.check()?;
        Ok((member, rest))
    }

    fn check(&self) -> Result<(), UnpackError> {
        let name = || shown(&self.name);
        let problem = if self.flags & 0x2041 != 0 {
            ZipProblem::Encrypted(name())
        } else if self.flags & 0x0800 == 0 && !self.name.is_ascii() {
            ZipProblem::SecondName(name())
        } else if !matches!(self.method, 0 | 8) {
            ZipProblem::Method { name: name(), method: self.method }
        } else if self.method == 0 && self.packed != self.unpacked {
            ZipProblem::Contents(name())
        } else {
            return Ok(());
        };
        Err(UnpackError::Zip(problem))
    }

    /// Whether sizes and checksum follow the contents.
    pub(super) fn has_descriptor(&self) -> bool {
        self.flags & 0x0008 != 0
    }

    /// Whether the fixed part of the member's own header tells the same, but for the sizes.
    pub(super) fn agrees(&self, local: &[u8; LOCAL as usize]) -> bool {
        local.starts_with(b"PK\x03\x04")
            && u16_at(local, 6) == self.flags
            && u16_at(local, 8) == self.method
            && usize::from(u16_at(local, 26)) == self.name.len()
    }

    /// Holds checksum and sizes of the member's own header, and of that header's `extra` fields, against the directory's.
    pub(super) fn check_sizes(&self, local: &[u8; LOCAL as usize], extra: &[u8]) -> Result<(), UnpackError> {
        let [crc, packed, unpacked] = [14, 18, 22].map(|at| u32_at(local, at));
        let (packed, unpacked) = match zip64_field(extra, &self.name)? {
            // Both sizes or none, whichever of them needs it (APPNOTE 4.5.3).
            Some(wide) if wide.len() == 16 && packed == u32::MAX && unpacked == u32::MAX => (u64_at(wide, 8), u64_at(wide, 0)),
            Some(_) => return Err(UnpackError::Zip(ZipProblem::Zip64)),
            None => (u64::from(packed), u64::from(unpacked)),
        };
        let told = (crc, packed, unpacked);
        if told == (self.crc, self.packed, self.unpacked) || (self.has_descriptor() && told == (0, 0, 0)) {
            Ok(())
        } else {
            Err(UnpackError::Zip(ZipProblem::Disagree(shown(&self.name))))
        }
    }

    /// Whether the three fields of the descriptor after the contents tell the same.
    ///
    /// Of a member with 64-bit sizes they never do: how wide its descriptor is, readers guess.
    pub(super) fn describes(&self, fields: &[u8]) -> bool {
        let [crc, packed, unpacked] = [0, 4, 8].map(|at| u32_at(fields, at));
        !self.large && (crc, u64::from(packed), u64::from(unpacked)) == (self.crc, self.packed, self.unpacked)
    }
}

/// Whether a descriptor begins with its signature.
pub(super) fn is_descriptor_signature(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x07\x08")
}

/// Length of the extra field of a member's own header.
pub(super) fn local_extra_length(local: &[u8; LOCAL as usize]) -> usize {
    usize::from(u16_at(local, 28))
}

/// The field of 64-bit values (0x0001) among `extra` fields. A second one is refused, and so is one with another name (0x7075).
fn zip64_field<'e>(mut extra: &'e [u8], name: &[u8]) -> Result<Option<&'e [u8]>, UnpackError> {
    let mut found = None;
    while extra.len() >= 4 {
        let (id, length) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
        let field = extra.get(4..4 + length).ok_or(UnpackError::Zip(ZipProblem::Directory))?;
        match id {
            0x0001 if found.replace(field).is_some() => return Err(UnpackError::Zip(ZipProblem::Zip64)),
            0x7075 => return Err(UnpackError::Zip(ZipProblem::SecondName(shown(name)))),
            _ => extra = &extra[4 + length..],
        }
    }
    Ok(found)
}

/// The value of a 32-bit field: its own, or, where it is full, the next one of the zip64 field.
fn widened(small: u32, wide: &mut &[u8]) -> Option<u64> {
    if small != u32::MAX {
        return Some(u64::from(small));
    }
    let (value, rest) = wide.split_first_chunk::<8>()?;
    *wide = rest;
    Some(u64::from_le_bytes(*value))
}
