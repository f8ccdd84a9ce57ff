//! A NIF's file name of either scheme. It says all that a spec has to know, so it is what settings carry.

use std::fmt;
use std::str::FromStr;

use plimsoll_model::{NifVersion, Target};

use super::{ElixirMakeFileName, PrecompiledFileName};
use crate::shown::shown;

/// The name of a NIF's archive; the two schemes have no name in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NifFileName {
    /// `rustler_precompiled`'s.
    Precompiled(PrecompiledFileName),
    /// `elixir_make`'s.
    ElixirMake(ElixirMakeFileName),
}

/// Text that is no file name, or part of one, that a consumer of NIFs would ask for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not named like a NIF (such as libcounter-v1.0.0-nif-2.15-x86_64-unknown-linux-gnu.so.tar.gz)")]
pub struct InvalidNifFileName(String);

impl InvalidNifFileName {
    pub(super) fn new(text: &str) -> Self {
        Self(shown(text))
    }
}

impl NifFileName {
    /// The target.
    pub const fn target(&self) -> &Target {
        match self {
            Self::Precompiled(name) => &name.target,
            Self::ElixirMake(name) => &name.target,
        }
    }

    /// The NIF version that the library asks for.
    pub const fn nif_version(&self) -> NifVersion {
        match self {
            Self::Precompiled(name) => name.nif_version,
            Self::ElixirMake(name) => name.nif_version,
        }
    }

    /// The package's version.
    pub fn version(&self) -> &str {
        match self {
            Self::Precompiled(name) => &name.version,
            Self::ElixirMake(name) => &name.version,
        }
    }
}

impl fmt::Display for NifFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Precompiled(name) => name.fmt(f),
            Self::ElixirMake(name) => name.fmt(f),
        }
    }
}

impl FromStr for NifFileName {
    type Err = InvalidNifFileName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::Precompiled).or_else(|_| text.parse().map(Self::ElixirMake))
    }
}

/// A name of Rust and of Elixir alike: letters, digits and `_`, no digit first.
pub(super) fn is_identifier(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_') && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// What may stand for a version: it begins with a digit, and `.`, `-` and `+` are its only signs.
pub(super) fn is_version(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-+".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scheme_knows_its_own_names() {
        let one = "libcounter-v1.0.0-nif-2.15-x86_64-unknown-linux-gnu.so.tar.gz".parse::<NifFileName>().unwrap();
        assert!(matches!(&one, NifFileName::Precompiled(name) if name.library == "counter"));
        let other = "counter-nif-2.16-x86_64-linux-gnu-1.0.0.tar.gz".parse::<NifFileName>().unwrap();
        assert!(matches!(&other, NifFileName::ElixirMake(name) if name.app == "counter"));
        assert_eq!((one.target(), one.version()), (other.target(), other.version()));
        assert_eq!((one.nif_version().minor, other.nif_version().minor), (15, 16));
        assert_eq!(
            "counter.so".parse::<NifFileName>().unwrap_err().to_string(),
            "`counter.so` is not named like a NIF (such as libcounter-v1.0.0-nif-2.15-x86_64-unknown-linux-gnu.so.tar.gz)"
        );
    }
}
