//! Names under which people know a floor: a version of glibc, a distribution, one of Python's platform tags, macOS, Windows.
//!
//! Sources of tags: manylinux PEP 599 (`manylinux2014`) and PEP 600 (`manylinux_X_Y`, which is the version of glibc itself).

use std::fmt;

use plimsoll_model::GlibcVersion;
use serde::{Serialize, Serializer};

use crate::distributions;
use crate::host_demand::Host;
use crate::version::DottedVersion;

/// The oldest system that must do, or that does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Floor {
    /// A glibc.
    Glibc(GlibcVersion),
    /// A macOS.
    Macos(DottedVersion),
    /// A Windows, as its kernel is numbered.
    Windows(DottedVersion),
}

impl Floor {
    /// Whether a system at `limit` is too old for this; none where the two are of different systems.
    pub fn is_above(&self, limit: &Self) -> Option<bool> {
        match (self, limit) {
            (Self::Glibc(own), Self::Glibc(limit)) => Some(own > limit),
            (Self::Macos(own), Self::Macos(limit)) | (Self::Windows(own), Self::Windows(limit)) => Some(own.compare_padded(limit).is_gt()),
            (Self::Glibc(_) | Self::Macos(_) | Self::Windows(_), _) => None,
        }
    }

    /// The version alone.
    pub fn version(&self) -> String {
        match self {
            Self::Glibc(version) => version.to_string(),
            Self::Macos(version) | Self::Windows(version) => version.to_string(),
        }
    }

    /// The system as people write it.
    pub fn system(&self) -> &'static str {
        match self {
            Self::Glibc(_) => "glibc",
            Self::Macos(_) => "macOS",
            Self::Windows(_) => "Windows",
        }
    }
}

impl fmt::Display for Floor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.system(), self.version())
    }
}

/// As [`named_floor`] reads it.
impl Serialize for Floor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Glibc(version) => serializer.collect_str(version),
            Self::Macos(version) => serializer.collect_str(&format_args!("macos:{version}")),
            Self::Windows(version) => serializer.collect_str(&format_args!("windows:{version}")),
        }
    }
}

/// Systems that are named with any version.
const SYSTEMS: [&str; 2] = ["macos:11.0", "windows:10.0"];

/// Tags that are in use.
const TAGS: [&str; 4] = ["manylinux2014", "manylinux_2_17", "manylinux_2_28", "manylinux_2_34"];

/// A floor as it is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedFloor {
    /// A version of a system, of which nothing else is known.
    System(Floor),
    /// A system with all the libraries that come with it.
    Host(Host),
}

impl NamedFloor {
    /// The system's version; none where the C library is musl, whose symbols have no versions.
    pub fn floor(&self) -> Option<Floor> {
        match self {
            Self::System(floor) => Some(floor.clone()),
            Self::Host(host) => host.glibc().map(Floor::Glibc),
        }
    }
}

/// The floor of that name (`debian:12`, `manylinux_2_28`, `macos:11.0`, `windows:10.0`), or the glibc of that version; none where it is neither.
pub fn named_floor(text: &str) -> Option<NamedFloor> {
    match text.split_once(':') {
        Some(("macos", version)) => version.parse().ok().map(Floor::Macos).map(NamedFloor::System),
        Some(("windows", version)) => version.parse().ok().map(Floor::Windows).map(NamedFloor::System),
        _ => match text.parse() {
            Ok(version) => Some(NamedFloor::System(Floor::Glibc(version))),
            Err(_) => Host::named(text).map(NamedFloor::Host),
        },
    }
}

/// All names, for messages.
pub fn floor_names() -> impl Iterator<Item = &'static str> {
    distributions::names().chain(TAGS).chain(SYSTEMS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tags_and_versions_are_floors() {
        for (text, version) in
            [("debian:12", (2, 36)), ("amazonlinux:2", (2, 26)), ("manylinux2014", (2, 17)), ("manylinux_2_39", (2, 39)), ("2.28", (2, 28))]
        {
            assert_eq!(named_floor(text).unwrap().floor(), Some(Floor::Glibc(GlibcVersion::new(version.0, version.1))), "{text}");
        }
        assert_eq!(named_floor("macos:11"), Some(NamedFloor::System(Floor::Macos("11".parse().unwrap()))));
        assert_eq!(named_floor("alpine:3.20").map(|named| named.floor()), Some(None), "musl's symbols have no versions");
        for text in
            ["", "debian", "macos", "macos:", "windows:x", "debian:9x", "manylinux_2", "manylinux_2_28_x86_64", "manylinux_2.28", "2"]
        {
            assert_eq!(named_floor(text), None, "{text}");
        }
    }

    #[test]
    fn floors_of_one_system_compare_and_others_do_not() {
        let of = |text: &str| named_floor(text).unwrap().floor().unwrap();
        assert_eq!(of("macos:11.1").is_above(&of("macos:11")), Some(true));
        assert_eq!(of("macos:11.0").is_above(&of("macos:11")), Some(false));
        assert_eq!(of("2.36").is_above(&of("debian:11")), Some(true));
        assert_eq!(of("2.36").is_above(&of("macos:11")), None);
        for text in ["2.28", "macos:11.0", "windows:10.0"] {
            assert_eq!(serde_json::to_string(&of(text)).unwrap(), format!("\"{text}\""), "read as it is written");
        }
    }

    #[test]
    fn tags_in_the_table_agree_with_the_rule() {
        for name in floor_names() {
            let tag = name.strip_prefix("manylinux_").map(|tag| tag.replacen('_', ".", 1).parse().unwrap());
            assert!(tag.is_none_or(|tag| named_floor(name).unwrap().floor() == Some(Floor::Glibc(tag))), "{name}");
        }
    }
}
