//! The file as a whole: its checksum, what its sections may do, and what lies behind all that the headers tell of.

use object::LittleEndian as LE;
use object::U32;
use object::pe;
use object::read::ReadRef;
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader};

use super::image::Image;
use crate::error::InspectError;
use crate::facts::Checksum;
use crate::strings::{fixed, string_at};

/// From the PE header to the checksum, in PE32 and in PE32+.
const CHECKSUM: u64 = 24 + 64;

/// Size of an entry of the symbol table (IMAGE_SIZEOF_SYMBOL).
const SYMBOL: u64 = 18;

/// Signatures begin at a multiple of this.
const SIGNATURE_ALIGNMENT: u64 = 8;

/// Where the signatures lie, by their offset in the file: this directory alone has no address.
pub(super) fn signature<H: ImageNtHeaders>(image: &Image<'_, H>) -> Result<Option<(u32, u32)>, InspectError> {
    let Some(directory) = image.directory(pe::IMAGE_DIRECTORY_ENTRY_SECURITY) else { return Ok(None) };
    let (offset, size) = directory.address_range();
    let length = image.bytes.len() as u64;
    if u64::from(offset) + u64::from(size) > length {
        return Err(InspectError::Truncated { what: "table of signatures", offset: offset.into(), length });
    }
    Ok((size > 0).then_some((offset, size)))
}

/// Sections that can be written and executed at once.
pub(super) fn writable_executable<H: ImageNtHeaders>(image: &Image<'_, H>) -> u32 {
    let is_both = |section: &&pe::ImageSectionHeader| {
        let flags = section.characteristics.get(LE);
        flags.contains(pe::IMAGE_SCN_MEM_WRITE) && flags.contains(pe::IMAGE_SCN_MEM_EXECUTE)
    };
    image.sections.iter().filter(is_both).count() as u32
}

/// Whether a section's name begins as those of DWARF do. Names of more than eight bytes stand behind the symbol table.
pub(super) fn has_dwarf<H: ImageNtHeaders>(image: &Image<'_, H>) -> bool {
    image.sections.iter().any(|section| {
        let name = fixed(&section.name);
        let at = name.strip_prefix(b"/").and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|digits| digits.parse::<u64>().ok());
        let long = at.zip(strings(image)).and_then(|(at, strings)| string_at(image.bytes, strings.saturating_add(at)));
        long.unwrap_or(name).starts_with(b".debug_")
    })
}

/// Bytes behind headers, sections, symbols and signatures.
pub(super) fn overlay<H: ImageNtHeaders>(image: &Image<'_, H>, signature: Option<(u32, u32)>) -> u64 {
    let length = image.bytes.len() as u64;
    let sections =
        image.sections.iter().map(|section| u64::from(section.pointer_to_raw_data.get(LE)) + u64::from(section.size_of_raw_data.get(LE)));
    let symbols = strings(image).map(|strings| {
        let size = image.bytes.read_at::<U32<LE>>(strings).map_or(0, |size| size.get(LE));
        strings.saturating_add(size.into())
    });
    let headers = u64::from(image.headers.optional_header().size_of_headers());
    let end = sections.chain(symbols).chain([headers]).max().unwrap_or(0).min(length);
    match signature {
        Some((offset, size)) => {
            let end = if u64::from(offset) >= end { end.next_multiple_of(SIGNATURE_ALIGNMENT) } else { end };
            length.saturating_sub(end).saturating_sub(size.into())
        }
        None => length - end,
    }
}

/// The sum that `MapFileAndCheckSum` of Windows computes: of 16-bit numbers with their carries, and the length.
pub(super) fn checksum<H: ImageNtHeaders>(image: &Image<'_, H>) -> Checksum {
    let stated = image.headers.optional_header().check_sum();
    if stated == 0 {
        return Checksum::Absent;
    }
    let own = image.offset + CHECKSUM;
    let mut sum = 0u64;
    for (index, pair) in image.bytes.chunks(2).enumerate() {
        let at = index as u64 * 2;
        let byte = |position: usize| {
            let is_own = (own..own + 4).contains(&(at + position as u64));
            if is_own { 0 } else { pair.get(position).copied().unwrap_or(0) }
        };
        sum += u64::from(u16::from_le_bytes([byte(0), byte(1)]));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    let computed = sum + image.bytes.len() as u64;
    if computed & 0xffff_ffff == u64::from(stated) { Checksum::Valid } else { Checksum::Wrong }
}

/// Where the string table begins: behind the symbols.
fn strings<H: ImageNtHeaders>(image: &Image<'_, H>) -> Option<u64> {
    let header = image.headers.file_header();
    let symbols = Some(u64::from(header.pointer_to_symbol_table.get(LE))).filter(|offset| *offset != 0)?;
    Some(symbols + u64::from(header.number_of_symbols.get(LE)) * SYMBOL)
}
