//! Names of distributions: as written, as an index compares them, and as file names have them.
//! <https://packaging.python.org/en/latest/specifications/name-normalization/>

use std::fmt;
use std::str::FromStr;

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
        joined(&self.0, '-')
    }

    /// As file names have it, where `-` stands between parts.
    pub fn in_file_names(&self) -> String {
        joined(&self.0, '_')
    }
}

fn joined(name: &str, sign: char) -> String {
    let mut joined = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '.' | '-' | '_' if joined.ends_with(sign) => {}
            '.' | '-' | '_' => joined.push(sign),
            other => joined.push(other.to_ascii_lowercase()),
        }
    }
    joined
}

impl fmt::Display for DistributionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for DistributionName {
    type Err = InvalidDistributionName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let sound = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = text.as_bytes();
        if ends(bytes.first()) && ends(bytes.last()) && bytes.iter().all(|byte| sound(*byte)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidDistributionName(shown(text)))
        }
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
