//! The version need table: which versions of which libraries the loader insists on, whether or not a symbol uses them.
//!
//! Layout: `Verneed` and `Vernaux` of the Linux Standard Base, "Symbol Versioning". Entries are followed until an offset of nought, as
//! ld.so does; the counts beside them are not believed.

use std::collections::{BTreeMap, BTreeSet};

use object::Endianness as ByteOrder;
use object::elf::{VER_FLG_WEAK, VER_NEED_CURRENT, Vernaux, Verneed};
use object::read::ReadRef;
use object::read::elf::FileHeader;

use super::dynamic::Dynamic;
use super::image::{Image, lossy, string_at};
use crate::error::InspectError;
use crate::facts::{FloorDemand, VersionDemand};
use crate::version::split_version_name;

/// More versions than any file demands: the largest programs of a distribution have about a hundred.
const MAX_DEMANDS: usize = 4096;

/// Longest name of a version, in bytes.
const MAX_VERSION_NAME: usize = 1024;

/// Symbols that are kept to be named for each version.
const NAMED_SYMBOLS: usize = 12;

/// A demand, and the index by which symbols refer to it.
pub(super) struct Need {
    pub index: u16,
    pub demand: VersionDemand,
    names: BTreeSet<Vec<u8>>,
}

impl Need {
    /// Counts a symbol, and keeps its name if it is among the first in the alphabet.
    pub fn add_symbol(&mut self, name: &[u8]) {
        self.demand.symbol_count = self.demand.symbol_count.saturating_add(1);
        let is_late = || self.names.last().is_some_and(|last| last.as_slice() <= name);
        if self.names.len() == NAMED_SYMBOLS && is_late() {
            return;
        }
        self.names.insert(name.to_owned());
        if self.names.len() > NAMED_SYMBOLS {
            self.names.pop_last();
        }
    }

    /// Moves the names into the demand.
    pub fn finish(&mut self) {
        self.demand.symbols = std::mem::take(&mut self.names).iter().map(|name| lossy(name)).collect();
    }
}

/// The table, in document order.
pub(super) fn read<E: FileHeader<Endian = ByteOrder>>(image: &Image<'_, E>, dynamic: &Dynamic<'_>) -> Result<Vec<Need>, InspectError> {
    let Some(address) = dynamic.verneed else { return Ok(Vec::new()) };
    let Some(table) = image.at_address(address) else {
        return Err(InspectError::Malformed { what: "version need table", offset: address, reason: "its address lies in no segment" });
    };
    let base = image.offset_of(address).unwrap_or(address);
    let malformed = |at: u64, reason| InspectError::Malformed { what: "version need table", offset: base.saturating_add(at), reason };
    let cut_off = |at: u64| malformed(at, "an entry lies outside of its segment");
    let mut needs = Vec::new();
    let mut libraries = 0;
    let mut at = 0u64;
    loop {
        let need = table.read_at::<Verneed<ByteOrder>>(at).map_err(|()| cut_off(at))?;
        if need.vn_version.get(image.endian) != VER_NEED_CURRENT {
            return Err(malformed(at, "its version is not 1"));
        }
        let library = string_at(dynamic.strings, need.vn_file.get(image.endian).into())
            .ok_or_else(|| malformed(at, "the name of a library lies outside of the string table"))?;
        let mut aux_at = at.saturating_add(need.vn_aux.get(image.endian).into());
        loop {
            let aux = table.read_at::<Vernaux<ByteOrder>>(aux_at).map_err(|()| cut_off(aux_at))?;
            let name = string_at(dynamic.strings, aux.vna_name.get(image.endian).into())
                .filter(|name| name.len() <= MAX_VERSION_NAME)
                .ok_or_else(|| malformed(aux_at, "the name of a version is too long or lies outside of the string table"))?;
            needs.push(Need {
                index: aux.vna_other.get(image.endian).0 & 0x7fff,
                demand: VersionDemand {
                    name: lossy(name),
                    library: lossy(library),
                    weak: aux.vna_flags.get(image.endian).contains(VER_FLG_WEAK),
                    symbols: Vec::new(),
                    symbol_count: 0,
                },
                names: BTreeSet::new(),
            });
            if needs.len() > MAX_DEMANDS {
                return Err(InspectError::TooMany { what: "demanded versions", limit: MAX_DEMANDS });
            }
            match aux.vna_next.get(image.endian) {
                0 => break,
                next => aux_at = aux_at.saturating_add(next.into()),
            }
        }
        libraries += 1;
        match need.vn_next.get(image.endian) {
            0 => return Ok(needs),
            _ if libraries > MAX_DEMANDS => return Err(InspectError::TooMany { what: "libraries with versions", limit: MAX_DEMANDS }),
            next => at = at.saturating_add(next.into()),
        }
    }
}

/// The highest number for each prefix. Where several libraries must provide it, the one is named that symbols are known for.
pub(super) fn floors(demands: &[VersionDemand]) -> BTreeMap<String, FloorDemand> {
    let mut floors = BTreeMap::<String, FloorDemand>::new();
    for demand in demands {
        let Some((prefix, version)) = split_version_name(&demand.name) else { continue };
        let is_better = floors
            .get(prefix)
            .is_none_or(|known| (&version, !demand.symbols.is_empty()).cmp(&(&known.version, !known.symbols.is_empty())).is_gt());
        if is_better {
            let floor = FloorDemand { version, symbols: demand.symbols.clone(), library: demand.library.clone() };
            floors.insert(prefix.to_owned(), floor);
        }
    }
    floors
}
