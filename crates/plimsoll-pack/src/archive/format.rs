//! The formats of an archive, and their suffixes.

use std::fmt;
use std::str::FromStr;

use plimsoll_model::Target;

use crate::shown::shown;

/// The format of an archive; written as `tar.xz`, `tar.gz`, `tar.zst`, `zip`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// A tarball compressed with xz.
    TarXz,
    /// A tarball compressed with gzip.
    TarGz,
    /// A tarball compressed with zstd.
    TarZst,
    /// A zip archive.
    Zip,
}

/// Text that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an archive format (tar.xz, tar.gz, tar.zst, zip)")]
pub struct UnknownFormat(String);

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] = &[Self::TarXz, Self::TarGz, Self::TarZst, Self::Zip];

    /// The suffix of file names, with its dot.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::TarXz => ".tar.xz",
            Self::TarGz => ".tar.gz",
            Self::TarZst => ".tar.zst",
            Self::Zip => ".zip",
        }
    }

    /// The name: the suffix without its dot.
    pub fn as_str(self) -> &'static str {
        &self.suffix()[1..]
    }

    /// Zip for Windows, which opens it unaided; tar.xz, the smallest, elsewhere.
    pub fn default_for(target: &Target) -> Self {
        if target.os() == "windows" { Self::Zip } else { Self::TarXz }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|format| format.as_str() == text).ok_or_else(|| UnknownFormat(shown(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse::<Format>().unwrap(), *format);
        }
        assert!("tar".parse::<Format>().is_err());
    }
}
