//! Alpine's `pkgver`. <https://wiki.alpinelinux.org/wiki/APKBUILD_Reference#pkgver>

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use semver::Version;

use super::pre::{self, Pre};
use super::{NotSpoken, numbers};

/// The suffixes that come before a release, in apk's order, which is SemVer's too. `_p`, `_git` and the like come after it.
const SUFFIXES: [&str; 4] = ["alpha", "beta", "pre", "rc"];

/// `1.2.0_rc1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApkVersion {
    numbers: [u64; 3],
    /// Place in [`SUFFIXES`], and the number.
    suffix: Option<(usize, u64)>,
}

impl ApkVersion {
    /// As SemVer has it.
    pub fn version(&self) -> Version {
        let pre = self.suffix.map(|(suffix, number)| Pre { word: SUFFIXES[suffix].to_owned(), number });
        pre::version(self.numbers, pre.as_ref())
    }
}

impl TryFrom<&Version> for ApkVersion {
    type Error = String;

    fn try_from(version: &Version) -> Result<Self, String> {
        let suffix = match Pre::of(version)? {
            None => None,
            Some(pre) => {
                let place = SUFFIXES.iter().position(|suffix| *suffix == pre.word);
                let place = place.ok_or_else(|| format!("before a release it has `{}`, and no `{}`", SUFFIXES.join("`, `"), pre.word))?;
                Some((place, pre.number))
            }
        };
        Ok(Self { numbers: [version.major, version.minor, version.patch], suffix })
    }
}

impl FromStr for ApkVersion {
    type Err = NotSpoken;

    fn from_str(text: &str) -> Result<Self, NotSpoken> {
        let (release, suffix) = match text.split_once('_') {
            Some((release, suffix)) => {
                let pre = Pre::joined(suffix).ok_or(NotSpoken)?;
                let place = SUFFIXES.iter().position(|known| *known == pre.word).ok_or(NotSpoken)?;
                (release, Some((place, pre.number)))
            }
            None => (text, None),
        };
        Ok(Self { numbers: numbers(release).ok_or(NotSpoken)?, suffix })
    }
}

impl fmt::Display for ApkVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        match self.suffix {
            Some((suffix, number)) => write!(f, "_{}{number}", SUFFIXES[suffix]),
            None => Ok(()),
        }
    }
}

impl Ord for ApkVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |version: &Self| (version.numbers, version.suffix.unwrap_or((SUFFIXES.len(), 0)));
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for ApkVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
