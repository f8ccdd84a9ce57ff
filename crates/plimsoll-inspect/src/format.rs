//! Which format a file has, from its first bytes: cheap enough to ask of every file in a tree.
//!
//! Says what a file claims to be; only [`crate::inspect()`] says whether it is sound.

use serde::{Deserialize, Serialize};

/// A format of binaries that plimsoll knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Linux and most other Unix systems.
    Elf,
    /// macOS.
    #[serde(rename = "macho")]
    MachO,
    /// Windows.
    Pe,
}

impl Format {
    /// The format's name as people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Elf => "ELF",
            Self::MachO => "Mach-O",
            Self::Pe => "PE",
        }
    }
}

/// Bytes that [`recognise`] wants to see; a shorter prefix recognises less.
pub const PREFIX_LENGTH: usize = 64;

/// Java class files share the magic number of Mach-O universal files and have their version (45 or more) where those have a count.
const MAX_UNIVERSAL_PARTS: u32 = 44;

/// Whether a file begins as an ELF file does.
pub fn is_elf(prefix: &[u8]) -> bool {
    prefix.starts_with(b"\x7fELF")
}

/// The format that a file's first bytes claim ([`PREFIX_LENGTH`] of them, or the whole file).
///
/// A DOS program without a PE header is only told from a PE file where the prefix reaches that header.
pub fn recognise(prefix: &[u8]) -> Option<Format> {
    match prefix {
        [0x7f, b'E', b'L', b'F', ..] => Some(Format::Elf),
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] | [0xfe, 0xed, 0xfa, 0xcf | 0xce, ..] => Some(Format::MachO),
        [0xca, 0xfe, 0xba, 0xbe | 0xbf, a, b, c, d, ..] => {
            (1..=MAX_UNIVERSAL_PARTS).contains(&u32::from_be_bytes([*a, *b, *c, *d])).then_some(Format::MachO)
        }
        [b'M', b'Z', ..] => has_pe_header(prefix).then_some(Format::Pe),
        _ => None,
    }
}

fn has_pe_header(prefix: &[u8]) -> bool {
    let Some(&[a, b, c, d]) = prefix.get(60..64) else { return false };
    let at = u32::from_le_bytes([a, b, c, d]) as usize;
    if at < 4 {
        return false;
    }
    match prefix.get(at..) {
        Some(header) if header.len() >= 4 => header.starts_with(b"PE\0\0"),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_first_bytes() {
        assert_eq!(recognise(b"\x7fELF\x02\x01"), Some(Format::Elf));
        assert_eq!(recognise(&[0xcf, 0xfa, 0xed, 0xfe, 7, 0, 0, 1]), Some(Format::MachO));
        assert_eq!(recognise(&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2]), Some(Format::MachO));
        assert_eq!(recognise(&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61]), None, "a Java class");
        assert_eq!(recognise(b"#!/bin/sh\n"), None);
        assert_eq!(recognise(b""), None);
        assert!(is_elf(b"\x7fELF") && !is_elf(b"\x7fEL"));
    }

    #[test]
    fn a_pe_file_is_no_text_that_begins_with_mz() {
        let mut bytes = vec![0; 72];
        bytes[..2].copy_from_slice(b"MZ");
        bytes[60] = 64;
        assert_eq!(recognise(&bytes), None);
        bytes[64..68].copy_from_slice(b"PE\0\0");
        assert_eq!(recognise(&bytes), Some(Format::Pe));
        assert_eq!(recognise(&bytes[..64]), Some(Format::Pe), "the header lies behind the prefix");
        assert_eq!(recognise(b"MZ is short"), None);
    }
}
