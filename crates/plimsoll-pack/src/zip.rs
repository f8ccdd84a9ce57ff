//! Writes a zip: into scratch first, where sizes can be put into headers afterwards, then out. Readers that refuse data descriptors take it.

use std::io::{self, Seek, SeekFrom, Write};

use plimsoll_model::FileName;
use plimsoll_model::calendar::civil;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use crate::blobs::{Blobs, FileEntry, Scratch, ScratchFile, copy};
use crate::error::PackError;
use crate::tree::Mode;

/// Level of deflate: the greatest.
const DEFLATE_LEVEL: i64 = 9;
/// Files from this length on get 64-bit sizes. Less than 4 GiB, because what cannot be compressed grows a little.
const LARGE: u64 = 0xFF00_0000;
const FOLDER_MODE: u32 = 0o755;

/// One member of a zip.
pub(crate) enum ZipMember<'a> {
    /// A folder, 0755; its name ends in `/`.
    Folder,
    /// A file of a tree.
    File { file: FileEntry<'a>, mode: Mode },
    /// A file that its format asks for, 0644.
    Text(&'a [u8]),
}

/// What all of a zip has in common.
#[derive(Clone, Copy)]
pub(crate) struct Zip<'a> {
    /// The artifact, for messages.
    pub file_name: &'a FileName,
    /// The time of every member.
    pub epoch: u64,
    pub blobs: &'a dyn Blobs,
    pub scratch: &'a dyn Scratch,
}

impl Zip<'_> {
    /// Writes members in the order in which they come.
    pub(crate) fn write<'m>(
        &self,
        members: impl IntoIterator<Item = (String, ZipMember<'m>)>,
        out: &mut dyn Write,
    ) -> Result<(), PackError> {
        let broken = |source| self.broken(source);
        let mut file = self.scratch.file().map_err(broken)?;
        self.write_members(members, &mut *file)?;
        file.seek(SeekFrom::Start(0)).map_err(broken)?;
        let mut buffer = vec![0; 128 * 1024];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => {
                    out.write_all(&buffer[..read]).map_err(|source| PackError::Write { file_name: self.file_name.to_string(), source })?
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(broken(error)),
            }
        }
    }

    fn write_members<'m>(
        &self,
        members: impl IntoIterator<Item = (String, ZipMember<'m>)>,
        file: &mut dyn ScratchFile,
    ) -> Result<(), PackError> {
        let broken = |source| self.broken(source);
        let mut zip = ZipWriter::new(Sink { file, position: 0, end: 0, failed: false });
        let options = SimpleFileOptions::default()
            .system(System::Unix)
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(DEFLATE_LEVEL))
            .last_modified_time(dos_time(self.epoch));
        for (name, member) in members {
            match member {
                ZipMember::Folder => {
                    let options = options.unix_permissions(FOLDER_MODE);
                    zip.add_directory(name, options).map_err(|error| broken(error.into()))?;
                }
                ZipMember::File { file, mode } => {
                    let options = options.unix_permissions(mode.bits()).large_file(file.size >= LARGE);
                    zip.start_file(name, options).map_err(|error| broken(error.into()))?;
                    copy(file, self.blobs, &mut zip).map_err(|error| PackError::copying(error, broken))?;
                }
                ZipMember::Text(bytes) => {
                    let options = options.unix_permissions(Mode::Regular.bits());
                    zip.start_file(name, options).map_err(|error| broken(error.into()))?;
                    zip.write_all(bytes).map_err(broken)?;
                }
            }
        }
        let mut sink = zip.finish().map_err(|error| broken(error.into()))?;
        sink.flush().map_err(broken)
    }

    fn broken(&self, source: io::Error) -> PackError {
        PackError::Scratch { file_name: self.file_name.to_string(), source }
    }
}
/// The scratch file, until it fails: from then on it swallows what comes and keeps count. The zip writer finishes when it is dropped, and would
/// print an error of its own if that failed again.
struct Sink<'file> {
    file: &'file mut dyn ScratchFile,
    position: u64,
    end: u64,
    failed: bool,
}

impl Sink<'_> {
    fn noted<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        let interrupted = matches!(&result, Err(error) if error.kind() == io::ErrorKind::Interrupted);
        self.failed |= result.is_err() && !interrupted;
        result
    }
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = if self.failed {
            bytes.len()
        } else {
            let result = self.file.write(bytes).and_then(|written| match written {
                0 if !bytes.is_empty() => Err(io::ErrorKind::WriteZero.into()),
                written => Ok(written),
            });
            self.noted(result)?
        };
        self.position += written as u64;
        self.end = self.end.max(self.position);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.failed {
            return Ok(());
        }
        let result = self.file.flush();
        self.noted(result)
    }
}

impl Seek for Sink<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.end.checked_add_signed(by),
        };
        let place = place.ok_or(io::ErrorKind::InvalidInput)?;
        if !self.failed {
            let result = self.file.seek(SeekFrom::Start(place)).map(|_| ());
            self.noted(result)?;
        }
        self.position = place;
        Ok(place)
    }
}

/// A time as zip has it: UTC, from 1980 on, in steps of two seconds (APPNOTE 4.4.6). What lies before is moved there; a spec has none after
/// [`LAST_EPOCH`](crate::LAST_EPOCH).
fn dos_time(epoch: u64) -> DateTime {
    const FIRST: u64 = 315_532_800;
    let epoch = epoch.max(FIRST);
    let (year, month, day) = civil(epoch / 86_400);
    let second = epoch % 86_400;
    let [hour, minute, second] = [second / 3600, second / 60 % 60, second % 60].map(|part| part as u8);
    // Within the bounds every date exists.
    let year = u16::try_from(year).unwrap_or(u16::MAX);
    DateTime::from_date_and_time(year, month, day, hour, minute, second).unwrap_or(DateTime::DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(epoch: u64) -> (u16, u8, u8, u8, u8, u8) {
        let time = dos_time(epoch);
        (time.year(), time.month(), time.day(), time.hour(), time.minute(), time.second())
    }

    #[test]
    fn times_are_utc_and_within_what_zip_holds() {
        assert_eq!(time(0), (1980, 1, 1, 0, 0, 0));
        assert_eq!(time(951_827_696), (2000, 2, 29, 12, 34, 56));
        assert_eq!(time(1_700_000_000), (2023, 11, 14, 22, 13, 20));
        assert_eq!(time(1_709_164_800), (2024, 2, 29, 0, 0, 0));
        assert_eq!(time(4_102_444_799), (2099, 12, 31, 23, 59, 58));
        assert_eq!(time(crate::LAST_EPOCH), (2107, 12, 31, 23, 59, 58));
    }
}
