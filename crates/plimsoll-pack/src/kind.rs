//! The kinds of artifact: closed, so that each new one must answer every question here. What a kind does lies in its folder.

use std::fmt;
use std::str::FromStr;

use plimsoll_model::Target;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::archive::{self, Format};
use crate::file_name::{FileName, InvalidFileName};
use crate::nif;
use crate::policy::{LinkageDemand, Policy};
use crate::static_binary;

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
}

/// Text that names no kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a kind of artifact (archive, nif, static)")]
pub struct UnknownKind(String);

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Archive, Self::Nif, Self::Static];

    /// The name in manifests and documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Archive => "archive",
            Self::Nif => "nif",
            Self::Static => "static",
        }
    }

    /// Number of the kind's bytes: raised by one whenever the same spec and tree give other bytes than before, so that no cached artifact of
    /// the older form is taken for the newer.
    pub const fn format_number(self) -> u32 {
        match self {
            Self::Archive => archive::FORMAT_NUMBER,
            Self::Nif => nif::FORMAT_NUMBER,
            Self::Static => static_binary::FORMAT_NUMBER,
        }
    }

    /// The format that users of a target expect; none where a kind has only one.
    pub fn default_format(self, target: &Target) -> Option<Format> {
        match self {
            Self::Archive => Some(Format::default_for(target)),
            Self::Nif | Self::Static => None,
        }
    }

    /// The file name without any wish: one that cargo-binstall finds unaided. None where the kind's names say more than name and target.
    ///
    /// # Errors
    /// The name is empty or has characters that a file name must not have.
    pub fn default_file_name(self, name: &str, target: &Target) -> Option<Result<FileName, InvalidFileName>> {
        let text = match self {
            Self::Archive => {
                let format = Format::default_for(target);
                archive::ArchiveFileName { name: name.to_owned(), target: target.clone(), format }.to_string()
            }
            Self::Nif => return None,
            Self::Static => static_binary::StaticFileName { name: name.to_owned(), target: target.clone() }.to_string(),
        };
        Some(text.parse())
    }

    /// What the kind demands of the binaries in its tree.
    pub const fn policy(self) -> &'static Policy {
        match self {
            Self::Archive => &archive::POLICY,
            Self::Nif => &nif::POLICY,
            Self::Static => &static_binary::POLICY,
        }
    }

    /// How its binaries may be linked.
    pub const fn linkage(self) -> LinkageDemand {
        self.policy().linkage
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
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or_else(|| UnknownKind(crate::file_name::shown(text)))
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
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
