//! Contents by digest, and room for what must be written before it can be sent. The disk forms of both belong to the store; those in memory are
//! here. Nothing read from a blob counts until its length and digest are verified.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Seek, Write};

use plimsoll_model::{Digest, Hashed, Hasher};

use crate::tree::TreePath;

/// How much of a blob is in memory at once.
const CHUNK: usize = 128 * 1024;

/// Where contents come from.
pub trait Blobs {
    /// Opens the blob of this digest from its first byte. What comes out is not trusted: the reader of a blob verifies it.
    ///
    /// # Errors
    /// `NotFound` if there is no such blob; else whatever opening reports.
    fn open(&self, digest: Digest) -> io::Result<Box<dyn Read + '_>>;
}

/// A temporary file: readable, writable, seekable, gone when dropped.
pub trait ScratchFile: Read + Write + Seek {}

impl<T: Read + Write + Seek> ScratchFile for T {}

/// Where temporary files come from.
pub trait Scratch {
    /// A new empty temporary file.
    ///
    /// # Errors
    /// Whatever creating it reports.
    fn file(&self) -> io::Result<Box<dyn ScratchFile>>;
}

/// Blobs in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryBlobs {
    blobs: BTreeMap<Digest, Vec<u8>>,
}

impl MemoryBlobs {
    /// No blobs.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds contents; gives back what to put in a tree.
    pub fn insert(&mut self, bytes: impl Into<Vec<u8>>) -> Hashed {
        let bytes = bytes.into();
        let mut hasher = Hasher::new();
        hasher.update(&bytes);
        let hashed = hasher.finish();
        self.blobs.insert(hashed.digest(), bytes);
        hashed
    }
}

impl Blobs for MemoryBlobs {
    fn open(&self, digest: Digest) -> io::Result<Box<dyn Read + '_>> {
        match self.blobs.get(&digest) {
            Some(bytes) => Ok(Box::new(bytes.as_slice())),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

/// Temporary files in memory.
#[derive(Debug, Clone, Copy, Default)]
pub struct MemoryScratch;

impl Scratch for MemoryScratch {
    fn file(&self) -> io::Result<Box<dyn ScratchFile>> {
        Ok(Box::new(Cursor::new(Vec::new())))
    }
}

/// A blob that is not what the tree says.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// It could not be opened or read.
    #[error("cannot read the contents of `{path}` (blob {digest})")]
    Read {
        /// The entry that wants it.
        path: TreePath,
        /// The blob.
        digest: Digest,
        /// What the reader said.
        source: io::Error,
    },
    /// It is longer or shorter than the tree says.
    #[error("contents of `{path}` are not {expected} bytes long: {found}")]
    Size {
        /// The entry that wants it.
        path: TreePath,
        /// Length in the tree.
        expected: u64,
        /// What was found instead.
        found: FoundSize,
    },
    /// Its bytes are not those of its digest.
    #[error("contents of `{path}` should have digest {expected} but have {found}")]
    Digest {
        /// The entry that wants it.
        path: TreePath,
        /// Digest in the tree.
        expected: Digest,
        /// Digest of what was read.
        found: Digest,
    },
}

/// What was found of a blob of the wrong length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FoundSize {
    /// It ended early.
    #[error("they end after {0}")]
    Short(u64),
    /// It went on; how far was not read.
    #[error("they go on")]
    Long,
}

/// Why a blob was not copied.
#[derive(Debug)]
pub(crate) enum CopyError {
    Blob(BlobError),
    Write(io::Error),
}

impl From<BlobError> for CopyError {
    fn from(error: BlobError) -> Self {
        Self::Blob(error)
    }
}

/// What the tree says of one file.
#[derive(Clone, Copy)]
pub(crate) struct FileEntry<'tree> {
    pub path: &'tree TreePath,
    pub digest: Digest,
    pub size: u64,
}

/// Copies one file's contents and verifies them in passing. Never writes more than `size` bytes.
///
/// Writes come in chunks of one length, whatever the reader's are, because a compressor's output may depend on how its input is cut.
pub(crate) fn copy(file: FileEntry<'_>, blobs: &dyn Blobs, out: &mut dyn Write) -> Result<(), CopyError> {
    let FileEntry { path, digest, size } = file;
    let failed = |source| BlobError::Read { path: path.clone(), digest, source };
    let wrong_size = |found| BlobError::Size { path: path.clone(), expected: size, found };
    let mut reader = blobs.open(digest).map_err(failed)?;
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; CHUNK];
    let mut left = size;
    while left > 0 {
        let wanted = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        let read = fill(&mut *reader, &mut buffer[..wanted]).map_err(failed)?;
        hasher.update(&buffer[..read]);
        out.write_all(&buffer[..read]).map_err(CopyError::Write)?;
        left -= read as u64;
        if read < wanted {
            return Err(wrong_size(FoundSize::Short(size - left)).into());
        }
    }
    if fill(&mut *reader, &mut buffer[..1]).map_err(failed)? > 0 {
        return Err(wrong_size(FoundSize::Long).into());
    }
    let found = hasher.finish().digest();
    if found != digest {
        return Err(BlobError::Digest { path: path.clone(), expected: digest, found }.into());
    }
    Ok(())
}

/// Reads until the buffer is full or the end is reached.
fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(digest: Digest, size: u64, blobs: &dyn Blobs) -> Result<Vec<u8>, CopyError> {
        let path = "a".parse().unwrap();
        let mut out = Vec::new();
        copy(FileEntry { path: &path, digest, size }, blobs, &mut out).map(|()| out)
    }

    /// Gives the same bytes for every digest.
    struct Liar(&'static [u8]);

    impl Blobs for Liar {
        fn open(&self, _: Digest) -> io::Result<Box<dyn Read + '_>> {
            Ok(Box::new(self.0))
        }
    }

    #[test]
    fn length_and_digest_are_verified() {
        let digest = Digest::of(b"abc");
        assert_eq!(attempt(digest, 3, &Liar(b"abc")).unwrap(), b"abc");
        let short = attempt(digest, 3, &Liar(b"ab"));
        assert!(matches!(short, Err(CopyError::Blob(BlobError::Size { found: FoundSize::Short(2), .. }))));
        let long = attempt(digest, 3, &Liar(b"abcd"));
        assert!(matches!(long, Err(CopyError::Blob(BlobError::Size { found: FoundSize::Long, .. }))));
        let other = attempt(digest, 3, &Liar(b"abd"));
        assert!(matches!(other, Err(CopyError::Blob(BlobError::Digest { .. }))));
        let huge = attempt(digest, u64::MAX, &Liar(b"abc"));
        assert!(matches!(huge, Err(CopyError::Blob(BlobError::Size { .. }))));
        let missing = attempt(digest, 3, &MemoryBlobs::new());
        assert!(matches!(missing, Err(CopyError::Blob(BlobError::Read { .. }))));
    }

    #[test]
    fn empty_and_chunked_contents_pass_whole() {
        let mut blobs = MemoryBlobs::new();
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let bytes = vec![7; length];
            let hashed = blobs.insert(bytes.clone());
            assert_eq!(attempt(hashed.digest(), hashed.size(), &blobs).unwrap(), bytes);
        }
    }
}
