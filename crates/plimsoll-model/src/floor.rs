//! What a user's machine must at least have: versions of systems that serve as floors, and levels of the x86-64 processor.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Defines a version of two numbers with a dot between, and its error.
macro_rules! two_part_version {
    ($(#[$meaning:meta])* $name:ident, $error:ident, $what:literal) => {
        $(#[$meaning])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            /// The part before the dot.
            pub major: u16,
            /// The part after the dot.
            pub minor: u16,
        }

        #[doc = concat!("Text that is not ", $what, ".")]
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[error("`{0}` is not {what}", what = $what)]
        pub struct $error(String);

        impl $name {
            /// `major.minor`.
            pub const fn new(major: u16, minor: u16) -> Self {
                Self { major, minor }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}.{}", self.major, self.minor)
            }
        }

        impl FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let (major, minor) = two_numbers(text).ok_or_else(|| $error(text.chars().take(40).collect()))?;
                Ok(Self { major, minor })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": "^[0-9]+\\.[0-9]+$" })
            }
        }
    };
}

two_part_version!(
    /// A glibc version: `2.28`. As a floor it is the oldest glibc that must be able to load an artifact.
    GlibcVersion,
    InvalidGlibcVersion,
    "a glibc version (such as 2.28)"
);
two_part_version!(
    /// A version of macOS: `11.0`. As a floor it is the oldest that must be able to load an artifact.
    MacosVersion,
    InvalidMacosVersion,
    "a version of macOS (such as 11.0)"
);

fn two_numbers(text: &str) -> Option<(u16, u16)> {
    let number = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<u16>().ok()).flatten();
    let (major, minor) = text.split_once('.')?;
    Some((number(major)?, number(minor)?))
}

/// A level of the x86-64 processor, as the psABI defines them: <https://gitlab.com/x86-psABIs/x86-64-ABI>. Later has more instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum CpuLevel {
    /// Every x86-64 processor; what rustc compiles for unless told otherwise.
    #[serde(rename = "x86-64")]
    V1,
    /// With SSE4.2 and POPCNT.
    #[serde(rename = "x86-64-v2")]
    V2,
    /// With AVX2, BMI2 and FMA.
    #[serde(rename = "x86-64-v3")]
    V3,
    /// With AVX-512.
    #[serde(rename = "x86-64-v4")]
    V4,
}

impl CpuLevel {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::V1, Self::V2, Self::V3, Self::V4];

    /// As rustc's `target-cpu` and the psABI name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "x86-64",
            Self::V2 => "x86-64-v2",
            Self::V3 => "x86-64-v3",
            Self::V4 => "x86-64-v4",
        }
    }
}

impl fmt::Display for CpuLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_sort_by_number() {
        let parse = |text: &str| text.parse::<GlibcVersion>().unwrap();
        assert!(parse("2.9") < parse("2.28"));
        assert!("10.12".parse::<MacosVersion>().unwrap() < MacosVersion::new(11, 0));
    }

    #[test]
    fn what_is_no_version_is_told() {
        for text in ["2", "2.+1", ".1", "2.", "", "2.28.1", "70000.1"] {
            assert!(text.parse::<GlibcVersion>().is_err(), "{text}");
        }
        assert_eq!("11".parse::<MacosVersion>().unwrap_err().to_string(), "`11` is not a version of macOS (such as 11.0)");
    }

    #[test]
    fn levels_are_named_as_they_are_written() {
        for level in CpuLevel::ALL {
            assert_eq!(serde_json::to_value(level).unwrap(), level.as_str());
        }
    }
}
