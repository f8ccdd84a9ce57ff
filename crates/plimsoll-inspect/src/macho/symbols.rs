//! The symbol table, and with it the bindings: which undefined symbols no library was named for, and where debug information lies.
//!
//! Layout: `mach-o/nlist.h` and `mach-o/stab.h`.

use std::collections::BTreeSet;

use object::Endianness as ByteOrder;
use object::macho;
use object::read::ReadRef;
use object::read::macho::{MachHeader, Nlist};

use super::bindings;
use super::commands::{Commands, SymbolTable};
use crate::error::InspectError;
use crate::strings::{lossy, string_at, symbol_name_at};

/// Object files that are kept.
const MAX_OBJECT_FILES: usize = 100;

/// What the table tells; lists are sorted.
#[derive(Default)]
pub(super) struct Symbols {
    pub has_locals: bool,
    pub has_stabs: bool,
    pub flat_imports: Vec<String>,
    pub host_imports: Vec<String>,
    pub object_files: Vec<String>,
}

/// Goes through the table once.
pub(super) fn read<'data, H: MachHeader<Endian = ByteOrder>>(
    commands: &Commands<'data>,
    endian: ByteOrder,
    bytes: &'data [u8],
    two_level: bool,
) -> Result<Symbols, InspectError> {
    let mut flat = bindings::flat(commands, endian, bytes)?;
    let mut found = Symbols::default();
    if let Some(table) = commands.symbols {
        found.table::<H>(table, endian, bytes, two_level, &mut flat)?;
    }
    let is_host = |name: &[u8]| [&b"enif_"[..], b"Py", b"_Py"].iter().any(|prefix| name.starts_with(prefix));
    found.host_imports = flat.iter().filter(|name| is_host(name)).map(|name| lossy(name)).collect();
    found.flat_imports = flat.into_iter().map(lossy).collect();
    Ok(found)
}

impl Symbols {
    fn table<'data, H: MachHeader<Endian = ByteOrder>>(
        &mut self,
        table: SymbolTable,
        endian: ByteOrder,
        bytes: &'data [u8],
        two_level: bool,
        flat: &mut BTreeSet<&'data [u8]>,
    ) -> Result<(), InspectError> {
        let strings = if table.strings.size == 0 { &[][..] } else { table.strings.of(bytes, "string table")? };
        let length = bytes.len() as u64;
        let symbols = match table.count {
            0 => &[][..],
            count => bytes.read_slice_at::<H::Nlist>(table.offset, count).map_err(|()| InspectError::Truncated {
                what: "symbol table",
                offset: table.offset,
                length,
            })?,
        };
        for symbol in symbols {
            let (kind, at) = (symbol.n_type(), u64::from(symbol.n_strx(endian)));
            if kind.is_stab() {
                self.has_stabs = true;
                let is_object = kind.stab() == Some(macho::N_OSO) && self.object_files.len() < MAX_OBJECT_FILES;
                let path = string_at(strings, at).filter(|path| is_object && !path.is_empty());
                self.object_files.extend(path.map(lossy));
            } else if symbol.is_undefined() {
                // The highest eight bits say which library; nought means this very file, in an image that other parts are bound to.
                let library = (symbol.n_desc(endian).0 >> 8) as u8;
                let is_flat = !two_level || [macho::DYNAMIC_LOOKUP_ORDINAL.0, macho::EXECUTABLE_ORDINAL.0].contains(&library);
                if is_flat && kind.is_ext() {
                    bindings::take(symbol_name_at(strings, at).unwrap_or_default(), flat)?;
                }
            } else {
                self.has_locals |= !kind.is_ext();
            }
        }
        Ok(())
    }
}
