//! File names as `elixir_make` asks for them: `{app}-nif-{M.m}-{target}-{version}.tar.gz`, with targets as `cc_precompiler` spells them.

use std::fmt;
use std::str::FromStr;

use plimsoll_model::{NifVersion, Target};

use super::file_name::{InvalidNifFileName, is_identifier, is_version};

/// The name of an archive, with its parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ElixirMakeFileName {
    /// The OTP application.
    pub app: String,
    /// The NIF version that the library asks for.
    pub nif_version: NifVersion,
    /// The target, which must be among [`Target::KNOWN`]: only of those the other spelling is known.
    pub target: Target,
    /// The package's version, as mix.exs has it.
    pub version: String,
}

/// A target as `cc_precompiler` spells it: Linux and Windows without a vendor, processors by their names in `uname -m`.
pub fn elixir_make_target(target: &Target) -> String {
    let arch = match target.arch() {
        "riscv64gc" => "riscv64",
        "armv7" => "armv7l",
        arch => arch,
    };
    let rest = target.as_str().split_once('-').map_or("", |(_, rest)| rest);
    let rest = rest.strip_prefix("unknown-").or_else(|| rest.strip_prefix("pc-")).unwrap_or(rest);
    format!("{arch}-{rest}")
}

impl fmt::Display for ElixirMakeFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { app, nif_version, target, version } = self;
        write!(f, "{app}-nif-{nif_version}-{}-{version}.tar.gz", elixir_make_target(target))
    }
}

impl FromStr for ElixirMakeFileName {
    type Err = InvalidNifFileName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = parse(text).filter(|name| name.to_string() == text);
        parsed.ok_or_else(|| InvalidNifFileName::new(text))
    }
}

fn parse(text: &str) -> Option<ElixirMakeFileName> {
    let (app, rest) = text.strip_suffix(".tar.gz")?.split_once("-nif-")?;
    let (nif_version, rest) = rest.split_once('-')?;
    let (target, version) = Target::KNOWN.iter().find_map(|triple| {
        let target: Target = triple.parse().ok()?;
        let version = rest.strip_prefix(&elixir_make_target(&target))?.strip_prefix('-')?.to_owned();
        // What follows `…-linux` may be more of a longer target's name; a version begins with a digit.
        is_version(&version).then_some((target, version))
    })?;
    is_identifier(app).then_some(())?;
    Some(ElixirMakeFileName { app: app.to_owned(), nif_version: nif_version.parse().ok()?, target, version })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn targets_are_spelled_as_cc_precompiler_does() {
        for (triple, expected) in [
            ("x86_64-unknown-linux-gnu", "x86_64-linux-gnu"),
            ("aarch64-unknown-linux-musl", "aarch64-linux-musl"),
            ("riscv64gc-unknown-linux-gnu", "riscv64-linux-gnu"),
            ("armv7-unknown-linux-gnueabihf", "armv7l-linux-gnueabihf"),
            ("aarch64-apple-darwin", "aarch64-apple-darwin"),
            ("x86_64-pc-windows-msvc", "x86_64-windows-msvc"),
        ] {
            assert_eq!(elixir_make_target(&triple.parse().unwrap()), expected);
        }
        let mut all = Target::KNOWN.iter().map(|triple| elixir_make_target(&triple.parse().unwrap())).collect::<Vec<_>>();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), Target::KNOWN.len(), "two targets of one name");
    }

    #[test]
    fn what_the_consumer_would_not_ask_for_does_not_parse() {
        for text in [
            "",
            "exqlite-nif-2.16-x86_64-unknown-linux-gnu-0.13.0.tar.gz",
            "exqlite-nif-2.16-x86_64-linux-gnu.tar.gz",
            "exqlite-nif-2-x86_64-linux-gnu-0.13.0.tar.gz",
            "exqlite-2.16-x86_64-linux-gnu-0.13.0.tar.gz",
            "exqlite-nif-2.16-sparc-solaris-0.13.0.tar.gz",
        ] {
            assert!(text.parse::<ElixirMakeFileName>().is_err(), "{text}");
        }
        assert!("exqlite-nif-2.16-x86_64-linux-gnu-0.13.0.tar.gz".parse::<ElixirMakeFileName>().is_ok());
    }

    proptest! {
        #[test]
        fn every_name_comes_back(
            app in "[a-z][a-z0-9_]{0,20}",
            version in "[0-9]{1,2}\\.[0-9]\\.[0-9](-(rc|dev)[.-][0-9]{1,2})?",
            minor in 0u8..30,
            target in prop::sample::select(Target::KNOWN),
        ) {
            let name = ElixirMakeFileName { app, nif_version: NifVersion::new(2, minor), target: target.parse().unwrap(), version };
            prop_assert_eq!(name.to_string().parse::<ElixirMakeFileName>().unwrap(), name);
        }
    }
}
