//! Universal files: a list of images for several processors, in which none may hide behind another.
//!
//! Layout: `fat_header` and `fat_arch` of `mach-o/fat.h`, always with the most significant byte first.

use std::collections::HashSet;

use object::BigEndian;
use object::macho::FatHeader;
use object::read::ReadRef;
use object::read::macho::FatArch;

use super::machine::CAPABILITIES;
use super::thin;
use crate::error::InspectError;
use crate::facts::{Endianness, Facts, Linkage};
use crate::format::Format;

/// More processors than Apple ever had; [`crate::format`] recognises no file with more.
const MAX_SLICES: usize = 44;

/// Largest alignment that a slice may ask for, as a power of two (MAXSECTALIGN of Apple's tools).
const MAX_ALIGN: u32 = 15;

/// Facts of every slice; of the file itself what is common to all.
pub(super) fn inspect<A: FatArch>(bytes: &[u8]) -> Result<Facts, InspectError> {
    let length = bytes.len() as u64;
    let truncated = |what, offset| InspectError::Truncated { what, offset, length };
    let header = bytes.read_at::<FatHeader>(0).map_err(|()| truncated("universal header", 0))?;
    let count = usize::try_from(header.nfat_arch.get(BigEndian)).unwrap_or(usize::MAX);
    if count > MAX_SLICES {
        return Err(InspectError::TooMany { what: "slices of a universal file", limit: MAX_SLICES });
    }
    let mut end_of_table = size_of::<FatHeader>() as u64;
    let entries = bytes.read_slice::<A>(&mut end_of_table, count).map_err(|()| truncated("table of slices", 8))?;
    let mut ranges = vec![(0, end_of_table)];
    let mut slices = Vec::<Facts>::new();
    for entry in entries {
        let (offset, size) = entry.file_range();
        let malformed = |reason| InspectError::Malformed { what: "slice", offset, reason };
        let image = bytes.read_bytes_at(offset, size).map_err(|()| truncated("slice", offset))?;
        // Cannot overflow: the range lies within the file.
        let end = offset.saturating_add(size);
        if ranges.iter().any(|(from, to)| offset < *to && *from < end) {
            return Err(malformed("it overlaps another slice, or the table"));
        }
        ranges.push((offset, end));
        if entry.align() > MAX_ALIGN || offset % (1 << entry.align().min(MAX_ALIGN)) != 0 {
            return Err(malformed("it does not begin at a multiple of its alignment"));
        }
        let facts = thin(image).map_err(|error| error.at(offset))?;
        let own = processor(&facts);
        if own != Some((entry.cputype().0, entry.cpusubtype().0 & !CAPABILITIES)) {
            return Err(malformed("it is for another processor than the table says"));
        }
        if slices.iter().any(|known| processor(known) == own) {
            return Err(malformed("there is another slice for the same processor"));
        }
        slices.push(facts);
    }
    Ok(whole(slices))
}

/// Type and subtype, without the capabilities, which the table and a slice may tell differently.
fn processor(facts: &Facts) -> Option<(u32, u32)> {
    facts.macho.as_ref().map(|own| (own.cpu_type, own.cpu_subtype & !CAPABILITIES))
}

fn whole(slices: Vec<Facts>) -> Facts {
    let class = slices.iter().map(|slice| slice.class).max().unwrap_or(64);
    let mut facts = Facts::new(Format::MachO, class, Endianness::Little, "universal".to_owned());
    let first = slices.first().map_or(Linkage::Unknown, |slice| slice.linkage);
    facts.linkage = if slices.iter().all(|slice| slice.linkage == first) { first } else { Linkage::Unknown };
    let mut seen = HashSet::new();
    facts.needed = slices.iter().flat_map(|slice| &slice.needed).filter(|library| seen.insert(library.as_str())).cloned().collect();
    facts.slices = slices;
    facts
}
