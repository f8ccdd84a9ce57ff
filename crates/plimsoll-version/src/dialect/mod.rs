//! One version, said in the words of each ecosystem. What a dialect cannot say, or would sort differently from SemVer, is refused with the
//! reason; it is never written approximately.

mod apk;
mod debian;
mod npm;
mod pep440;
mod pre;
mod rpm;

use std::fmt;
use std::str::FromStr;

use semver::Version;

pub use apk::ApkVersion;
pub use debian::DebianVersion;
pub use npm::NpmVersion;
pub use pep440::Pep440Version;
pub use rpm::RpmVersion;

/// How a place writes versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// SemVer as it is: cargo, Hex, tags. <https://semver.org/spec/v2.0.0.html>
    Semver,
    /// SemVer within the numbers that JavaScript can count.
    Npm,
    /// Python packages: `1.2.0rc1`.
    Pep440,
    /// Upstream versions of Debian packages: `1.2.0~rc1`.
    Deb,
    /// RPM's `Version`: `1.2.0~rc1`.
    Rpm,
    /// Alpine's `pkgver`: `1.2.0_rc1`.
    Apk,
}

/// Why a version cannot be said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{dialect} cannot say {version}: {reason}")]
pub struct Unsayable {
    /// In which dialect.
    pub dialect: Dialect,
    /// The version.
    pub version: String,
    /// Why not.
    pub reason: String,
}

/// Text that is no version of a dialect, or one that no SemVer version is said as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unheard {
    /// Nothing, or white space.
    #[error("is empty")]
    Empty,
    /// Something else.
    #[error("`{text}` is no {dialect} version of three numbers{more}")]
    Other {
        /// What stands there, shortened.
        text: String,
        /// Which dialect was expected.
        dialect: Dialect,
        /// What may follow the numbers.
        more: &'static str,
    },
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Semver, Self::Npm, Self::Pep440, Self::Deb, Self::Rpm, Self::Apk];

    /// As written in manifests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Semver => "semver",
            Self::Npm => "npm",
            Self::Pep440 => "pep440",
            Self::Deb => "deb",
            Self::Rpm => "rpm",
            Self::Apk => "apk",
        }
    }

    /// The dialect of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }

    /// `version` in this dialect.
    ///
    /// # Errors
    /// Where the dialect has no words for it, or would sort them differently from SemVer.
    pub fn say(self, version: &Version) -> Result<String, Unsayable> {
        let said = match self {
            Self::Semver => Ok(version.to_string()),
            Self::Npm => NpmVersion::try_from(version).map(|said| said.to_string()),
            Self::Pep440 => Pep440Version::try_from(version).map(|said| said.to_string()),
            Self::Deb => DebianVersion::try_from(version).map(|said| said.to_string()),
            Self::Rpm => RpmVersion::try_from(version).map(|said| said.to_string()),
            Self::Apk => ApkVersion::try_from(version).map(|said| said.to_string()),
        };
        said.map_err(|reason| Unsayable { dialect: self, version: version.to_string(), reason })
    }

    /// The version that `text` means.
    ///
    /// # Errors
    /// Where it is empty, not of this dialect, or means nothing that SemVer could say.
    pub fn hear(self, text: &str) -> Result<Version, Unheard> {
        if text.trim().is_empty() {
            return Err(Unheard::Empty);
        }
        let heard = match self {
            Self::Semver => text.parse().ok(),
            Self::Npm => text.parse().ok().map(|heard: NpmVersion| heard.version()),
            Self::Pep440 => text.parse().ok().map(|heard: Pep440Version| heard.version()),
            Self::Deb => text.parse().ok().map(|heard: DebianVersion| heard.version()),
            Self::Rpm => text.parse().ok().map(|heard: RpmVersion| heard.version()),
            Self::Apk => text.parse().ok().map(|heard: ApkVersion| heard.version()),
        };
        let more = match self {
            Self::Semver | Self::Npm => ", such as 1.2.0 or 1.2.0-rc.1",
            Self::Pep440 => ", such as 1.2.0 or 1.2.0rc1",
            Self::Deb | Self::Rpm => ", such as 1.2.0 or 1.2.0~rc1",
            Self::Apk => ", such as 1.2.0 or 1.2.0_rc1",
        };
        heard.ok_or_else(|| Unheard::Other { text: text.chars().take(60).collect(), dialect: self, more })
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Semver => "SemVer",
            Self::Npm => "npm",
            Self::Pep440 => "PEP 440",
            Self::Deb => "Debian",
            Self::Rpm => "RPM",
            Self::Apk => "Alpine",
        })
    }
}

/// Text that is not of a dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a version of this dialect")]
pub struct NotSpoken;

/// Three numbers between dots, without signs, and without zeros before them.
fn numbers(text: &str) -> Option<[u64; 3]> {
    let mut parts = text.split('.').map(number);
    let read = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(read)
}

/// A decimal number as people write it.
fn number(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { u64::from_str(text).ok() } else { None }
}

#[cfg(test)]
mod tests;
