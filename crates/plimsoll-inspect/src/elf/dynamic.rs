//! The dynamic table: what the loader is told.
//!
//! Found through PT_DYNAMIC and read up to DT_NULL, as loaders do; of repeated entries the last counts, save DT_NEEDED.

use object::Endianness as ByteOrder;
use object::elf;
use object::read::elf::{Dyn, FileHeader, ProgramHeader};

use super::image::{Image, lossy, string_at};
use crate::error::InspectError;

/// More libraries than any file needs.
const MAX_NEEDED: usize = 4096;

/// The entries that facts are drawn from. Addresses are as in the file, not yet looked up.
#[derive(Default)]
pub(super) struct Dynamic<'data> {
    /// The string table, up to the end of its segment: loaders do not look at DT_STRSZ.
    pub strings: &'data [u8],
    pub needed: Vec<String>,
    pub soname: Option<String>,
    pub rpath: Vec<String>,
    pub runpath: Vec<String>,
    pub bind_now: bool,
    pub textrel: bool,
    pub pie: bool,
    pub relr: bool,
    pub string_table: Option<u64>,
    pub symbol_table: Option<u64>,
    pub versym: Option<u64>,
    pub verneed: Option<u64>,
    pub hash: Option<u64>,
    pub gnu_hash: Option<u64>,
    pub relocations: Vec<Relocations>,
}

/// A table of relocations.
pub(super) struct Relocations {
    pub address: u64,
    pub size: u64,
    pub with_addends: bool,
}

/// Offsets into the string table, kept until that table is known: the order of entries is free.
#[derive(Default)]
struct Names {
    needed: Vec<u64>,
    soname: Option<u64>,
    rpath: Option<u64>,
    runpath: Option<u64>,
}

/// Tables of relocations in parts, as their entries come one by one.
#[derive(Default)]
struct RelocationParts {
    rela: (Option<u64>, u64),
    rel: (Option<u64>, u64),
    plt: (Option<u64>, u64),
    plt_has_addends: bool,
}

impl<'data> Dynamic<'data> {
    /// None where the file has no dynamic table.
    pub fn read<E: FileHeader<Endian = ByteOrder>>(image: &Image<'data, E>) -> Result<Option<Self>, InspectError> {
        let Some((table, offset)) = table(image)? else { return Ok(None) };
        let mut dynamic = Self::default();
        let mut names = Names::default();
        let mut parts = RelocationParts::default();
        for entry in entries::<E>(table) {
            let (tag, value) = (entry.tag(image.endian), entry.val(image.endian));
            match tag {
                elf::DT_NULL => break,
                elf::DT_NEEDED if names.needed.len() == MAX_NEEDED => {
                    return Err(InspectError::TooMany { what: "needed libraries", limit: MAX_NEEDED });
                }
                elf::DT_NEEDED => names.needed.push(value),
                elf::DT_SONAME => names.soname = Some(value),
                elf::DT_RPATH => names.rpath = Some(value),
                elf::DT_RUNPATH => names.runpath = Some(value),
                _ => {
                    dynamic.take(tag, value);
                    parts.take(tag, value);
                }
            }
        }
        dynamic.relocations = parts.tables();
        dynamic.strings = match dynamic.string_table {
            Some(address) => image.at_address(address).ok_or(InspectError::Malformed {
                what: "dynamic table",
                offset,
                reason: "its string table lies in no segment",
            })?,
            None => &[],
        };
        dynamic.resolve(&names, offset)?;
        Ok(Some(dynamic))
    }

    fn take(&mut self, tag: elf::DynamicTag, value: u64) {
        match tag {
            elf::DT_STRTAB => self.string_table = Some(value),
            elf::DT_SYMTAB => self.symbol_table = Some(value),
            elf::DT_HASH => self.hash = Some(value),
            elf::DT_GNU_HASH => self.gnu_hash = Some(value),
            elf::DT_VERSYM => self.versym = Some(value),
            elf::DT_VERNEED => self.verneed = Some(value),
            elf::DT_RELR => self.relr = true,
            elf::DT_TEXTREL => self.textrel = true,
            elf::DT_BIND_NOW => self.bind_now = true,
            elf::DT_FLAGS => {
                self.textrel |= value & elf::DF_TEXTREL.0 != 0;
                self.bind_now |= value & elf::DF_BIND_NOW.0 != 0;
            }
            elf::DT_FLAGS_1 => {
                self.bind_now |= value & elf::DF_1_NOW.0 != 0;
                self.pie |= value & elf::DF_1_PIE.0 != 0;
            }
            _ => {}
        }
    }

    fn resolve(&mut self, names: &Names, offset: u64) -> Result<(), InspectError> {
        let string = |at: u64, reason| {
            let found = string_at(self.strings, at).map(lossy);
            found.ok_or(InspectError::Malformed { what: "dynamic table", offset, reason })
        };
        let paths = |at: Option<u64>| match at {
            Some(at) => string(at, "a search path lies outside of the string table").map(|list| split_search_path(&list)),
            None => Ok(Vec::new()),
        };
        let needed = names.needed.iter().map(|at| string(*at, "the name of a needed library lies outside of the string table"));
        let needed = needed.collect::<Result<Vec<_>, _>>()?;
        let soname = names.soname.map(|at| string(at, "the SONAME lies outside of the string table")).transpose()?;
        let (rpath, runpath) = (paths(names.rpath)?, paths(names.runpath)?);
        (self.needed, self.soname, self.rpath, self.runpath) = (needed, soname, rpath, runpath);
        Ok(())
    }
}

impl RelocationParts {
    fn take(&mut self, tag: elf::DynamicTag, value: u64) {
        match tag {
            elf::DT_RELA => self.rela.0 = Some(value),
            elf::DT_RELASZ => self.rela.1 = value,
            elf::DT_REL => self.rel.0 = Some(value),
            elf::DT_RELSZ => self.rel.1 = value,
            elf::DT_JMPREL => self.plt.0 = Some(value),
            elf::DT_PLTRELSZ => self.plt.1 = value,
            elf::DT_PLTREL => self.plt_has_addends = value == elf::DT_RELA.0 as u64,
            _ => {}
        }
    }

    fn tables(self) -> Vec<Relocations> {
        let table = |(address, size): (Option<u64>, u64), with_addends| address.map(|address| Relocations { address, size, with_addends });
        [table(self.rela, true), table(self.rel, false), table(self.plt, self.plt_has_addends)].into_iter().flatten().collect()
    }
}

/// The table's bytes, up to the end of its segment, and its offset.
fn table<'data, E: FileHeader<Endian = ByteOrder>>(image: &Image<'data, E>) -> Result<Option<(&'data [u8], u64)>, InspectError> {
    // glibc takes the last PT_DYNAMIC; no linker writes two.
    let Some(segment) = image.segments.iter().rfind(|segment| segment.p_type(image.endian) == elf::PT_DYNAMIC) else { return Ok(None) };
    let (offset, size) = segment.file_range(image.endian);
    if size == 0 {
        return Ok(None);
    }
    let address = segment.p_vaddr(image.endian).into();
    match image.offset_of(address) {
        Some(loaded) if loaded != offset => {
            Err(InspectError::Malformed { what: "dynamic table", offset, reason: "its address is that of other bytes than its offset" })
        }
        Some(_) => Ok(image.at_address(address).map(|bytes| (bytes, offset))),
        None => {
            let length = image.bytes.len() as u64;
            let bytes = segment.data(image.endian, image.bytes);
            bytes.map(|bytes| Some((bytes, offset))).map_err(|()| InspectError::Truncated { what: "dynamic table", offset, length })
        }
    }
}

fn entries<E: FileHeader>(table: &[u8]) -> impl Iterator<Item = &E::Dyn> {
    table.chunks_exact(size_of::<E::Dyn>()).map_while(|chunk| object::pod::from_bytes::<E::Dyn>(chunk).ok().map(|(entry, _)| entry))
}

/// An empty string is no search path (ld.so ignores it); an empty item within one is the working folder.
fn split_search_path(list: &str) -> Vec<String> {
    if list.is_empty() { Vec::new() } else { list.split(':').map(str::to_owned).collect() }
}
