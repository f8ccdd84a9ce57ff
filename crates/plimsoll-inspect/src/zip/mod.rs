//! A reader of zip files that tells what the container says, and not only what comes out of it: two readers must see the same files.
//!
//! Installers read the table at the end; what streams reads the headers before the data. Whatever lets the two differ is a finding. Every length
//! is checked before it is used; no size that a file claims is believed before its data have been unpacked.

mod central;
mod content;
mod end;
mod extra;
mod layout;
mod local;
mod names;

use std::ops::Range;

use crate::python::{Findings, PackageCode};

pub(crate) use names::{climbs, is_absolute};

/// What helps against most faults of a container.
pub(super) const WRITE_ANEW: &str = "write the archive anew, in one pass, with a plain zip writer such as Python's `zipfile`";

/// An archive whose table could be read.
#[derive(Debug)]
pub(crate) struct Zip<'data> {
    bytes: &'data [u8],
    /// As the table at the end has them.
    pub entries: Vec<Entry>,
}

/// One file or folder.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Not UTF-8 means replaced.
    pub name: String,
    raw_name: Vec<u8>,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    /// As it is stated.
    pub size: u64,
    /// Type and permissions; none where no Unix wrote it.
    pub mode: Option<u32>,
    has_comment: bool,
    /// Where its local header lies.
    header: u64,
    /// Where its data lie; none where no local header could be read.
    data: Option<Range<usize>>,
}

const FOLDER: u32 = 0o040_000;
const LINK: u32 = 0o120_000;
const REGULAR: u32 = 0o100_000;
const TYPE: u32 = 0o170_000;

impl Entry {
    /// By its name, as every reader decides.
    pub fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }

    pub fn is_link(&self) -> bool {
        self.mode.is_some_and(|mode| mode & TYPE == LINK)
    }

    /// Neither a file nor a folder nor a link.
    pub fn is_special(&self) -> bool {
        self.mode.is_some_and(|mode| ![0, FOLDER, LINK, REGULAR].contains(&(mode & TYPE)))
    }

    pub fn is_executable(&self) -> bool {
        self.mode.is_some_and(|mode| mode & 0o111 != 0)
    }
}

impl<'data> Zip<'data> {
    /// None where it has no table that can be read; the findings say why. Contents are not looked at.
    pub fn read(bytes: &'data [u8], findings: &mut Findings) -> Option<Self> {
        let read = end::read(bytes, findings).and_then(|end| Ok((central::read(bytes, &end)?, end)));
        let (mut entries, end) = match read {
            Ok(read) => read,
            Err(reason) => {
                findings.tell(PackageCode::MalformedArchive, reason, WRITE_ANEW);
                return None;
            }
        };
        for entry in &mut entries {
            local::read(bytes, &end, entry, findings);
        }
        layout::judge(&entries, &end, findings);
        names::judge(&entries, findings);
        Some(Self { bytes, entries })
    }

    /// Bytes of all files, as they are stated.
    pub fn unpacked(&self) -> u64 {
        self.entries.iter().fold(0, |sum, entry| sum.saturating_add(entry.size))
    }

    /// Gives the contents of a file piece by piece; the error is a fragment that goes on after its name. Ends after as many bytes as are stated.
    pub fn contents(&self, entry: &Entry, take: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        content::read(self.bytes, entry, take)
    }
}

/// Little-endian numbers at any place; none where it lies outside.
pub(super) fn half(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

pub(super) fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

pub(super) fn long(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at.checked_add(8)?)?.try_into().ok().map(u64::from_le_bytes)
}
