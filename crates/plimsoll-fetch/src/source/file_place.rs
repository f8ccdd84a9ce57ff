//! Where one file lies that belongs to no release: at a URL, or at a path of this machine.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::{InvalidSource, Network, OpenError, Opened, Source, is_plain_path};

/// A file's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilePlace {
    /// A URL, `http` or `https`, of a folder, and the plain name of a file in it.
    Http(Source, String),
    /// A path, absolute or relative to a folder that is told when it is opened.
    Path(PathBuf),
}

impl FilePlace {
    /// Opens the file; a path is relative to `folder`.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(&self, folder: &Path, network: &Network) -> Result<Opened, OpenError> {
        let path = match self {
            Self::Http(source, name) => return source.open(name, network),
            Self::Path(path) => folder.join(path),
        };
        let broken = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => OpenError::NotFound { subject: path.display().to_string() },
            _ => OpenError::Io { path: path.clone(), source },
        };
        // Opening a fifo would wait for ever.
        let metadata = fs::metadata(&path).map_err(broken)?;
        if !metadata.is_file() {
            return Err(broken(io::Error::new(io::ErrorKind::InvalidInput, "is no file")));
        }
        let file = File::open(&path).map_err(broken)?;
        Ok(Opened { reader: Box::new(file), length: Some(metadata.len()) })
    }
}

impl FromStr for FilePlace {
    type Err = InvalidSource;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains("://") {
            let (folder, name) = text.rsplit_once('/').unwrap_or((text, ""));
            return match folder.parse()? {
                source @ Source::Http(_) if is_plain_path(name) => Ok(Self::Http(source, name.to_owned())),
                Source::Http(_) => Err(InvalidSource::new(text, "it does not end with the plain name of a file")),
                Source::Folder(_) => Err(InvalidSource::new(text, "it is neither a path nor an http or https URL")),
            };
        }
        if text.trim().is_empty() || text.contains('\0') {
            return Err(InvalidSource::new(text, "it is no path"));
        }
        Ok(Self::Path(PathBuf::from(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Offline;
    use crate::source::Patience;

    #[test]
    fn a_place_is_a_url_with_a_files_name_or_a_path() {
        let parse = |text: &str| text.parse::<FilePlace>();
        assert!(
            matches!(parse("https://a.example/x/lib.tar.gz").unwrap(), FilePlace::Http(source, name) if source.to_string() == "https://a.example/x" && name == "lib.tar.gz")
        );
        assert_eq!(parse("../a b.bin").unwrap(), FilePlace::Path(PathBuf::from("../a b.bin")));
        for text in [
            "",
            " ",
            "a\0",
            "https://a.example/",
            "https://a.example",
            "ftp://a.example/x",
            "file:///a/b",
            "https://u:p@a.example/x",
            "https://a.example/x?y=1",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn only_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "x").unwrap();
        let network = Network::new(Some(Offline::Asked), Patience::default());
        let open = |text: &str| text.parse::<FilePlace>().unwrap().open(folder.path(), &network);
        assert_eq!(open("file").unwrap().length, Some(1));
        assert!(matches!(open("."), Err(OpenError::Io { .. })) && matches!(open("nowhere"), Err(OpenError::NotFound { .. })));
        assert!(matches!(open("https://a.example/x"), Err(OpenError::Offline { .. })));
    }
}
