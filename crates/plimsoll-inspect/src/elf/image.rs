//! An ELF file's headers, checked against the file's length, and the way from an address to the bytes that are loaded there.
//!
//! The only place that turns offsets and addresses into slices.

use object::Endianness as ByteOrder;
use object::elf;
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};

use crate::error::InspectError;
pub(super) use crate::strings::{lossy, string_at};

/// Headers of one file.
pub(super) struct Image<'data, E: FileHeader<Endian = ByteOrder>> {
    pub bytes: &'data [u8],
    pub endian: ByteOrder,
    pub segments: &'data [E::ProgramHeader],
    pub sections: &'data [E::SectionHeader],
    /// Code is said to be there and is not in the file: headers of segments describe another file.
    pub debug_only: bool,
    header: &'data E,
    loads: Vec<Load>,
}

/// The part of a segment that comes from the file.
struct Load {
    address: u64,
    offset: u64,
    size: u64,
}

impl<'data, E: FileHeader<Endian = ByteOrder>> Image<'data, E> {
    pub fn parse(bytes: &'data [u8]) -> Result<Self, InspectError> {
        let length = bytes.len() as u64;
        if bytes.len() < size_of::<E>() {
            return Err(InspectError::Truncated { what: "ELF header", offset: 0, length });
        }
        let malformed = |reason| InspectError::Malformed { what: "ELF header", offset: 0, reason };
        let header = E::parse(bytes).map_err(|_| malformed("its class, byte order or version is none that exists"))?;
        let endian = header.endian().map_err(|_| malformed("its byte order is none that exists"))?;
        let segments = header.program_headers(endian, bytes).map_err(|_| {
            table_error("program header table", header.e_phoff(endian).into(), header.e_phentsize(endian) == phentsize::<E>(), length)
        })?;
        let sections = header.section_headers(endian, bytes).map_err(|_| {
            table_error("section header table", header.e_shoff(endian).into(), header.e_shentsize(endian) == shentsize::<E>(), length)
        })?;
        let mut image =
            Self { bytes, endian, segments, sections, debug_only: has_only_debug::<E>(sections, endian), header, loads: Vec::new() };
        if image.is_loaded() {
            image.loads = image.read_loads()?;
        }
        Ok(image)
    }

    pub fn kind(&self) -> elf::FileType {
        self.header.e_type(self.endian)
    }

    pub fn machine(&self) -> elf::Machine {
        self.header.e_machine(self.endian)
    }

    /// An executable or a library, with its contents.
    pub fn is_loaded(&self) -> bool {
        matches!(self.kind(), elf::ET_EXEC | elf::ET_DYN) && !self.debug_only
    }

    /// The strings of section names, as far as there are any.
    pub fn section_names(&self) -> object::StringTable<'data> {
        self.header.section_strings(self.endian, self.bytes, self.sections).unwrap_or_default()
    }

    /// The bytes from an address to the end of the segment that holds it. Of overlapping segments the last counts: it is mapped last.
    pub fn at_address(&self, address: u64) -> Option<&'data [u8]> {
        let (offset, end) = self.file_range(address)?;
        self.bytes.get(usize::try_from(offset).ok()?..usize::try_from(end).ok()?)
    }

    /// Where in the file an address lies.
    pub fn offset_of(&self, address: u64) -> Option<u64> {
        self.file_range(address).map(|(offset, _)| offset)
    }

    /// What PT_INTERP names.
    pub fn interpreter(&self, segment: &E::ProgramHeader) -> Result<String, InspectError> {
        let offset = segment.p_offset(self.endian).into();
        let data = segment.data(self.endian, self.bytes).map_err(|()| InspectError::Truncated {
            what: "interpreter's name",
            offset,
            length: self.bytes.len() as u64,
        })?;
        let name = string_at(data, 0).filter(|name| !name.is_empty());
        name.map(lossy).ok_or(InspectError::Malformed { what: "interpreter's name", offset, reason: "it is empty or has no end" })
    }

    fn file_range(&self, address: u64) -> Option<(u64, u64)> {
        self.loads.iter().rev().find_map(|load| {
            let into = address.checked_sub(load.address).filter(|into| *into < load.size)?;
            Some((load.offset + into, load.offset + load.size))
        })
    }

    fn read_loads(&self) -> Result<Vec<Load>, InspectError> {
        let length = self.bytes.len() as u64;
        let mut loads = Vec::new();
        for segment in self.segments.iter().filter(|segment| segment.p_type(self.endian) == elf::PT_LOAD) {
            let (offset, size) = segment.file_range(self.endian);
            if size == 0 {
                continue;
            }
            if offset.checked_add(size).is_none_or(|end| end > length) {
                return Err(InspectError::Truncated { what: "loaded segment", offset, length });
            }
            loads.push(Load { address: segment.p_vaddr(self.endian).into(), offset, size });
        }
        Ok(loads)
    }
}

fn phentsize<E: FileHeader>() -> u16 {
    size_of::<E::ProgramHeader>() as u16
}

fn shentsize<E: FileHeader>() -> u16 {
    size_of::<E::SectionHeader>() as u16
}

fn table_error(what: &'static str, offset: u64, entry_size_is_right: bool, length: u64) -> InspectError {
    match entry_size_is_right {
        true => InspectError::Truncated { what, offset, length },
        false => InspectError::Malformed { what, offset, reason: "its entries have a size that the format does not allow" },
    }
}

/// Every section of code is NOBITS, and there is one: what `objcopy --only-keep-debug` leaves.
fn has_only_debug<E: FileHeader<Endian = ByteOrder>>(sections: &[E::SectionHeader], endian: ByteOrder) -> bool {
    let mut found = false;
    for section in sections {
        let flags = section.sh_flags(endian);
        if flags.contains(elf::SHF_ALLOC) && flags.contains(elf::SHF_EXECINSTR) {
            if section.sh_type(endian) != elf::SHT_NOBITS {
                return false;
            }
            found = true;
        }
    }
    found
}
