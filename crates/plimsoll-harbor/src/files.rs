//! From a request's target to a file below the root, and no other file.

use std::fs::File;
use std::path::{Path, PathBuf};

/// Why no file answers to a target.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoFile {
    /// The target is not a plain path: 400.
    Malformed,
    /// Nothing there that may be sent: 404.
    NotFound,
}

/// The path of a target, decoded, without its query.
pub(crate) fn decode(target: &str) -> Result<String, NoFile> {
    let path = target.split('?').next().unwrap_or_default();
    let mut decoded = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16)).ok_or(NoFile::Malformed);
        let value = (digit()? * 16 + digit()?) as u8;
        // An encoded slash is no separator for a client, so it must not become one here.
        if value == b'/' {
            return Err(NoFile::Malformed);
        }
        decoded.push(value);
    }
    let decoded = String::from_utf8(decoded).map_err(|_| NoFile::Malformed)?;
    if decoded.contains('\\') || decoded.chars().any(char::is_control) {
        return Err(NoFile::Malformed);
    }
    Ok(decoded)
}

/// Opens the file at a decoded path. `root` must be canonical.
pub(crate) fn open(root: &Path, path: &str) -> Result<(File, u64), NoFile> {
    let mut file = PathBuf::from(root);
    for component in path.trim_start_matches('/').split('/') {
        if matches!(component, "" | "." | "..") {
            return Err(NoFile::NotFound);
        }
        file.push(component);
    }
    // Symbolic links may point about inside of the root, and not out of it.
    let file = file.canonicalize().map_err(|_| NoFile::NotFound)?;
    let is_plain = file.starts_with(root) && file.is_file();
    let opened = is_plain.then(|| File::open(&file).ok()).flatten().ok_or(NoFile::NotFound)?;
    let length = opened.metadata().map_err(|_| NoFile::NotFound)?.len();
    Ok((opened, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_and_plain_paths_are_decoded() {
        assert_eq!(decode("/a%20b/c?d=/../e").unwrap(), "/a b/c");
        for target in ["/%", "/%2", "/%zz", "/%ff", "/a%2fb", "/a%5Cb", "/a\\b", "/a%00b", "/%0a"] {
            assert_eq!(decode(target), Err(NoFile::Malformed), "{target}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn nothing_outside_of_the_root_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        let root = base.join("root");
        std::fs::create_dir_all(root.join("in")).unwrap();
        std::fs::write(base.join("secret"), "s").unwrap();
        std::fs::write(root.join("in/file"), "file").unwrap();
        std::os::unix::fs::symlink("../secret", root.join("out")).unwrap();
        std::os::unix::fs::symlink("in/file", root.join("link")).unwrap();
        assert_eq!(open(&root, "/in/file").unwrap().1, 4);
        assert_eq!(open(&root, "/link").unwrap().1, 4);
        for path in ["/out", "/../secret", "/in/../../secret", "/in", "/", "//in/file//", "/./in/file", "/none"] {
            assert!(open(&root, path).is_err(), "{path}");
        }
    }
}
