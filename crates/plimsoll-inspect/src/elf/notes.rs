//! Notes: the build ID.
//!
//! Damaged notes are no notes: nothing is loaded by them.

use std::fmt::Write;

use object::Endianness as ByteOrder;
use object::elf;
use object::read::elf::{FileHeader, NoteIterator, ProgramHeader, SectionHeader};

use super::image::Image;

/// Longest build ID that is taken, in bytes; the usual ones have 16 or 20.
const MAX_BUILD_ID: usize = 64;

/// NT_GNU_BUILD_ID in lower-case hexadecimal, from a segment or else from a section.
pub(super) fn build_id<E: FileHeader<Endian = ByteOrder>>(image: &Image<'_, E>) -> Option<String> {
    // The segments of a separate debug file describe the file that it was taken from.
    let segments = if image.is_loaded() { image.segments } else { &[] };
    let mut in_segments = segments.iter().filter_map(|segment| segment.notes(image.endian, image.bytes).ok().flatten());
    let mut in_sections = image.sections.iter().filter_map(|section| section.notes(image.endian, image.bytes).ok().flatten());
    in_segments.find_map(from_notes(image.endian)).or_else(|| in_sections.find_map(from_notes(image.endian)))
}

fn from_notes<'data, E: FileHeader<Endian = ByteOrder>>(endian: ByteOrder) -> impl FnMut(NoteIterator<'data, E>) -> Option<String> {
    move |notes| {
        let mut notes = notes.map_while(Result::ok);
        let id = notes.find(|note| note.name() == elf::ELF_NOTE_GNU && note.n_type(endian) == elf::NT_GNU_BUILD_ID)?.desc();
        (1..=MAX_BUILD_ID).contains(&id.len()).then(|| hexadecimal(id))
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
