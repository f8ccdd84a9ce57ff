//! Dotted version numbers of symbol versions (`2.2.5`, `3.4.29`), which sort by number.
//!
//! Not for versions of packages: there is no pre-release and no build part here.

use std::fmt;
use std::str::FromStr;

use plimsoll_model::MacosVersion;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// More parts than any symbol version has.
const MAX_PARTS: usize = 8;

/// Numbers between dots, compared one by one: 2.9 < 2.28, and 2.2 < 2.2.5.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DottedVersion(Vec<u32>);

/// Text that is not a dotted version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a dotted version (such as 3.4.29)")]
pub struct InvalidDottedVersion(String);

impl From<MacosVersion> for DottedVersion {
    fn from(version: MacosVersion) -> Self {
        Self(vec![u32::from(version.major), u32::from(version.minor)])
    }
}

impl DottedVersion {
    /// Of at least one number.
    pub(crate) fn of(first: u32, rest: &[u32]) -> Self {
        Self([&[first], rest].concat())
    }

    /// Compares with noughts where the shorter one ends: 11 is 11.0, as releases of systems are numbered.
    pub fn compare_padded(&self, other: &Self) -> std::cmp::Ordering {
        let part = |version: &Self, index: usize| version.0.get(index).copied().unwrap_or(0);
        (0..self.0.len().max(other.0.len()))
            .map(|index| part(self, index).cmp(&part(other, index)))
            .find(|order| order.is_ne())
            .unwrap_or(std::cmp::Ordering::Equal)
    }

    /// The numbers, first to last; never empty.
    pub fn parts(&self) -> &[u32] {
        &self.0
    }
}

impl fmt::Display for DottedVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            write!(f, "{dot}{part}")?;
        }
        Ok(())
    }
}

impl FromStr for DottedVersion {
    type Err = InvalidDottedVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |part: &str| match part.bytes().all(|b| b.is_ascii_digit()) {
            true => part.parse::<u32>().ok(),
            false => None,
        };
        let parts = text.split('.').take(MAX_PARTS + 1).map(number).collect::<Option<Vec<_>>>();
        match parts {
            Some(parts) if parts.len() <= MAX_PARTS => Ok(Self(parts)),
            _ => Err(InvalidDottedVersion(text.chars().take(40).collect())),
        }
    }
}

impl Serialize for DottedVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DottedVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for DottedVersion {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "DottedVersion".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)*$" })
    }
}

/// A symbol version's name as prefix and number: `GLIBCXX_3.4.29` is (`GLIBCXX`, 3.4.29).
///
/// None where no number follows the first underscore that has a digit behind it: `GLIBC_PRIVATE`, `OPENSSL_1_1_1`.
pub fn split_version_name(name: &str) -> Option<(&str, DottedVersion)> {
    let at = name.as_bytes().windows(2).position(|pair| pair[0] == b'_' && pair[1].is_ascii_digit())?;
    if at == 0 {
        return None;
    }
    Some((&name[..at], name[at + 1..].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> DottedVersion {
        text.parse().unwrap()
    }

    #[test]
    fn versions_sort_by_number_and_print_as_read() {
        assert!(version("2.9") < version("2.28"));
        assert!(version("2.2") < version("2.2.5"));
        assert!(version("3.4.9") < version("3.4.29"));
        assert_eq!(version("3.4.29").to_string(), "3.4.29");
        for text in ["", ".", "2.", ".2", "2.+1", "2. 1", "a", "99999999999", "1.1.1.1.1.1.1.1.1"] {
            assert!(text.parse::<DottedVersion>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_release_without_its_noughts_is_the_same() {
        assert!(version("11").compare_padded(&version("11.0")).is_eq());
        assert!(version("10.12").compare_padded(&version("11")).is_lt());
        assert!(version("11.0.1").compare_padded(&version("11")).is_gt());
    }

    #[test]
    fn names_split_into_prefix_and_number() {
        assert_eq!(split_version_name("GLIBC_2.36"), Some(("GLIBC", version("2.36"))));
        assert_eq!(split_version_name("LIBFFI_BASE_7.0"), Some(("LIBFFI_BASE", version("7.0"))));
        assert_eq!(split_version_name("CXXABI_TM_1"), Some(("CXXABI_TM", version("1"))));
        for name in ["GLIBC_PRIVATE", "GLIBC_ABI_DT_RELR", "OPENSSL_1_1_1d", "_2.0", "Base", "", "GLIBC_2.é"] {
            assert_eq!(split_version_name(name), None, "{name}");
        }
    }
}
