//! A PE file's headers, checked against the file's length, and the way from an address to the bytes that are loaded there.
//!
//! The only place that turns addresses into slices.

use object::LittleEndian as LE;
use object::pe::ImageDataDirectory;
use object::read::pe::{DataDirectories, ImageNtHeaders, ImageOptionalHeader, SectionTable};

use crate::error::InspectError;
use crate::strings::{lossy, string_at};

/// More sections than Windows loads (96), and than any file has that serves something else.
const MAX_SECTIONS: usize = 1024;

/// Headers of one file.
pub(super) struct Image<'data, H: ImageNtHeaders> {
    pub bytes: &'data [u8],
    pub headers: &'data H,
    pub sections: SectionTable<'data>,
    /// Where the PE header begins.
    pub offset: u64,
    directories: DataDirectories<'data>,
}

impl<'data, H: ImageNtHeaders> Image<'data, H> {
    pub fn parse(bytes: &'data [u8], offset: u64) -> Result<Self, InspectError> {
        let length = bytes.len() as u64;
        let mut at = offset;
        let cut_off = |what, offset| InspectError::Truncated { what, offset, length };
        let (headers, directories) = H::parse(bytes, &mut at).map_err(|_| cut_off("PE header", offset))?;
        let sections = headers.sections(bytes, at).map_err(|_| cut_off("section table", at))?;
        if sections.iter().count() > MAX_SECTIONS {
            return Err(InspectError::TooMany { what: "sections", limit: MAX_SECTIONS });
        }
        for section in sections.iter() {
            let (from, size) = (u64::from(section.pointer_to_raw_data.get(LE)), u64::from(section.size_of_raw_data.get(LE)));
            if from != 0 && from + size > length {
                return Err(cut_off("section", from));
            }
        }
        Ok(Self { bytes, headers, sections, offset, directories })
    }

    /// A directory that is there.
    pub fn directory(&self, index: usize) -> Option<&'data ImageDataDirectory> {
        self.directories.get(index).filter(|directory| directory.virtual_address.get(LE) != 0)
    }

    /// The bytes from an address, relative to the image's base, to the end of what holds it: a section or the headers.
    pub fn at(&self, address: u32) -> Option<&'data [u8]> {
        let headers = self.headers.optional_header().size_of_headers();
        if address < headers {
            let end = usize::try_from(headers).ok()?.min(self.bytes.len());
            return self.bytes.get(usize::try_from(address).ok()?..end);
        }
        self.sections.pe_data_at(self.bytes, address)
    }

    /// The string at an address.
    pub fn string(&self, address: u32, what: &'static str) -> Result<String, InspectError> {
        let found = self.at(address).and_then(|bytes| string_at(bytes, 0));
        found.map(lossy).ok_or_else(|| self.malformed(what, address, "a name in it is too long, has no end, or lies in no section"))
    }

    /// An error about something that an address leads to; the offset in the file is given where there is one.
    pub fn malformed(&self, what: &'static str, address: u32, reason: &'static str) -> InspectError {
        let offset = self.sections.pe_file_range_at(address).map_or(address, |(offset, _)| offset);
        InspectError::Malformed { what, offset: offset.into(), reason }
    }
}
