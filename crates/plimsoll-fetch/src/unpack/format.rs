//! The formats that can be unpacked, as releases name them.

use plimsoll_model::{KindName, ReleasedArtifact};

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
    /// No container: the file is the program.
    Binary {
        /// The file name that the program gets.
        name: String,
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
        Self::named(&artifact.kind, artifact.format.as_deref(), &artifact.binaries)
    }

    /// The format of a kind, as releases and plans name it; a bare program gets the name of the first binary.
    ///
    /// # Errors
    /// As [`Format::of`].
    pub fn named(kind: &KindName, format: Option<&str>, binaries: &[String]) -> Result<Self, UnknownFormat> {
        let unknown = || UnknownFormat { kind: kind.to_string(), format: format.map(str::to_owned) };
        match (kind.as_str(), format) {
            ("archive", Some("tar.xz")) => Ok(Self::TarXz),
            ("archive", Some("tar.gz")) => Ok(Self::TarGz),
            ("archive", Some("tar.zst")) => Ok(Self::TarZst),
            ("archive", Some("zip")) => Ok(Self::Zip),
            // One library at the root.
            ("nif", None) => Ok(Self::TarGz),
            ("static", None) => Ok(Self::Binary { name: binaries.first().ok_or_else(unknown)?.clone() }),
            _ => Err(unknown()),
        }
    }
}
