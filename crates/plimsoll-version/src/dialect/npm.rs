//! npm: SemVer, but numbers are counted in doubles. <https://github.com/npm/node-semver>

use std::fmt;
use std::str::FromStr;

use semver::Version;

use super::NotSpoken;

/// `Number.MAX_SAFE_INTEGER`; node-semver refuses more.
const GREATEST: u64 = (1 << 53) - 1;

/// A version that node-semver reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NpmVersion(Version);

impl NpmVersion {
    /// As SemVer has it.
    pub fn version(&self) -> Version {
        self.0.clone()
    }
}

impl TryFrom<&Version> for NpmVersion {
    type Error = String;

    fn try_from(version: &Version) -> Result<Self, String> {
        if [version.major, version.minor, version.patch].iter().any(|number| *number > GREATEST) {
            return Err(format!("numbers go up to {GREATEST}"));
        }
        if !version.build.is_empty() {
            return Err(format!("the registry takes build metadata (`+{}`) off", version.build));
        }
        Ok(Self(version.clone()))
    }
}

impl FromStr for NpmVersion {
    type Err = NotSpoken;

    fn from_str(text: &str) -> Result<Self, NotSpoken> {
        let version = text.parse::<Version>().map_err(|_| NotSpoken)?;
        Self::try_from(&version).map_err(|_| NotSpoken)
    }
}

impl fmt::Display for NpmVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
