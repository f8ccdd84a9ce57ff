//! The records of a zip: bytes → fields. Source: PKWARE's APPNOTE 6.3.10, sections 4.3 and 4.4.

use super::error::{UnpackError, ZipProblem, shown};

/// Length of the end record, without a comment.
pub(super) const END: u64 = 22;
/// Length of a member's own header, without name and extra field.
pub(super) const LOCAL: u64 = 30;
const CENTRAL: usize = 46;

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
}

/// Where the directory is.
pub(super) struct End {
    pub entries: usize,
    pub size: u64,
    pub offset: u64,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

impl End {
    /// The end record must be the last 22 bytes: readers that look for it elsewhere find other directories.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, ZipProblem> {
        if !bytes.starts_with(b"PK\x05\x06") || u16_at(bytes, 20) != 0 {
            return Err(ZipProblem::NoEnd);
        }
        let (entries, size, offset) = (u16_at(bytes, 10), u32_at(bytes, 12), u32_at(bytes, 16));
        if entries == u16::MAX || size == u32::MAX || offset == u32::MAX || u16_at(bytes, 4) != 0 || u16_at(bytes, 6) != 0 {
            return Err(ZipProblem::Zip64);
        }
        if u16_at(bytes, 8) != entries {
            return Err(ZipProblem::Directory);
        }
        Ok(Self { entries: usize::from(entries), size: u64::from(size), offset: u64::from(offset) })
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
        let (packed, unpacked, offset) = (u32_at(bytes, 20), u32_at(bytes, 24), u32_at(bytes, 42));
        if packed == u32::MAX || unpacked == u32::MAX || offset == u32::MAX || u16_at(bytes, 34) != 0 {
            return Err(UnpackError::Zip(ZipProblem::Zip64));
        }
        check_extra(extra, name)?;
        // The upper byte of "version made by" says whose attributes these are; 3 is Unix.
        let mode = if bytes[5] == 3 { u32_at(bytes, 38) >> 16 } else { 0 };
        let member = Self {
            name: name.to_vec(),
            flags: u16_at(bytes, 8),
            method: u16_at(bytes, 10),
            crc: u32_at(bytes, 16),
            packed: u64::from(packed),
            unpacked: u64::from(unpacked),
            offset: u64::from(offset),
            mode,
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

    /// Whether the fixed part of the member's own header tells the same.
    pub(super) fn agrees(&self, local: &[u8; LOCAL as usize]) -> bool {
        let sizes = [u32_at(local, 14), u32_at(local, 18), u32_at(local, 22)];
        let same = [self.crc, self.packed as u32, self.unpacked as u32] == sizes || (self.has_descriptor() && sizes == [0; 3]);
        local.starts_with(b"PK\x03\x04")
            && u16_at(local, 6) == self.flags
            && u16_at(local, 8) == self.method
            && usize::from(u16_at(local, 26)) == self.name.len()
            && same
    }

    /// Whether the three fields of the descriptor after the contents tell the same.
    pub(super) fn describes(&self, fields: &[u8]) -> bool {
        let expected = [self.crc, self.packed as u32, self.unpacked as u32];
        [0, 4, 8].map(|at| u32_at(fields, at)) == expected
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

/// Refuses extra fields that bring other sizes (zip64, 0x0001) or another name (0x7075).
pub(super) fn check_extra(mut extra: &[u8], name: &[u8]) -> Result<(), UnpackError> {
    while extra.len() >= 4 {
        let (id, length) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
        match id {
            0x0001 => return Err(UnpackError::Zip(ZipProblem::Zip64)),
            0x7075 => return Err(UnpackError::Zip(ZipProblem::SecondName(shown(name)))),
            _ => extra = extra.get(4 + length..).ok_or(UnpackError::Zip(ZipProblem::Directory))?,
        }
    }
    Ok(())
}
