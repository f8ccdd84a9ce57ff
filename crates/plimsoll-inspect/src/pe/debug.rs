//! The record by which debuggers find the file of debug information.
//!
//! CodeView's `RSDS` record: a GUID, an age and a path. No loader looks at it, so that one which cannot be read is one that is not there.

use object::LittleEndian as LE;
use object::pe::{self, ImageDebugDirectory};
use object::read::ReadRef;
use object::read::pe::ImageNtHeaders;

use super::image::Image;
use crate::strings::{lossy, string_at};

/// Entries that are looked at.
const MAX_ENTRIES: usize = 64;

/// Where the path begins in a record.
const PATH: u64 = 24;

/// What the record says.
pub(super) struct Debug {
    /// GUID and age, in lower-case hexadecimal.
    pub id: String,
    /// The path as the linker wrote it.
    pub path: String,
}

/// The first such record.
pub(super) fn read<H: ImageNtHeaders>(image: &Image<'_, H>) -> Option<Debug> {
    let directory = image.directory(pe::IMAGE_DIRECTORY_ENTRY_DEBUG)?;
    let (address, size) = directory.address_range();
    let count = (size as usize / size_of::<ImageDebugDirectory>()).min(MAX_ENTRIES);
    let entries = image.at(address)?.read_slice_at::<ImageDebugDirectory>(0, count).ok()?;
    entries.iter().filter(|entry| entry.typ.get(LE) == pe::IMAGE_DEBUG_TYPE_CODEVIEW).find_map(|entry| {
        let record = image.bytes.read_bytes_at(entry.pointer_to_raw_data.get(LE).into(), entry.size_of_data.get(LE).into()).ok()?;
        let id = record.strip_prefix(b"RSDS")?.get(..20)?;
        let id = id.iter().map(|byte| format!("{byte:02x}")).collect();
        Some(Debug { id, path: lossy(string_at(record, PATH)?) })
    })
}
