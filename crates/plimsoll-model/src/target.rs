//! Target triples, as rustc names them.

mod others;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A rustc target triple such as `x86_64-unknown-linux-gnu`.
///
/// Any well-formed triple parses, so that an old reader accepts a new release; [`Target::named`] knows what a manifest may name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target(String);

/// The C library family that a Linux target is linked against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Libc {
    /// GNU libc.
    Gnu,
    /// musl.
    Musl,
}

/// Text that is not a target triple.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a target triple (such as x86_64-unknown-linux-gnu)")]
pub struct InvalidTarget(String);

impl Target {
    /// Triples that plimsoll knows how to build or prove for, on some machine; sorted. A manifest may name rustc's others too.
    pub const KNOWN: &'static [&'static str] = &[
        "aarch64-apple-darwin",
        "aarch64-pc-windows-msvc",
        "aarch64-unknown-linux-gnu",
        "aarch64-unknown-linux-musl",
        "armv7-unknown-linux-gnueabihf",
        "armv7-unknown-linux-musleabihf",
        "i686-pc-windows-msvc",
        "i686-unknown-linux-gnu",
        "riscv64gc-unknown-linux-gnu",
        "riscv64gc-unknown-linux-musl",
        "x86_64-apple-darwin",
        "x86_64-pc-windows-gnu",
        "x86_64-pc-windows-msvc",
        "x86_64-unknown-linux-gnu",
        "x86_64-unknown-linux-musl",
    ];

    /// Short forms that a manifest may use, with what they stand for: x86_64 and aarch64 each.
    pub const FAMILIES: &'static [(&'static str, [&'static str; 2])] = &[
        ("linux-gnu", ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]),
        ("linux-musl", ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"]),
        ("macos", ["x86_64-apple-darwin", "aarch64-apple-darwin"]),
        ("windows", ["x86_64-pc-windows-msvc", "aarch64-pc-windows-msvc"]),
    ];

    /// The targets that a word of a person stands for: the one of rustc's that it names, or those of a family. None for other words.
    pub fn named(word: &str) -> Option<Vec<Self>> {
        let family = Self::FAMILIES.iter().find(|(name, _)| *name == word).map(|(_, members)| members.as_slice());
        let of = |list: &'static [&'static str]| list.iter().position(|known| *known == word).map(|at| &list[at..=at]);
        Some(family.or_else(|| of(Self::KNOWN)).or_else(|| of(others::OTHERS))?.iter().map(|triple| Self((*triple).to_owned())).collect())
    }

    /// The words of which [`Target::named`] knows something: families, then triples.
    pub fn words() -> impl Iterator<Item = &'static str> {
        Self::FAMILIES.iter().map(|(name, _)| *name).chain(Self::KNOWN.iter().copied())
    }

    /// The triple.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// First part: `x86_64`, `aarch64`, `armv7`, `riscv64gc` …
    pub fn arch(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// The family of processors, as rustc's `target_arch`, [`std::env::consts::ARCH`] and zig name it: `arm` of `armv7`, `riscv64`, `x86`.
    pub fn processor(&self) -> &str {
        match self.arch() {
            "armv7" => "arm",
            "riscv64gc" => "riscv64",
            "i686" => "x86",
            arch => arch,
        }
    }

    /// `linux`, `macos`, `windows`, or the third part as it is.
    pub fn os(&self) -> &str {
        match self.0.split('-').nth(2).unwrap_or_default() {
            "darwin" => "macos",
            os => os,
        }
    }

    /// The system's name as people write it: `Linux`, `macOS`, `Windows`, or the third part as it is.
    pub fn system(&self) -> &str {
        match self.os() {
            "linux" => "Linux",
            "macos" => "macOS",
            "windows" => "Windows",
            other => other,
        }
    }

    /// What a gap asks for where only a machine with the target's system would do: `a macOS runner`.
    pub fn runner(&self) -> String {
        format!("a {} runner", self.system())
    }

    /// The C library of a Linux target; none elsewhere.
    pub fn libc(&self) -> Option<Libc> {
        let environment = self.0.split('-').nth(3)?;
        match self.os() {
            "linux" if environment.starts_with("gnu") => Some(Libc::Gnu),
            "linux" if environment.starts_with("musl") => Some(Libc::Musl),
            _ => None,
        }
    }

    /// `.exe` on Windows, else nothing.
    pub fn executable_suffix(&self) -> &'static str {
        if self.os() == "windows" { ".exe" } else { "" }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({})", self.0)
    }
}

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split('-').collect::<Vec<_>>();
        let part_is_sound =
            |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'.');
        if !(3..=5).contains(&parts.len()) || text.len() > 64 || !parts.iter().all(part_is_sound) || text.contains("..") {
            return Err(InvalidTarget(text.chars().take(80).collect()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Target {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Target".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "rustc target triple" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_named_as_people_write_them() {
        let runner = |triple: &str| triple.parse::<Target>().unwrap().runner();
        assert_eq!(runner("aarch64-apple-darwin"), "a macOS runner");
        assert_eq!(runner("x86_64-pc-windows-msvc"), "a Windows runner");
        assert_eq!(runner("x86_64-unknown-freebsd"), "a freebsd runner");
    }

    #[test]
    fn every_known_triple_and_family_parses() {
        for triple in Target::KNOWN {
            assert_eq!(triple.parse::<Target>().unwrap().as_str(), *triple);
        }
        assert!(Target::KNOWN.is_sorted());
        for (_, members) in Target::FAMILIES {
            assert!(members.iter().all(|member| Target::KNOWN.contains(member)));
        }
    }

    #[test]
    fn a_word_stands_for_one_triple_or_for_a_family() {
        let named = |word: &str| Target::named(word).map(|targets| targets.iter().map(Target::to_string).collect::<Vec<_>>());
        assert_eq!(named("aarch64-apple-darwin").unwrap(), ["aarch64-apple-darwin"]);
        assert_eq!(named("linux-musl").unwrap(), ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"]);
        assert!(Target::words().all(|word| named(word).is_some()));
        assert_eq!(named("arm-unknown-linux-gnueabihf").unwrap(), ["arm-unknown-linux-gnueabihf"]);
        assert!(others::OTHERS.is_sorted() && others::OTHERS.iter().all(|triple| !Target::KNOWN.contains(triple)));
        assert!(others::OTHERS.iter().all(|triple| triple.parse::<Target>().is_ok()));
        for stranger in ["linux", "sparc-sun-solaris", ""] {
            assert_eq!(named(stranger), None, "{stranger}");
        }
    }

    #[test]
    fn parts_are_read_from_the_triple() {
        let musl: Target = "armv7-unknown-linux-musleabihf".parse().unwrap();
        assert_eq!((musl.arch(), musl.os(), musl.libc()), ("armv7", "linux", Some(Libc::Musl)));
        let mac: Target = "aarch64-apple-darwin".parse().unwrap();
        assert_eq!((mac.arch(), mac.os(), mac.libc()), ("aarch64", "macos", None));
        assert_eq!("x86_64-pc-windows-msvc".parse::<Target>().unwrap().executable_suffix(), ".exe");
    }

    #[test]
    fn paths_are_no_targets() {
        for text in ["", "linux", "../x-y-z", "a-b-c/d", "a--b-c", "A-b-c"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
