//! Mach-O: recognised by processor and kind only.
//!
//! Load commands are not read yet; a header that is cut off is an error all the same.

use object::macho::{self, FatHeader, MachHeader32, MachHeader64};
use object::read::ReadRef;
use object::read::macho::MachHeader;
use object::{Endian, Endianness as ByteOrder};

use crate::facts::{Endianness, Facts, Linkage};
use crate::format::Format;
use crate::inspect::InspectError;

/// Format, processor and kind of a Mach-O file; of a universal one only that it is universal.
pub(crate) fn inspect(bytes: &[u8]) -> Result<Facts, InspectError> {
    match bytes {
        [0xca, 0xfe, 0xba, 0xbe | 0xbf, ..] => universal(bytes),
        [0xfe, 0xed, 0xfa, 0xcf, ..] | [0xcf, 0xfa, 0xed, 0xfe, ..] => thin::<MachHeader64<ByteOrder>>(bytes, 64),
        _ => thin::<MachHeader32<ByteOrder>>(bytes, 32),
    }
}

fn universal(bytes: &[u8]) -> Result<Facts, InspectError> {
    bytes.read_at::<FatHeader>(0).map_err(|()| cut_off(bytes))?;
    Ok(Facts::new(Format::MachO, 64, Endianness::Little, "universal".to_owned()))
}

fn thin<H: MachHeader<Endian = ByteOrder>>(bytes: &[u8], class: u8) -> Result<Facts, InspectError> {
    let header = H::parse(bytes, 0).map_err(|_| cut_off(bytes))?;
    let endian = header.endian().map_err(|_| cut_off(bytes))?;
    let endianness = if endian.is_big_endian() { Endianness::Big } else { Endianness::Little };
    let machine = match header.cputype(endian) {
        macho::CPU_TYPE_X86_64 => "x86_64".to_owned(),
        macho::CPU_TYPE_X86 => "i686".to_owned(),
        macho::CPU_TYPE_ARM64 => "aarch64".to_owned(),
        macho::CPU_TYPE_ARM64_32 => "arm64_32".to_owned(),
        macho::CPU_TYPE_ARM => "arm".to_owned(),
        macho::CPU_TYPE_POWERPC => "powerpc".to_owned(),
        macho::CPU_TYPE_POWERPC64 => "powerpc64".to_owned(),
        other => format!("unknown-{}", other.0),
    };
    let mut facts = Facts::new(Format::MachO, class, endianness, machine);
    facts.linkage = match header.filetype(endian) {
        macho::MH_EXECUTE => Linkage::Dynamic,
        macho::MH_DYLIB | macho::MH_BUNDLE => Linkage::SharedObject,
        macho::MH_OBJECT => Linkage::Relocatable,
        macho::MH_CORE => Linkage::Core,
        macho::MH_DSYM => Linkage::DebugOnly,
        _ => Linkage::Unknown,
    };
    Ok(facts)
}

fn cut_off(bytes: &[u8]) -> InspectError {
    InspectError::Truncated { what: "Mach-O header", offset: 0, length: bytes.len() as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_and_kind_are_read() {
        let mut bytes = vec![0xcf, 0xfa, 0xed, 0xfe, 0x0c, 0, 0, 1, 0, 0, 0, 0, 6, 0, 0, 0];
        bytes.resize(32, 0);
        let facts = inspect(&bytes).unwrap();
        assert_eq!((facts.machine.as_str(), facts.class, facts.linkage), ("aarch64", 64, Linkage::SharedObject));
        assert!(inspect(&bytes[..31]).is_err());
        assert_eq!(inspect(&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2]).unwrap().machine, "universal");
    }
}
