//! The kinds of artifact: closed, so that each new one must answer every question here. What a kind does lies in its folder.

use std::fmt;
use std::str::FromStr;

use crate::archive;
use crate::file;
use crate::linkage::LinkageDemand;
use crate::nif;
use crate::shown::shown;
use crate::static_binary;
use crate::wheel;

/// A kind of artifact.
///
/// Documents carry it as an open string, so that an old reader accepts a new release; there, parse it as late as possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A tarball or zip of a tree.
    Archive,
    /// A native library for the BEAM.
    Nif,
    /// One bare static binary.
    Static,
    /// One file of the project.
    File,
    /// A package of Python's.
    Wheel,
}

/// Text that names no kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a kind of artifact (archive, nif, static, file, wheel)")]
pub struct UnknownKind(String);

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Archive, Self::Nif, Self::Static, Self::File, Self::Wheel];

    /// The name in manifests and documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Archive => "archive",
            Self::Nif => "nif",
            Self::Static => "static",
            Self::File => "file",
            Self::Wheel => "wheel",
        }
    }

    /// Number of the kind's bytes: raised by one whenever the same spec and tree give other bytes than before, so that no cached artifact of
    /// the older form is taken for the newer.
    pub const fn format_number(self) -> u32 {
        match self {
            Self::Archive => archive::FORMAT_NUMBER,
            Self::Nif => nif::FORMAT_NUMBER,
            Self::Static => static_binary::FORMAT_NUMBER,
            Self::File => file::FORMAT_NUMBER,
            Self::Wheel => wheel::FORMAT_NUMBER,
        }
    }

    /// The template of the file name, without its suffix, if the manifest has none. None if the consumer of the kind asks for names of its own, or
    /// the file has one.
    pub const fn default_file_stem(self) -> Option<&'static str> {
        match self {
            Self::Archive => Some(archive::DEFAULT_STEM),
            Self::Nif => None,
            Self::Static => Some(static_binary::DEFAULT_STEM),
            Self::File | Self::Wheel => None,
        }
    }

    /// How its binaries may be linked.
    pub const fn linkage(self) -> LinkageDemand {
        match self {
            Self::Archive => archive::LINKAGE,
            Self::Nif => nif::LINKAGE,
            Self::Static => static_binary::LINKAGE,
            Self::File => file::LINKAGE,
            Self::Wheel => wheel::LINKAGE,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or_else(|| UnknownKind(shown(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for kind in Kind::ALL {
            assert_eq!(kind.to_string().parse::<Kind>().unwrap(), *kind);
        }
        assert!("Archive".parse::<Kind>().is_err());
    }
}
