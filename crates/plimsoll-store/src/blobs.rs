//! Blobs: files named by the SHA-256 of their bytes.
//!
//! A blob appears by rename once it is whole, and is hashed again whenever its bytes are used.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use plimsoll_model::{Digest, Hashed, Hasher, HashingWriter};
use tempfile::NamedTempFile;

use crate::error::{InStore, StoreError, io_error};
use crate::{Store, platform, programs};

/// A blob in the making. Dropped without [`commit`](BlobWriter::commit), it leaves nothing.
#[derive(Debug)]
pub struct BlobWriter<'a> {
    store: &'a Store,
    path: PathBuf,
    file: BufferedHasher,
}

struct BufferedHasher(HashingWriter<BufWriter<NamedTempFile>>);

impl std::fmt::Debug for BufferedHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BufferedHasher")
    }
}

impl BlobWriter<'_> {
    /// Ends the blob and gives it its name.
    ///
    /// # Errors
    /// Where the file system refuses, a full disk included; nothing is left then.
    pub fn commit(self) -> InStore<Hashed> {
        let (buffered, hashed) = self.file.0.finish();
        let file = buffered.into_inner().map_err(|error| io_error("write", &self.path)(error.into_error()))?;
        self.store.adopt(file, hashed)?;
        Ok(hashed)
    }
}

impl Write for BlobWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.0.flush()
    }
}

impl Store {
    fn blob_path(&self, digest: Digest) -> PathBuf {
        let hex = digest.to_string();
        self.root.join("blobs").join(&hex[..2]).join(hex)
    }

    /// A writer for a new blob.
    ///
    /// # Errors
    /// Where no temporary file can be made.
    pub fn blob_writer(&self) -> InStore<BlobWriter<'_>> {
        let path = self.root.join("temporary");
        let file = tempfile::Builder::new().prefix("blob-").tempfile_in(&path).map_err(io_error("make a file in", &path))?;
        Ok(BlobWriter { store: self, path, file: BufferedHasher(HashingWriter::new(BufWriter::with_capacity(128 * 1024, file))) })
    }

    /// Puts the bytes of a reader into the store; `origin` is named in errors.
    ///
    /// # Errors
    /// Where reading or writing fails.
    pub fn put(&self, reader: &mut dyn Read, origin: &Path) -> InStore<Hashed> {
        let mut writer = self.blob_writer()?;
        let mut buffer = vec![0; 128 * 1024];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return writer.commit(),
                Ok(read) => writer.write_all(&buffer[..read]).map_err(io_error("write", &self.root))?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(io_error("read", origin)(error)),
            }
        }
    }

    /// Puts a file's bytes into the store.
    ///
    /// # Errors
    /// Where reading or writing fails.
    pub fn put_file(&self, path: &Path) -> InStore<Hashed> {
        self.put(&mut File::open(path).map_err(io_error("read", path))?, path)
    }

    /// Puts bytes into the store.
    ///
    /// # Errors
    /// Where writing fails.
    pub fn put_bytes(&self, bytes: &[u8]) -> InStore<Hashed> {
        self.put(&mut &bytes[..], Path::new("memory"))
    }

    /// Names a finished temporary file by its digest, unless the blob is there already.
    fn adopt(&self, file: NamedTempFile, hashed: Hashed) -> InStore<()> {
        let path = self.blob_path(hashed.digest());
        // A blob that is there is hashed once more: what is new may be what is to repair it.
        if self.has(hashed.digest(), hashed.size()) && self.check(hashed.digest()).is_ok() {
            return Ok(());
        }
        let parent = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(parent).map_err(io_error("make", parent))?;
        platform::set_mode(file.path(), 0o444).map_err(io_error("protect", file.path()))?;
        file.persist(&path).map_err(|error| io_error("name", &path)(error.error))?;
        Ok(())
    }

    /// Whether the blob is there with this size. Its bytes are not read.
    pub fn has(&self, digest: Digest, size: u64) -> bool {
        fs::metadata(self.blob_path(digest)).is_ok_and(|metadata| metadata.is_file() && metadata.len() == size)
    }

    /// Opens a blob without checking it; the reader of the bytes has to hash them. See [`Store::materialise`].
    ///
    /// # Errors
    /// [`StoreError::Missing`], or where it cannot be read.
    pub fn open_blob(&self, digest: Digest) -> InStore<File> {
        let path = self.blob_path(digest);
        File::open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::Missing { digest },
            _ => io_error("read", &path)(error),
        })
    }

    /// Hashes a blob where it lies.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] (the blob is then gone), [`StoreError::Missing`], or where it cannot be read.
    pub fn check(&self, digest: Digest) -> InStore<Hashed> {
        let path = self.blob_path(digest);
        let hashed = Hashed::read(&mut self.open_blob(digest)?).map_err(io_error("read", &path))?;
        if hashed.digest() == digest { Ok(hashed) } else { Err(self.evict(digest)) }
    }

    /// Reads a whole blob that is known to be small, checked.
    ///
    /// # Errors
    /// As [`Store::check`].
    pub fn read(&self, digest: Digest) -> InStore<Vec<u8>> {
        let path = self.blob_path(digest);
        let mut bytes = Vec::new();
        self.open_blob(digest)?.read_to_end(&mut bytes).map_err(io_error("read", &path))?;
        if Digest::of(&bytes) == digest { Ok(bytes) } else { Err(self.evict(digest)) }
    }

    /// Copies a blob to `destination` with `mode`, hashing in passing; the file appears whole or not at all.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] (the blob is then gone), [`StoreError::Missing`], or where writing fails.
    pub fn materialise(&self, digest: Digest, destination: &Path, mode: u32) -> InStore<Hashed> {
        let path = self.blob_path(digest);
        let mut blob = self.open_blob(digest)?;
        let parent = destination.parent().unwrap_or(Path::new("."));
        let mut file = NamedTempFile::new_in(parent).map_err(io_error("make a file in", parent))?;
        let mut hasher = Hasher::new();
        let mut buffer = vec![0; 128 * 1024];
        loop {
            let read = blob.read(&mut buffer).map_err(io_error("read", &path))?;
            if read == 0 {
                break;
            }
            hasher.update(&buffer[..read]);
            file.write_all(&buffer[..read]).map_err(io_error("write", destination))?;
        }
        let hashed = hasher.finish();
        if hashed.digest() != digest {
            return Err(self.evict(digest));
        }
        programs::persist(file, mode, destination).map_err(io_error("name", destination))?;
        self.touch(digest);
        Ok(hashed)
    }

    fn evict(&self, digest: Digest) -> StoreError {
        let path = self.blob_path(digest);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => io_error("remove the damaged", &path)(error),
            _ => StoreError::Damaged { digest },
        }
    }

    /// Notes that a blob was used, for [`Trim`](crate::trim::Trim). Best effort: at worst it is removed early and made again.
    fn touch(&self, digest: Digest) {
        if let Ok(file) = self.open_blob(digest) {
            let _ = file.set_modified(SystemTime::now());
        }
    }
}

impl plimsoll_pack::Blobs for Store {
    fn open(&self, digest: Digest) -> io::Result<Box<dyn Read + '_>> {
        let file = self.open_blob(digest).map_err(io::Error::other)?;
        Ok(Box::new(Stoppable { file, stop: &self.patience().stop }))
    }
}

/// A blob that is read no further when work is to be stopped: compressing a large one takes minutes.
struct Stoppable<'a> {
    file: File,
    stop: &'a (dyn Fn() -> bool + Send + Sync),
}

impl Read for Stoppable<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if (self.stop)() { Err(io::Error::other(StoreError::Interrupted)) } else { self.file.read(buffer) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use plimsoll_pack::Blobs;

    use super::*;
    use crate::Patience;

    #[test]
    fn what_is_packed_is_read_no_further_when_work_is_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopped);
        let patience = Patience { stop: Box::new(move || stop.load(Ordering::SeqCst)), waits: Box::new(|| {}) };
        let store = Store::open_with(folder.path(), patience).unwrap();
        let hashed = store.put_bytes(b"whole").unwrap();
        let mut reader = Blobs::open(&store, hashed.digest()).unwrap();
        let mut bytes = [0; 2];
        reader.read_exact(&mut bytes).unwrap();
        stopped.store(true, Ordering::SeqCst);
        assert!(reader.read(&mut bytes).unwrap_err().to_string().contains("stopped"));
    }
}
