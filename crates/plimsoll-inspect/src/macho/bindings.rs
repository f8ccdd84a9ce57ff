//! Bindings: the tables by which dyld finds undefined symbols, and which of these no library was named for.
//!
//! Layout: opcodes at `dyld_info_command` of `mach-o/loader.h`, and `mach-o/fixup-chains.h`. Symbol tables say it too, and not every linker
//! (zig's) writes it there.

use std::collections::BTreeSet;

use object::Endianness as ByteOrder;
use object::macho::{self, BindDylib, DyldChainedFixupsHeader, DyldChainedImport32, DyldChainedImport64};
use object::read::ReadRef;
use object::read::macho::BindOperation;
use object::{U32, U64};

use super::commands::Commands;
use crate::error::InspectError;
use crate::strings::{MAX_SYMBOL_NAME, symbol_name_at};

/// More names than any file looks up so: CPython's whole interface has about two thousand. All of them are judged, so that a file with more is
/// refused rather than read in part.
const MAX_NAMES: usize = 65_536;

/// Symbols that are looked for in all that is loaded, or in the program, by opcodes or by chains.
pub(super) fn flat<'data>(
    commands: &Commands<'data>,
    endian: ByteOrder,
    bytes: &'data [u8],
) -> Result<BTreeSet<&'data [u8]>, InspectError> {
    let mut found = BTreeSet::new();
    opcodes(commands, endian, bytes, &mut found)?;
    chains(commands, endian, bytes, &mut found)?;
    Ok(found)
}

/// Lazy bindings end after each symbol, so that an end is no end of the table.
fn opcodes<'data>(
    commands: &Commands<'data>,
    endian: ByteOrder,
    bytes: &'data [u8],
    found: &mut BTreeSet<&'data [u8]>,
) -> Result<(), InspectError> {
    let Some(info) = commands.dyld_info else { return Ok(()) };
    let offset = u64::from(info.bind_off.get(endian));
    let malformed =
        |_| InspectError::Malformed { what: "table of bindings", offset, reason: "it lies outside of the file, or has no such operation" };
    for operations in [info.bind_operations(endian, bytes), info.lazy_bind_operations(endian, bytes)] {
        let (mut name, mut library) = (&[][..], macho::BIND_SPECIAL_DYLIB_SELF);
        for operation in operations.map_err(malformed)? {
            match operation.map_err(malformed)?.1 {
                BindOperation::SetDylibOrdinal { ordinal } => library = BindDylib(i32::try_from(ordinal).unwrap_or(i32::MAX)),
                BindOperation::SetDylibSpecial { ordinal } => library = ordinal,
                BindOperation::SetSymbol { name: symbol, .. } => name = &symbol[..symbol.len().min(MAX_SYMBOL_NAME)],
                BindOperation::DoBind
                | BindOperation::DoBindAddAddr { .. }
                | BindOperation::DoBindAddAddrScaled { .. }
                | BindOperation::DoBindTimesSkipping { .. } => keep(library, name, found)?,
                _ => {}
            }
        }
    }
    Ok(())
}

fn chains<'data>(
    commands: &Commands<'data>,
    endian: ByteOrder,
    bytes: &'data [u8],
    found: &mut BTreeSet<&'data [u8]>,
) -> Result<(), InspectError> {
    let Some(place) = commands.chains.filter(|place| place.size > 0) else { return Ok(()) };
    let malformed = |reason| InspectError::Malformed { what: "chained fixups", offset: place.offset, reason };
    let outside = |()| malformed("its imports lie outside of it");
    let data = place.of(bytes, "chained fixups")?;
    let header = data.read_at::<DyldChainedFixupsHeader<ByteOrder>>(0).map_err(outside)?;
    let (imports, count) = (u64::from(header.imports_offset.get(endian)), header.imports_count.get(endian) as usize);
    if count == 0 {
        return Ok(());
    }
    if header.symbols_format.get(endian) != 0 {
        return Err(malformed("its names are compressed, which no linker does"));
    }
    let names = usize::try_from(header.symbols_offset.get(endian)).ok().and_then(|from| data.get(from..)).ok_or_else(|| outside(()))?;
    let mut import = |library, name: u32| keep(library, symbol_name_at(names, name.into()).unwrap_or_default(), found);
    match header.imports_format.get(endian) {
        macho::DYLD_CHAINED_IMPORT => {
            for entry in data.read_slice_at::<U32<ByteOrder>>(imports, count).map_err(outside)? {
                let entry = DyldChainedImport32(entry.get(endian));
                import(entry.dylib(), entry.name_offset())?;
            }
        }
        macho::DYLD_CHAINED_IMPORT_ADDEND => {
            for [entry, _] in data.read_slice_at::<[U32<ByteOrder>; 2]>(imports, count).map_err(outside)? {
                let entry = DyldChainedImport32(entry.get(endian));
                import(entry.dylib(), entry.name_offset())?;
            }
        }
        macho::DYLD_CHAINED_IMPORT_ADDEND64 => {
            for [entry, _] in data.read_slice_at::<[U64<ByteOrder>; 2]>(imports, count).map_err(outside)? {
                let entry = DyldChainedImport64(entry.get(endian));
                import(entry.dylib(), entry.name_offset())?;
            }
        }
        _ => return Err(malformed("its imports have a form that does not exist")),
    }
    Ok(())
}

fn keep<'data>(library: BindDylib, name: &'data [u8], found: &mut BTreeSet<&'data [u8]>) -> Result<(), InspectError> {
    let is_flat = [macho::BIND_SPECIAL_DYLIB_FLAT_LOOKUP, macho::BIND_SPECIAL_DYLIB_MAIN_EXECUTABLE].contains(&library);
    if is_flat { take(name, found) } else { Ok(()) }
}

/// One more name, without the underscore that every name of C's begins with.
pub(super) fn take<'data>(name: &'data [u8], found: &mut BTreeSet<&'data [u8]>) -> Result<(), InspectError> {
    found.insert(name.strip_prefix(b"_").unwrap_or(name));
    if found.len() > MAX_NAMES {
        return Err(InspectError::TooMany { what: "symbols that no library is named for", limit: MAX_NAMES });
    }
    Ok(())
}
