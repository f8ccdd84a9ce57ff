//! The compressors of tarballs, with every setting fixed: the same input gives the same bytes, whatever the number of threads.

use std::io::{self, Write};
use std::num::NonZeroU32;

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use liblzma::stream::{Check, MtStreamBuilder};
use liblzma::write::XzEncoder;
use zstd::stream::raw::CParameter;
use zstd::stream::write::Encoder as ZstdEncoder;

/// Preset of xz: higher ones cost far more time and memory than they save.
const XZ_PRESET: u32 = 6;
/// Input in one xz block: what `xz -6 -T2` takes, three times the dictionary. Blocks are what threads share, so the length must be fixed.
const XZ_BLOCK: u64 = 24 << 20;
/// Level of gzip: the greatest.
const GZIP_LEVEL: u32 = 9;
/// Level of zstd: the greatest that every reader has the memory for.
const ZSTD_LEVEL: i32 = 19;
/// Input in one zstd job: four times the window of level 19. Jobs are what threads share, so the length must be fixed.
const ZSTD_JOB: u32 = 32 << 20;
/// Overlap of zstd jobs: a whole window, so that cutting costs no size.
const ZSTD_OVERLAP: u32 = 9;
/// More threads than this would cost memory without end.
const MOST_THREADS: u32 = 64;

/// A compressor on its way out. Dropped before [`Compressor::finish`], it writes nothing more: a broken archive must not look whole.
pub(super) struct Compressor<'out> {
    encoder: Encoder<'out>,
}

enum Encoder<'out> {
    Xz(XzEncoder<Gate<'out>>),
    Gzip(GzEncoder<Gate<'out>>),
    Zstd(ZstdEncoder<'static, Gate<'out>>),
}

/// The way out, until it is closed: then what comes is swallowed, because encoders write their end when they are dropped.
struct Gate<'out> {
    out: &'out mut dyn Write,
    open: bool,
}

impl Write for Gate<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.open { self.out.write(bytes) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.open { self.out.flush() } else { Ok(()) }
    }
}

impl<'out> Compressor<'out> {
    /// xz in blocks of fixed length with CRC64, always by the threaded encoder: the single-threaded one writes other block headers.
    pub fn xz(threads: NonZeroU32, out: &'out mut dyn Write) -> io::Result<Self> {
        let threads = threads.get().min(MOST_THREADS);
        let mut builder = MtStreamBuilder::new();
        builder.preset(XZ_PRESET).block_size(XZ_BLOCK).check(Check::Crc64).threads(threads);
        let encoder = XzEncoder::new_stream(Gate { out, open: true }, builder.encoder()?);
        Ok(Self { encoder: Encoder::Xz(encoder) })
    }

    /// gzip without time and name, and with the system given as unknown (RFC 1952, section 2.3.1).
    pub fn gzip(out: &'out mut dyn Write) -> io::Result<Self> {
        let encoder = GzBuilder::new().mtime(0).operating_system(255).write(Gate { out, open: true }, Compression::new(GZIP_LEVEL));
        Ok(Self { encoder: Encoder::Gzip(encoder) })
    }

    /// zstd with a checksum, always by workers: without any, it cuts its input differently.
    pub fn zstd(threads: NonZeroU32, out: &'out mut dyn Write) -> io::Result<Self> {
        let mut encoder = ZstdEncoder::new(Gate { out, open: true }, ZSTD_LEVEL)?;
        encoder.multithread(threads.get().min(MOST_THREADS))?;
        encoder.set_parameter(CParameter::JobSize(ZSTD_JOB))?;
        encoder.set_parameter(CParameter::OverlapSizeLog(ZSTD_OVERLAP))?;
        encoder.include_checksum(true)?;
        Ok(Self { encoder: Encoder::Zstd(encoder) })
    }

    /// Writes the end.
    pub fn finish(mut self) -> io::Result<()> {
        match &mut self.encoder {
            Encoder::Xz(encoder) => encoder.try_finish(),
            Encoder::Gzip(encoder) => encoder.try_finish(),
            Encoder::Zstd(encoder) => encoder.do_finish(),
        }
    }
}

impl Drop for Compressor<'_> {
    fn drop(&mut self) {
        let gate = match &mut self.encoder {
            Encoder::Xz(encoder) => encoder.get_mut(),
            Encoder::Gzip(encoder) => encoder.get_mut(),
            Encoder::Zstd(encoder) => encoder.get_mut(),
        };
        gate.open = false;
    }
}

impl Write for Compressor<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.encoder {
            Encoder::Xz(encoder) => encoder.write(bytes),
            Encoder::Gzip(encoder) => encoder.write(bytes),
            Encoder::Zstd(encoder) => encoder.write(bytes),
        }
    }

    /// Does nothing: a flush in the middle would end a block, and so change the bytes.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
