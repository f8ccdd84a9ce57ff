//! The compressed stream around a tar: exactly one, checked to its end, with nothing behind it.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use super::{Format, UnpackError};

/// Decompresses one stream.
pub(super) enum Decompressor<R: BufRead> {
    Gzip(Box<GzDecoder<R>>),
    Xz(Box<XzReader<R>>),
    Zstd(Box<StreamingDecoder<R, FrameDecoder>>),
}

impl<R: BufRead> Decompressor<R> {
    /// `memory_kib` bounds what the stream's own header may ask for.
    pub(super) fn new(format: &Format, reader: R, memory_kib: u32) -> Result<Self, UnpackError> {
        match format {
            Format::TarXz => Ok(Self::Xz(Box::new(XzReader::new_mem_limit(reader, false, memory_kib)))),
            Format::TarZst => {
                let decoder = StreamingDecoder::new_with_max_window_size(reader, u64::from(memory_kib) << 10);
                let decoder = decoder.map_err(|error| UnpackError::Stream(io::Error::other(error.to_string())))?;
                Ok(Self::Zstd(Box::new(decoder)))
            }
            Format::TarGz | Format::Zip | Format::Bare { .. } => Ok(Self::Gzip(Box::new(GzDecoder::new(reader)))),
        }
    }

    /// Checks what the format has at its end, and that the file ends there too. Call it after everything was read.
    pub(super) fn finish(mut self) -> Result<(), UnpackError> {
        // A reader that stopped at the last byte has not seen the stream's own checksum yet.
        let mut more = [0];
        if self.read(&mut more).map_err(UnpackError::from_read)? != 0 {
            return Err(UnpackError::TrailingData);
        }
        let (mut rest, magic): (R, &[u8]) = match self {
            Self::Gzip(decoder) => (decoder.into_inner(), &[0x1f, 0x8b]),
            Self::Xz(decoder) => (decoder.into_inner(), &[0xfd, b'7', b'z', b'X', b'Z', 0]),
            Self::Zstd(decoder) => {
                let (rest, decoder) = decoder.into_parts();
                if decoder.get_checksum_from_data().is_some_and(|said| Some(said) != decoder.get_calculated_checksum()) {
                    return Err(UnpackError::Stream(io::Error::new(io::ErrorKind::InvalidData, "the zstd checksum does not hold")));
                }
                (rest, &[0x28, 0xb5, 0x2f, 0xfd])
            }
        };
        let mut start = Vec::new();
        rest.by_ref().take(magic.len() as u64).read_to_end(&mut start).map_err(UnpackError::from_read)?;
        match start.as_slice() {
            [] => Ok(()),
            start if start == magic => Err(UnpackError::SecondStream),
            _ => Err(UnpackError::TrailingCompressed),
        }
    }
}

impl<R: BufRead> Read for Decompressor<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(decoder) => decoder.read(buffer),
            Self::Xz(decoder) => decoder.read(buffer),
            Self::Zstd(decoder) => decoder.read(buffer),
        }
    }
}
