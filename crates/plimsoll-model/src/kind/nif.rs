//! Native libraries of the BEAM (NIFs): versions of the interface, and what a plan says of one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::names::Name;

/// A NIF version such as `2.16`. A library of version *x* loads in every runtime of the same major and the same or a higher minor version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NifVersion {
    /// The part before the dot: 2 since OTP R14.
    pub major: u8,
    /// The part after the dot.
    pub minor: u8,
}

/// Text that is not a NIF version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a NIF version (such as 2.16)")]
pub struct InvalidNifVersion(String);

impl NifVersion {
    /// Versions with the first OTP release that has them, ascending (erl_nif.h of those releases).
    pub const KNOWN: &'static [(Self, u16)] =
        &[(Self::new(2, 14), 21), (Self::new(2, 15), 22), (Self::new(2, 16), 24), (Self::new(2, 17), 26), (Self::new(2, 18), 29)];

    /// `major.minor`.
    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }

    /// The first OTP release whose runtime has this version; none where it is not known.
    pub fn first_otp(self) -> Option<u16> {
        Self::KNOWN.iter().find(|(version, _)| *version == self).map(|(_, otp)| *otp)
    }

    /// The version that a runtime of this one takes out of those offered, as `rustler_precompiled` chooses: the same, else the highest
    /// below it of the same major. None: nothing offered loads there.
    pub fn choose(self, offered: impl IntoIterator<Item = Self>) -> Option<Self> {
        offered.into_iter().filter(|version| version.major == self.major && *version <= self).max()
    }
}

impl fmt::Display for NifVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for NifVersion {
    type Err = InvalidNifVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidNifVersion(text.escape_debug().take(40).collect());
        let number = |part: &str| {
            let plain = part.bytes().all(|b| b.is_ascii_digit()) && (part.len() == 1 || !part.starts_with('0'));
            if plain { part.parse::<u8>().map_err(|_| invalid()) } else { Err(invalid()) }
        };
        let (major, minor) = text.split_once('.').ok_or_else(invalid)?;
        Ok(Self { major: number(major)?, minor: number(minor)? })
    }
}

impl Serialize for NifVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for NifVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for NifVersion {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "NifVersion".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9]+\\.[0-9]+$" })
    }
}

/// Whose file names and steps the users of an Elixir package follow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NifScheme {
    /// `rustler_precompiled`: one library an archive, one map of checksums a module.
    #[default]
    RustlerPrecompiled,
    /// `elixir_make` with `cc_precompiler`: the tree of the application's priv folder, one map of checksums a package.
    ElixirMake,
}

impl NifScheme {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::RustlerPrecompiled, Self::ElixirMake];

    /// As written in manifests and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RustlerPrecompiled => "rustler_precompiled",
            Self::ElixirMake => "elixir_make",
        }
    }

    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// A library for the BEAM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NifPlan {
    /// How users get it.
    #[serde(default, skip_serializing_if = "NifScheme::is_usual")]
    pub scheme: NifScheme,
    /// The name that the manifest has for the library in all its versions and variants; none in an older plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library: Option<Name>,
    /// The Elixir module that loads it, as written: `MyApp.Native`.
    pub module: String,
    /// The OTP application.
    pub app: String,
    /// The NIF version that its name tells.
    pub version: NifVersion,
    /// Which versions of Elixir the package asks for: `~> 1.15`; none if any will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires_elixir: Option<String>,
    /// All NIF versions that are shipped, where there are several: a BEAM takes the highest that it has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offered: Vec<NifVersion>,
    /// Which of several libraries for one target and NIF version; none for the one that all can load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The library's crate, as the module names it.
    pub crate_name: String,
    /// The library in its archive: the only member, or where the scheme packs a priv folder, a path in that.
    pub member: String,
    /// Expressions that must be true once it is loaded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub load: Vec<String>,
    /// What users get of the project's files: patterns, as `files:` of the package has them. None if all of them, or if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_round_trip_and_nothing_else_parses() {
        for (version, otp) in NifVersion::KNOWN {
            assert_eq!(version.to_string().parse::<NifVersion>().unwrap(), *version);
            assert_eq!(version.first_otp(), Some(*otp));
        }
        for text in ["", "2", "2.", ".2", "2.16.1", "2.016", "02.16", "2.x", "2.-1", "2.+1", "2.999", "a.b"] {
            assert!(text.parse::<NifVersion>().is_err(), "{text}");
        }
        assert_eq!(NifVersion::new(2, 13).first_otp(), None);
    }

    #[test]
    fn a_runtime_takes_the_highest_that_it_loads() {
        let offered = [NifVersion::new(2, 15), NifVersion::new(2, 17), NifVersion::new(3, 0)];
        let choice = |minor| NifVersion::new(2, minor).choose(offered);
        assert_eq!(choice(15), Some(NifVersion::new(2, 15)));
        assert_eq!(choice(16), Some(NifVersion::new(2, 15)));
        assert_eq!(choice(18), Some(NifVersion::new(2, 17)));
        assert_eq!(choice(14), None);
    }
}
