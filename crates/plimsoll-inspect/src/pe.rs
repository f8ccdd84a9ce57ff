//! PE: recognised by processor and kind only.
//!
//! Imports are not read yet; a header that is cut off is an error all the same.

use object::LittleEndian as LE;
use object::pe::{self, ImageDosHeader, ImageFileHeader};
use object::read::ReadRef;

use crate::facts::{Endianness, Facts, Linkage};
use crate::format::Format;
use crate::inspect::InspectError;

/// Format, processor and kind of a PE file.
pub(crate) fn inspect(bytes: &[u8]) -> Result<Facts, InspectError> {
    let length = bytes.len() as u64;
    let dos = bytes.read_at::<ImageDosHeader>(0).map_err(|()| InspectError::Truncated { what: "DOS header", offset: 0, length })?;
    let offset = u64::from(dos.e_lfanew.get(LE));
    let cut_off = |()| InspectError::Truncated { what: "PE header", offset, length };
    if bytes.read_bytes_at(offset, 4).map_err(cut_off)? != b"PE\0\0" {
        return Err(InspectError::Malformed { what: "PE header", offset, reason: "it does not begin with its signature" });
    }
    let header = bytes.read_at::<ImageFileHeader>(offset + 4).map_err(cut_off)?;
    let (machine, class) = match header.machine.get(LE) {
        pe::IMAGE_FILE_MACHINE_AMD64 => ("x86_64".to_owned(), 64),
        pe::IMAGE_FILE_MACHINE_ARM64 => ("aarch64".to_owned(), 64),
        pe::IMAGE_FILE_MACHINE_ARM64EC => ("arm64ec".to_owned(), 64),
        pe::IMAGE_FILE_MACHINE_I386 => ("i686".to_owned(), 32),
        pe::IMAGE_FILE_MACHINE_ARMNT => ("arm".to_owned(), 32),
        other => (format!("unknown-{}", other.0), 32),
    };
    let mut facts = Facts::new(Format::Pe, class, Endianness::Little, machine);
    let is_library = header.characteristics.get(LE).contains(pe::IMAGE_FILE_DLL);
    facts.linkage = if is_library { Linkage::SharedObject } else { Linkage::Dynamic };
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_and_kind_are_read() {
        let mut bytes = vec![0; 64 + 24];
        bytes[..2].copy_from_slice(b"MZ");
        bytes[60] = 64;
        bytes[64..70].copy_from_slice(&[b'P', b'E', 0, 0, 0x64, 0x86]);
        let facts = inspect(&bytes).unwrap();
        assert_eq!((facts.machine.as_str(), facts.class, facts.linkage), ("x86_64", 64, Linkage::Dynamic));
        bytes[64 + 4 + 19] = 0x20;
        assert_eq!(inspect(&bytes).unwrap().linkage, Linkage::SharedObject);
        assert!(inspect(&bytes[..80]).is_err());
        bytes[64] = 0;
        assert!(inspect(&bytes).is_err());
    }
}
