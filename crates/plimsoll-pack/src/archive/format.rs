//! The formats of an archive, and their suffixes.

use std::fmt;
use std::str::FromStr;

use plimsoll_model::Target;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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

    /// The format that a file name ends in.
    pub fn of_file_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| name.ends_with(format.suffix()))
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
        Self::ALL.iter().copied().find(|format| format.as_str() == text).ok_or_else(|| UnknownFormat(crate::file_name::shown(text)))
    }
}

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse::<Format>().unwrap(), *format);
            assert_eq!(Format::of_file_name(&format!("x{}", format.suffix())), Some(*format));
        }
        assert!("tar".parse::<Format>().is_err());
    }
}
