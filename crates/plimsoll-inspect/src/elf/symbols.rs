//! The dynamic symbol table: which symbol asks for which version, and the few names that facts are about.
//!
//! The table states no length. A section header or a hash table tells it, and where neither does, the relocations that refer to it.

use std::collections::{BTreeSet, HashMap};

use object::Endianness as ByteOrder;
use object::elf;
use object::read::ReadRef;
use object::read::elf::{FileHeader, GnuHashTable, HashTable, Rel, Rela, SectionHeader, Sym};

use super::demands::Need;
use super::dynamic::Dynamic;
use super::image::{Image, lossy, string_at};
use crate::error::InspectError;
use crate::strings::MAX_SYMBOL_NAME;

/// Names that are kept of one sort. CPython's whole interface has about two thousand.
const MAX_NAMES: usize = 8192;

/// Names found in the table, each list sorted.
pub(super) struct Symbols {
    pub unversioned_new: Vec<String>,
    pub entry_points: Vec<String>,
    pub host_imports: Vec<String>,
}

/// Goes through the table once; symbols are added to the needs that they refer to.
pub(super) fn read<E: FileHeader<Endian = ByteOrder>>(
    image: &Image<'_, E>,
    dynamic: &Dynamic<'_>,
    needs: &mut [Need],
) -> Result<Symbols, InspectError> {
    let mut lists = [const { BTreeSet::<&[u8]>::new() }; 3];
    let [unversioned_new, entry_points, host_imports] = &mut lists;
    let by_index = needs.iter().enumerate().map(|(position, need)| (need.index, position)).collect::<HashMap<_, _>>();
    let versions = dynamic.versym.and_then(|address| image.at_address(address)).unwrap_or_default();
    for (index, symbol) in table(image, dynamic)?.iter().enumerate().skip(1) {
        let version = version_of(versions, index, image.endian);
        let need = by_index.get(&version).copied();
        let is_undefined = symbol.is_undefined(image.endian);
        let Some(name) = string_at(dynamic.strings, symbol.st_name(image.endian).into()) else { continue };
        let name = &name[..name.len().min(MAX_SYMBOL_NAME)];
        if let Some(need) = need.and_then(|position| needs.get_mut(position)) {
            need.add_symbol(name);
        }
        let list = match (is_undefined, name) {
            (true, [b'_', b'_', b'i', b's', b'o', b'c', b'2', b'3', b'_', ..]) if need.is_none() => &mut *unversioned_new,
            (true, [b'e', b'n', b'i', b'f', b'_', ..] | [b'P', b'y', ..] | [b'_', b'P', b'y', ..]) => &mut *host_imports,
            (false, b"nif_init" | [b'P', b'y', b'I', b'n', b'i', b't', b'_', ..]) => &mut *entry_points,
            _ => continue,
        };
        if list.len() < MAX_NAMES {
            list.insert(name);
        }
    }
    needs.iter_mut().for_each(Need::finish);
    let [unversioned_new, entry_points, host_imports] = lists.map(|list| list.into_iter().map(lossy).collect());
    Ok(Symbols { unversioned_new, entry_points, host_imports })
}

/// Index of a symbol's version; 1 (global, without a version) where there is no table.
fn version_of(versions: &[u8], index: usize, endian: ByteOrder) -> u16 {
    let version = versions.read_at::<elf::Versym<ByteOrder>>(index as u64 * 2);
    version.map_or(1, |version| version.0.get(endian).index().0)
}

fn table<'data, E: FileHeader<Endian = ByteOrder>>(
    image: &Image<'data, E>,
    dynamic: &Dynamic<'_>,
) -> Result<&'data [E::Sym], InspectError> {
    let Some(address) = dynamic.symbol_table else { return Ok(&[]) };
    let Some(bytes) = image.at_address(address) else {
        return Err(InspectError::Malformed { what: "dynamic symbol table", offset: address, reason: "its address lies in no segment" });
    };
    let room = bytes.len() / size_of::<E::Sym>();
    let count = count(image, dynamic, address).min(room);
    bytes.read_slice_at(0, count).map_err(|()| InspectError::Truncated {
        what: "dynamic symbol table",
        offset: address,
        length: image.bytes.len() as u64,
    })
}

/// The largest count that anything in the file tells of.
fn count<E: FileHeader<Endian = ByteOrder>>(image: &Image<'_, E>, dynamic: &Dynamic<'_>, address: u64) -> usize {
    let by_section = image.sections.iter().filter(|section| section.sh_type(image.endian) == elf::SHT_DYNSYM);
    let by_section = by_section.filter(|section| section.sh_addr(image.endian).into() == address);
    let by_section = by_section.map(|section| section.sh_size(image.endian).into() / size_of::<E::Sym>() as u64).max().unwrap_or(0);
    // s390x and alpha have 64-bit entries in DT_HASH.
    let has_wide_hash = matches!(image.machine(), elf::EM_S390 | elf::EM_ALPHA) && E::is_type_64_sized();
    let by_hash = dynamic.hash.filter(|_| !has_wide_hash).and_then(|address| image.at_address(address));
    let by_hash = by_hash.and_then(|data| HashTable::<E>::parse(image.endian, data).ok()).map_or(0, |hash| hash.symbol_table_length());
    let gnu_hash = dynamic.gnu_hash.and_then(|address| image.at_address(address));
    let gnu_hash = gnu_hash.and_then(|data| GnuHashTable::<E>::parse(image.endian, data).ok());
    // Only defined symbols are hashed: with none of them the table says nothing about the undefined ones before them.
    let by_gnu_hash = gnu_hash.and_then(|hash| hash.symbol_table_length(image.endian)).unwrap_or(0);
    let known = by_section.max(by_hash.into()).max(by_gnu_hash.into());
    let known = if known == 0 { by_relocations(image, dynamic) } else { known };
    usize::try_from(known).unwrap_or(usize::MAX)
}

fn by_relocations<E: FileHeader<Endian = ByteOrder>>(image: &Image<'_, E>, dynamic: &Dynamic<'_>) -> u64 {
    let mut highest = 0;
    for relocations in &dynamic.relocations {
        let Some(bytes) = image.at_address(relocations.address) else { continue };
        let bytes = &bytes[..bytes.len().min(usize::try_from(relocations.size).unwrap_or(usize::MAX))];
        let is_mips64el = E::is_type_64_sized() && image.machine() == elf::EM_MIPS && image.endian == ByteOrder::Little;
        let symbol = match relocations.with_addends {
            true => entries::<E::Rela>(bytes).iter().map(|entry| entry.r_sym(image.endian, is_mips64el)).max(),
            false => entries::<E::Rel>(bytes).iter().map(|entry| entry.r_sym(image.endian)).max(),
        };
        highest = highest.max(symbol.map_or(0, |symbol| u64::from(symbol) + 1));
    }
    highest
}

fn entries<T: object::pod::Pod>(bytes: &[u8]) -> &[T] {
    bytes.read_slice_at(0, bytes.len() / size_of::<T>()).unwrap_or_default()
}
