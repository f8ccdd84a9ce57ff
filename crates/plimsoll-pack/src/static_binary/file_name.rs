//! Default names of bare binaries: `{name}-{target}`, with `.exe` on Windows.

use std::fmt;
use std::str::FromStr;

use plimsoll_model::Target;

use crate::file_name::shown;

/// A default name, with its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticFileName {
    /// The artifact's name.
    pub name: String,
    /// The target.
    pub target: Target,
}

/// Text that is no default name of a bare binary for a known target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not named like a bare binary (such as helper-x86_64-unknown-linux-musl)")]
pub struct InvalidStaticFileName(String);

impl fmt::Display for StaticFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}{}", self.name, self.target, self.target.executable_suffix())
    }
}

/// Targets are recognised if they are among [`Target::KNOWN`]: an unknown triple cannot be told from the end of a name.
impl FromStr for StaticFileName {
    type Err = InvalidStaticFileName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let stem = text.strip_suffix(".exe").unwrap_or(text);
        let parsed = crate::archive::split_target(stem).map(|(name, target)| Self { name, target });
        parsed.filter(|name| name.to_string() == text).ok_or_else(|| InvalidStaticFileName(shown(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_names_round_trip_for_every_known_target() {
        for triple in Target::KNOWN {
            let name = StaticFileName { name: "my-helper".to_owned(), target: triple.parse().unwrap() };
            assert_eq!(name.to_string().parse::<StaticFileName>().unwrap(), name);
        }
    }

    #[test]
    fn the_suffix_must_fit_the_target() {
        for text in ["x-x86_64-unknown-linux-musl.exe", "x-x86_64-pc-windows-msvc", "x86_64-unknown-linux-musl", "x-sparc-sun-solaris", ""]
        {
            assert!(text.parse::<StaticFileName>().is_err(), "{text}");
        }
    }
}
