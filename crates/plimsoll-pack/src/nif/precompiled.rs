//! File names as `rustler_precompiled` asks for them: `{lib}{crate}-v{version}-nif-{M.m}-{target}[--{variant}].{so|dll}.tar.gz`.
//!
//! `lib` is left out where the target names Windows, and only there the library is a `.dll`; macOS has `.so` too, because that is the name
//! under which the BEAM looks.

use std::fmt;
use std::str::FromStr;

use plimsoll_model::{NifVersion, Target};

use super::file_name::{InvalidNifFileName, is_identifier, is_version};

const ARCHIVE: &str = ".tar.gz";

/// The name of an archive, with its parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrecompiledFileName {
    /// The crate's library name: underscores, no hyphens.
    pub library: String,
    /// The package's version, as mix.exs has it, without `v`.
    pub version: String,
    /// The NIF version that the library asks for.
    pub nif_version: NifVersion,
    /// The target.
    pub target: Target,
    /// Which of several libraries for one target, if there are several.
    pub variant: Option<Variant>,
}

/// The name of a variant: letters, digits and `_`, a letter first. In Elixir it is an atom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variant(String);

impl Variant {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Variant {
    type Err = InvalidNifFileName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_identifier(text) { Ok(Self(text.to_owned())) } else { Err(InvalidNifFileName::new(text)) }
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PrecompiledFileName {
    /// The only member of the archive: its own name without `.tar.gz`. Under another name, or in a folder, the BEAM does not find it.
    pub fn member(&self) -> String {
        let Self { library, version, nif_version, target, variant } = self;
        let (prefix, suffix) = if is_windows(target) { ("", "dll") } else { ("lib", "so") };
        let variant = variant.as_ref().map(|variant| format!("--{variant}")).unwrap_or_default();
        format!("{prefix}{library}-v{version}-nif-{nif_version}-{target}{variant}.{suffix}")
    }
}

/// As the consumer asks: by the text of the triple.
fn is_windows(target: &Target) -> bool {
    target.as_str().contains("windows")
}

impl fmt::Display for PrecompiledFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{ARCHIVE}", self.member())
    }
}

impl FromStr for PrecompiledFileName {
    type Err = InvalidNifFileName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = parse(text).filter(|name| name.to_string() == text);
        parsed.ok_or_else(|| InvalidNifFileName::new(text))
    }
}

fn parse(text: &str) -> Option<PrecompiledFileName> {
    let member = text.strip_suffix(ARCHIVE)?;
    let (stem, suffix) = member.rsplit_once('.')?;
    // A library may be called `lib…` itself, so the prefix is told by the suffix and not by a look at the name.
    let stem = match suffix {
        "so" => stem.strip_prefix("lib")?,
        "dll" => stem,
        _ => return None,
    };
    // A library's name has no hyphen; a version may have anything, even `-nif-`, so the rest is cut off from the right.
    let (library, rest) = stem.split_once("-v")?;
    let (version, rest) = rest.rsplit_once("-nif-")?;
    let (nif_version, rest) = rest.split_once('-')?;
    let (target, variant) = match rest.split_once("--") {
        Some((target, variant)) => (target, Some(variant.parse().ok()?)),
        None => (rest, None),
    };
    if !is_identifier(library) || !is_version(version) {
        return None;
    }
    Some(PrecompiledFileName {
        library: library.to_owned(),
        version: version.to_owned(),
        nif_version: nif_version.parse().ok()?,
        target: target.parse().ok()?,
        variant,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Names that real packages publish, to the byte.
    #[test]
    fn names_are_those_of_the_consumer() {
        let name = |library: &str, version: &str, nif: &str, target: &str, variant: Option<&str>| PrecompiledFileName {
            library: library.to_owned(),
            version: version.to_owned(),
            nif_version: nif.parse().unwrap(),
            target: target.parse().unwrap(),
            variant: variant.map(|variant| variant.parse().unwrap()),
        };
        for (name, expected) in [
            (
                name("ecto_libsql", "0.5.0", "2.15", "aarch64-unknown-linux-musl", None),
                "libecto_libsql-v0.5.0-nif-2.15-aarch64-unknown-linux-musl.so.tar.gz",
            ),
            (
                name("guppy_nif", "0.1.0-dev.1", "2.16", "aarch64-apple-darwin", None),
                "libguppy_nif-v0.1.0-dev.1-nif-2.16-aarch64-apple-darwin.so.tar.gz",
            ),
            (
                name("explorer", "1.0.0", "2.15", "x86_64-pc-windows-msvc", Some("legacy_cpu")),
                "explorer-v1.0.0-nif-2.15-x86_64-pc-windows-msvc--legacy_cpu.dll.tar.gz",
            ),
            (
                name("libx", "1.0.0", "2.15", "x86_64-unknown-linux-gnu", Some("old_glibc")),
                "liblibx-v1.0.0-nif-2.15-x86_64-unknown-linux-gnu--old_glibc.so.tar.gz",
            ),
        ] {
            assert_eq!(name.to_string(), expected);
            assert_eq!(expected.parse::<PrecompiledFileName>().unwrap(), name);
            assert_eq!(format!("{}.tar.gz", name.member()), expected);
        }
    }

    #[test]
    fn what_the_consumer_would_not_ask_for_does_not_parse() {
        for text in [
            "",
            "libx-v1.0.0-nif-2.15-x86_64-unknown-linux-gnu.so",
            "libx-v1.0.0-nif-2.15-x86_64-unknown-linux-gnu.dylib.tar.gz",
            "libx-v1.0.0-nif-2.15-x86_64-unknown-linux-gnu.dll.tar.gz",
            "x-v1.0.0-nif-2.15-x86_64-unknown-linux-gnu.so.tar.gz",
            "libx-v1.0.0-nif-2.15-x86_64-pc-windows-msvc.so.tar.gz",
            "libx-v1.0.0-nif-2-x86_64-unknown-linux-gnu.so.tar.gz",
            "libx-y-v1.0.0-nif-2.15-x86_64-unknown-linux-gnu.so.tar.gz",
            "libx-vlatest-nif-2.15-x86_64-unknown-linux-gnu.so.tar.gz",
            "libx-v1.0.0-nif-2.15-x86_64-unknown-linux-gnu--.so.tar.gz",
            "libx-v1.0.0-nif-2.15-x86_64-unknown-linux-gnu--a-b.so.tar.gz",
            "libx-v1.0.0-nif-2.15-linux.so.tar.gz",
        ] {
            assert!(text.parse::<PrecompiledFileName>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_name_comes_back(
            library in "[a-z_][a-z0-9_]{0,20}",
            version in "[0-9]{1,2}\\.[0-9]\\.[0-9](-(rc|dev|nif)[.-][0-9]{1,2})?(-nif-2\\.15-a)?",
            minor in 0u8..30,
            target in prop::sample::select(Target::KNOWN),
            variant in prop::option::of("[a-z][a-z0-9_]{0,12}"),
        ) {
            let name = PrecompiledFileName {
                library,
                version,
                nif_version: NifVersion::new(2, minor),
                target: target.parse().unwrap(),
                variant: variant.map(|variant| variant.parse().unwrap()),
            };
            prop_assert_eq!(name.to_string().parse::<PrecompiledFileName>().unwrap(), name);
        }

        #[test]
        fn any_text_parses_to_itself_or_not_at_all(text in "(lib)?[a-z_]{0,4}(-v)?[0-9.]{0,5}(-nif-)?[0-9.]{0,4}(-x86_64-pc-windows-msvc|-a-b-c)?(--)?[a-z]{0,2}(.so|.dll)?(.tar.gz)?") {
            if let Ok(name) = text.parse::<PrecompiledFileName>() {
                prop_assert_eq!(name.to_string(), text);
            }
        }
    }
}
