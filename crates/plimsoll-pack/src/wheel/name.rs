//! Names of distributions: as written, as an index compares them, and as file names have them.
//! <https://packaging.python.org/en/latest/specifications/name-normalization/>

use std::fmt;
use std::str::FromStr;

use plimsoll_model::python::{is_valid_name, normalised_name};

use crate::shown::shown;

/// The name of a distribution: letters, digits, `.`, `-` and `_`, with a letter or digit at both ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DistributionName(String);

/// Text that names no distribution.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of a distribution: letters, digits, `.`, `_` and `-`, with a letter or digit at both ends")]
pub struct InvalidDistributionName(String);

impl DistributionName {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As an index compares names: small letters, and one `-` for each run of `.`, `-` and `_`.
    pub fn normalized(&self) -> String {
        normalised_name(&self.0, '-')
    }

    /// As file names have it, where `-` stands between parts.
    pub fn in_file_names(&self) -> String {
        normalised_name(&self.0, '_')
    }
}

impl fmt::Display for DistributionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for DistributionName {
    type Err = InvalidDistributionName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_valid_name(text) { Ok(Self(text.to_owned())) } else { Err(InvalidDistributionName(shown(text))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_signs_become_one() {
        let name: DistributionName = "Foo.-_Bar--baz".parse().unwrap();
        assert_eq!((name.as_str(), &*name.normalized(), &*name.in_file_names()), ("Foo.-_Bar--baz", "foo-bar-baz", "foo_bar_baz"));
    }

    #[test]
    fn what_an_index_refuses_is_no_name() {
        for text in ["", "-a", "a-", "_a", "a b", "é", "a/b", "a\n", "."] {
            assert!(text.parse::<DistributionName>().is_err(), "{text:?}");
        }
        assert_eq!(
            "a b".parse::<DistributionName>().unwrap_err().to_string(),
            "`a b` is not the name of a distribution: letters, digits, `.`, `_` and `-`, with a letter or digit at both ends"
        );
    }
}
