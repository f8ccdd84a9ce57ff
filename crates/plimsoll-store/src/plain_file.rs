//! Reading a file of a tree that somebody else may have made: a link to a device never ends, opening a fifo waits for ever, and a file of
//! gigabytes is no manifest.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Bytes that no manifest, lock file or document of a release has.
pub const LARGEST: u64 = 16 << 20;

/// The bytes of a plain file, or of one that a link leads to, of at most [`LARGEST`] bytes.
///
/// # Errors
/// If it is no plain file or larger, and what the system says otherwise.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "is no plain file"));
    }
    let mut bytes = Vec::new();
    // It may have grown since.
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("is larger than {} MiB", LARGEST >> 20)));
    }
    Ok(bytes)
}

/// The same as text.
///
/// # Errors
/// As [`read`]; of kind `InvalidData` if it is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_files_of_a_sane_size_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("text"), "text").unwrap();
        std::os::unix::fs::symlink("text", at("link")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", at("zero")).unwrap();
        File::create(at("large")).unwrap().set_len(LARGEST + 1).unwrap();
        fs::write(at("binary"), b"\xff").unwrap();
        assert_eq!(read_text(&at("link")).unwrap(), "text");
        let kind = |name: &str| read_text(&at(name)).unwrap_err().kind();
        assert_eq!(kind("zero"), io::ErrorKind::InvalidInput);
        assert_eq!(kind("."), io::ErrorKind::InvalidInput);
        assert_eq!(kind("large"), io::ErrorKind::FileTooLarge);
        assert_eq!(kind("binary"), io::ErrorKind::InvalidData);
        assert_eq!(kind("none"), io::ErrorKind::NotFound);
    }
}
