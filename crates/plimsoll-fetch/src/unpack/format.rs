//! The formats that can be unpacked, as releases name them.

use plimsoll_model::{FileName, KindName, ReleasedArtifact};

use crate::kinds::Known;

/// A format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// tar in xz.
    TarXz,
    /// tar in gzip.
    TarGz,
    /// tar in zstd.
    TarZst,
    /// zip.
    Zip,
    /// No container: the file itself.
    Bare {
        /// The name that it gets.
        name: String,
        /// Whether it is a program.
        executable: bool,
    },
}

/// An artifact that this version cannot unpack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is of kind {kind}{}, which can be downloaded but not unpacked here", format.as_ref().map_or(String::new(), |format| format!(" and format {format}")))]
pub struct UnknownFormat {
    kind: String,
    format: Option<String>,
}

impl Format {
    /// The format of a released artifact.
    ///
    /// # Errors
    /// For kinds that need an installer, and for formats of a later version.
    pub fn of(artifact: &ReleasedArtifact) -> Result<Self, UnknownFormat> {
        Self::named(&artifact.kind, artifact.format.as_deref(), &artifact.binaries, &artifact.file_name)
    }

    /// The format of a kind, as releases and plans name it; a bare program gets the name of the first binary, any other file its own.
    ///
    /// # Errors
    /// As [`Format::of`].
    pub fn named(kind: &KindName, format: Option<&str>, binaries: &[String], file_name: &FileName) -> Result<Self, UnknownFormat> {
        let unknown = || UnknownFormat { kind: kind.to_string(), format: format.map(str::to_owned) };
        Known::named(kind).and_then(|known| known.format(format, binaries, file_name)).ok_or_else(unknown)
    }
}
