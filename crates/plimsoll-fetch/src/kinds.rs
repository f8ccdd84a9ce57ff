//! What a consumer must know of the kinds of artifact, by the names that releases give them. The only file of this crate that names one.

use plimsoll_model::{FileName, KindName};

use crate::unpack::Format;

/// A kind that this version can put in place; of two that fit equally, the first is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Known {
    /// Programs with their files.
    Archive,
    /// One bare program.
    Static,
    /// A library for the BEAM, in a tarball without a folder.
    Nif,
    /// One file, as it is.
    File,
}

impl Known {
    /// The kind of that name; none if it is one of a later version, or needs an installer.
    pub(crate) fn named(kind: &KindName) -> Option<Self> {
        match kind.as_str() {
            "archive" => Some(Self::Archive),
            "nif" => Some(Self::Nif),
            "static" => Some(Self::Static),
            "file" => Some(Self::File),
            _ => None,
        }
    }

    /// Whether it is meant by somebody who asks for no kind.
    pub(crate) const fn is_usual(self) -> bool {
        match self {
            Self::Archive | Self::Static => true,
            Self::Nif | Self::File => false,
        }
    }

    /// Whether the programs that a release declares lie in it by their names. A host loads a library by its file's name, which is not the one of
    /// the library that is declared.
    pub(crate) const fn holds_programs(self) -> bool {
        match self {
            Self::Archive | Self::Static => true,
            Self::Nif | Self::File => false,
        }
    }

    /// How it is unpacked, in its container of that name; a bare program gets the name of the first binary, any other file its own.
    pub(crate) fn format(self, container: Option<&str>, binaries: &[String], file_name: &FileName) -> Option<Format> {
        match (self, container) {
            (Self::Archive, Some("tar.xz")) => Some(Format::TarXz),
            (Self::Archive, Some("tar.gz")) => Some(Format::TarGz),
            (Self::Archive, Some("tar.zst")) => Some(Format::TarZst),
            (Self::Archive, Some("zip")) => Some(Format::Zip),
            (Self::Nif, None) => Some(Format::TarGz),
            (Self::Static, None) => Some(Format::Bare { name: binaries.first()?.clone(), executable: true }),
            (Self::File, None) => Some(Format::Bare { name: file_name.to_string(), executable: false }),
            _ => None,
        }
    }
}
