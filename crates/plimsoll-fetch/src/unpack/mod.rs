//! Unpacks archives that nobody vouches for into a folder that did not exist before.
//!
//! Public because the prove stage unpacks as users do. Nothing here knows releases or digests. Members are written below the new folder and
//! nowhere else; links are made last, so nothing is ever written through one; what cannot be trusted is refused, never repaired.

mod bare;
mod bounded;
mod compressed;
mod error;
mod format;
mod links;
mod path;
mod program;
mod tar;
mod tar_header;
mod tar_names;
mod tree;
mod zip;
mod zip_records;

use std::fs;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

pub use error::{LinkProblem, NameProblem, PaxProblem, UnpackError, ZipProblem};
pub use format::{Format, UnknownFormat};
pub use tree::Unpacked;

use bounded::Bounded;
use compressed::Decompressor;
use tree::NewTree;

/// Bounds on what an archive may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Members, folders that they imply included.
    pub entries: usize,
    /// Bytes after decompression, headers included.
    pub unpacked: u64,
    /// How many times the archive's own size the bytes may be; applies above [`Limits::ratio_free`].
    pub ratio: u64,
    /// Bytes that any archive may unpack to, however small it is.
    pub ratio_free: u64,
    /// Memory in KiB that a decompressor's dictionary may take.
    pub dictionary_kib: u32,
}

impl Default for Limits {
    /// 100,000 members, 8 GiB, 200 times the archive's size above 64 MiB, 256 MiB of dictionary.
    fn default() -> Self {
        Self { entries: 100_000, unpacked: 8 << 30, ratio: 200, ratio_free: 64 << 20, dictionary_kib: 256 << 10 }
    }
}

impl Limits {
    /// The most bytes that an archive of `packed` bytes may unpack to, and the error that tells of more.
    fn unpacked_for(&self, packed: u64) -> (u64, UnpackError) {
        let by_ratio = packed.saturating_mul(self.ratio).max(self.ratio_free);
        if by_ratio < self.unpacked {
            (by_ratio, UnpackError::Ratio { packed, limit: by_ratio })
        } else {
            (self.unpacked, UnpackError::TooBig { limit: self.unpacked })
        }
    }
}

/// Unpacks all of `reader` into `destination`, which must not exist, and says what lies there.
///
/// Links are judged by what users have placed: a single root folder is taken away, and no link may lead out of it.
///
/// Files get the mode 0755 where the archive says that somebody may execute them, else 0644; owners, times and special bits are dropped.
/// Whoever needs the archive's bytes to be the released ones checks that before.
///
/// # Errors
/// [`UnpackError`] for whatever is not a sound archive of that format; nothing is left of `destination` then.
pub fn unpack<R: Read + Seek>(mut reader: R, format: &Format, destination: &Path, limits: &Limits) -> Result<Unpacked, UnpackError> {
    let packed = reader.seek(SeekFrom::End(0)).map_err(UnpackError::Stream)?;
    reader.rewind().map_err(UnpackError::Stream)?;
    let mut tree = NewTree::create(destination, limits.entries)?;
    let written = write(reader, packed, format, &mut tree, limits).and_then(|()| tree.finish());
    if written.is_err() {
        // The first error is the one that counts; the folder is ours, and useless.
        let _ = fs::remove_dir_all(destination);
    }
    written
}

/// Writes to `out` what one compressed stream around a tar holds, checked to its end; gives the count of bytes.
///
/// For whoever needs the tar itself, such as a root file system, whose members [`unpack`] would refuse. A [`Format`] that is no compressed
/// tar is refused.
///
/// # Errors
/// [`UnpackError`]: a broken stream, data behind it, or more bytes than `limits` allow.
pub fn decompress<R: Read + Seek>(mut reader: R, format: &Format, out: &mut dyn Write, limits: &Limits) -> Result<u64, UnpackError> {
    if matches!(format, Format::Zip | Format::Bare { .. }) {
        return Err(UnpackError::Stream(io::Error::new(io::ErrorKind::InvalidInput, "the format is no compressed tar")));
    }
    let packed = reader.seek(SeekFrom::End(0)).map_err(UnpackError::Stream)?;
    reader.rewind().map_err(UnpackError::Stream)?;
    let (limit, exceeded) = limits.unpacked_for(packed);
    let decompressor = Decompressor::new(format, BufReader::with_capacity(128 * 1024, reader), limits.dictionary_kib)?;
    let mut bounded = Bounded::new(decompressor, limit);
    match io::copy(&mut bounded, out) {
        Err(_) if bounded.exceeded() => Err(exceeded),
        Err(error) => Err(UnpackError::from_read(error)),
        Ok(written) => bounded.into_inner().finish().map(|()| written),
    }
}

fn write<R: Read + Seek>(mut reader: R, packed: u64, format: &Format, tree: &mut NewTree, limits: &Limits) -> Result<(), UnpackError> {
    let (limit, exceeded) = limits.unpacked_for(packed);
    match format {
        Format::Bare { name, executable } => bare::write(&mut reader, (name, *executable), tree, limits),
        Format::Zip => zip::unpack(BufReader::new(reader), packed, tree, limits.entries, (limit, exceeded)),
        Format::TarXz | Format::TarGz | Format::TarZst => {
            let decompressor = Decompressor::new(format, BufReader::with_capacity(128 * 1024, reader), limits.dictionary_kib)?;
            let mut bounded = Bounded::new(decompressor, limit);
            match tar::unpack(&mut bounded, tree) {
                Err(_) if bounded.exceeded() => Err(exceeded),
                Err(error) => Err(error),
                Ok(()) => bounded.into_inner().finish(),
            }
        }
    }
}

#[cfg(test)]
mod tests;
