//! The platform tags of a target, from what its binaries were measured to ask of a system.
//!
//! Only tags that PyPI takes: a wheel of another can be published nowhere that users look.

use std::fmt;

use plimsoll_model::{GlibcVersion, Libc, MacosVersion, Target};

use super::TagSet;

/// What the binaries of a wheel ask of the system, all of them together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemFloor {
    /// The oldest glibc that loads them.
    Glibc(GlibcVersion),
    /// The oldest macOS that loads them: the greatest `minos`.
    Macos(MacosVersion),
    /// No version: static ones, those of musl, those for Windows.
    None,
}

/// Why no platform tag says what a wheel fits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPlatformTag {
    /// PyPI has none for such systems.
    #[error("no platform tag that PyPI takes stands for {target}: leave it out of the wheel's targets")]
    Target {
        /// The target.
        target: Target,
    },
    /// What was measured is not of the target's system.
    #[error("its binaries ask for {floor}, which is nothing that {target} has")]
    Floor {
        /// The target.
        target: Target,
        /// What was measured.
        floor: SystemFloor,
    },
    /// Without it a tag would be a guess.
    #[error("which macOS its binaries for {target} ask for is not known, so no tag can be honest")]
    Unmeasured {
        /// The target.
        target: Target,
    },
    /// Newer than any that PyPI knows.
    #[error("its binaries ask for macOS {minimum}, and PyPI's tags end with that of macOS {NEWEST_MACOS}")]
    Macos {
        /// What was measured.
        minimum: MacosVersion,
    },
}

impl fmt::Display for SystemFloor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Glibc(version) => write!(f, "glibc {version}"),
            Self::Macos(version) => write!(f, "macOS {version}"),
            Self::None => f.write_str("no version of a system"),
        }
    }
}

/// The least glibc of `manylinux` tags that we write. Installers know 2.5 and 2.12 for x86 too, but no Rust program has run on those since 1.64.
const OLDEST_GLIBC: GlibcVersion = GlibcVersion::new(2, 17);
/// glibc has known riscv64 since then.
const OLDEST_GLIBC_OF_RISCV64: GlibcVersion = GlibcVersion::new(2, 27);
/// The one with which this processor came.
const OLDEST_MACOS_OF_ARM64: MacosVersion = MacosVersion::new(11, 0);
/// The last major version for which PyPI takes a tag. After 15 comes 26.
const NEWEST_MACOS: u16 = 26;

/// The tags of the platforms on which binaries for `target` run that ask for `floor`.
///
/// # Errors
/// PyPI has no tag for it, or what was measured is nothing that the target has.
pub fn platform_tags(target: &Target, floor: SystemFloor) -> Result<TagSet, NoPlatformTag> {
    let unknown = || NoPlatformTag::Target { target: target.clone() };
    let foreign = || NoPlatformTag::Floor { target: target.clone(), floor };
    match (target.os(), target.libc()) {
        ("linux", Some(libc)) => {
            let processor = linux_processor(target).ok_or_else(unknown)?;
            match (libc, floor) {
                (Libc::Gnu, SystemFloor::Glibc(version)) => Ok(manylinux(processor, version)),
                // Static, and so no glibc is too old for it but one that such a processor never had.
                (Libc::Gnu, SystemFloor::None) => Ok(manylinux(processor, OLDEST_GLIBC)),
                // PyPI has no tag for musl on big-endian POWER.
                (Libc::Musl, SystemFloor::None) if processor != "ppc64" => Ok(musllinux(processor)),
                (Libc::Musl, SystemFloor::None) => Err(unknown()),
                (Libc::Gnu | Libc::Musl, _) => Err(foreign()),
            }
        }
        ("macos", _) => {
            let processor = match target.as_str() {
                "x86_64-apple-darwin" => "x86_64",
                "aarch64-apple-darwin" => "arm64",
                _ => return Err(unknown()),
            };
            match floor {
                SystemFloor::Macos(minimum) => macos(processor, minimum),
                SystemFloor::None => Err(NoPlatformTag::Unmeasured { target: target.clone() }),
                SystemFloor::Glibc(_) => Err(foreign()),
            }
        }
        ("windows", _) if floor == SystemFloor::None => windows(target).map(TagSet::one).ok_or_else(unknown),
        ("windows", _) => Err(foreign()),
        _ => Err(unknown()),
    }
}

/// `manylinux_2_17_x86_64`, and for 2.17 the older name of the same, which is the only one that pip before 20.3 knows.
fn manylinux(processor: &str, version: GlibcVersion) -> TagSet {
    let oldest = if processor == "riscv64" { OLDEST_GLIBC_OF_RISCV64 } else { OLDEST_GLIBC };
    let version = version.max(oldest);
    let set = TagSet::one(format!("manylinux_{}_{}_{processor}", version.major, version.minor));
    if version == OLDEST_GLIBC { set.and(format!("manylinux2014_{processor}")) } else { set }
}

/// musl 1.2, which Alpine has had since 3.13. The 1.1 before it is on no system that is still served, and rustc has brought 1.2 since 1.71, so that nothing
/// tells that a program linked to it would run with 1.1. Later ones have the same first numbers.
fn musllinux(processor: &str) -> TagSet {
    TagSet::one(format!("musllinux_1_2_{processor}"))
}

/// From 11 on there is a tag for each first number alone, so that what asks for 11.3 fits 12 and later.
fn macos(processor: &str, minimum: MacosVersion) -> Result<TagSet, NoPlatformTag> {
    let minimum = if processor == "arm64" { minimum.max(OLDEST_MACOS_OF_ARM64) } else { minimum };
    if minimum.major == 10 && minimum.minor < 16 {
        return Ok(TagSet::one(format!("macosx_10_{}_{processor}", minimum.minor)));
    }
    // 10.16 is what 11 calls itself for older programs.
    let whole = match minimum {
        MacosVersion { major: ..=10, .. } => 11,
        MacosVersion { major, minor: 0 } => major,
        MacosVersion { major, .. } => major.saturating_add(1),
    };
    let major = if (16..NEWEST_MACOS).contains(&whole) { NEWEST_MACOS } else { whole };
    if major > NEWEST_MACOS { Err(NoPlatformTag::Macos { minimum }) } else { Ok(TagSet::one(format!("macosx_{major}_0_{processor}"))) }
}

/// The processor as tags of Linux name it. Which floats and pointers a program passes how is part of it: a soft-float or x32 program runs on none of
/// these systems.
fn linux_processor(target: &Target) -> Option<&'static str> {
    let environment = target.as_str().split('-').nth(3)?;
    let (processor, environments) = match target.arch() {
        "x86_64" => ("x86_64", ["gnu", "musl"]),
        "i586" | "i686" => ("i686", ["gnu", "musl"]),
        "aarch64" => ("aarch64", ["gnu", "musl"]),
        "armv7" => ("armv7l", ["gnueabihf", "musleabihf"]),
        "powerpc64" => ("ppc64", ["gnu", "musl"]),
        "powerpc64le" => ("ppc64le", ["gnu", "musl"]),
        "riscv64gc" => ("riscv64", ["gnu", "musl"]),
        "s390x" => ("s390x", ["gnu", "musl"]),
        _ => return None,
    };
    environments.contains(&environment).then_some(processor)
}

fn windows(target: &Target) -> Option<&'static str> {
    // Programs for the store's systems are none that pip could install.
    let vendor = target.as_str().split('-').nth(1)?;
    match target.arch() {
        _ if vendor != "pc" && vendor != "win7" => None,
        "x86_64" => Some("win_amd64"),
        "aarch64" => Some("win_arm64"),
        "i586" | "i686" => Some("win32"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(target: &str, floor: SystemFloor) -> String {
        platform_tags(&target.parse().unwrap(), floor).map_or_else(|error| error.to_string(), |tags| tags.to_string())
    }

    fn glibc(minor: u16) -> SystemFloor {
        SystemFloor::Glibc(GlibcVersion::new(2, minor))
    }

    fn macos(major: u16, minor: u16) -> SystemFloor {
        SystemFloor::Macos(MacosVersion::new(major, minor))
    }

    #[test]
    fn the_floor_is_the_tag() {
        for (target, floor, expected) in [
            ("x86_64-unknown-linux-gnu", glibc(17), "manylinux2014_x86_64.manylinux_2_17_x86_64"),
            ("x86_64-unknown-linux-gnu", glibc(4), "manylinux2014_x86_64.manylinux_2_17_x86_64"),
            ("x86_64-unknown-linux-gnu", glibc(18), "manylinux_2_18_x86_64"),
            ("aarch64-unknown-linux-gnu", glibc(28), "manylinux_2_28_aarch64"),
            ("x86_64-unknown-linux-gnu", SystemFloor::None, "manylinux2014_x86_64.manylinux_2_17_x86_64"),
            ("riscv64gc-unknown-linux-gnu", glibc(17), "manylinux_2_27_riscv64"),
            ("x86_64-unknown-linux-musl", SystemFloor::None, "musllinux_1_2_x86_64"),
            ("armv7-unknown-linux-musleabihf", SystemFloor::None, "musllinux_1_2_armv7l"),
            ("aarch64-apple-darwin", macos(11, 0), "macosx_11_0_arm64"),
            ("aarch64-apple-darwin", macos(10, 12), "macosx_11_0_arm64"),
            ("aarch64-apple-darwin", macos(11, 3), "macosx_12_0_arm64"),
            ("aarch64-apple-darwin", macos(15, 1), "macosx_26_0_arm64"),
            ("x86_64-apple-darwin", macos(10, 12), "macosx_10_12_x86_64"),
            ("x86_64-apple-darwin", macos(10, 16), "macosx_11_0_x86_64"),
            ("x86_64-pc-windows-msvc", SystemFloor::None, "win_amd64"),
            ("x86_64-pc-windows-gnu", SystemFloor::None, "win_amd64"),
            ("aarch64-pc-windows-msvc", SystemFloor::None, "win_arm64"),
            ("i686-pc-windows-msvc", SystemFloor::None, "win32"),
        ] {
            assert_eq!(tags(target, floor), expected, "{target} {floor}");
        }
    }

    #[test]
    fn every_target_that_plimsoll_builds_for_has_a_tag() {
        for known in Target::KNOWN {
            let target: Target = known.parse().unwrap();
            let floor = match (target.os(), target.libc()) {
                ("macos", _) => macos(11, 0),
                (_, Some(Libc::Gnu)) => glibc(17),
                _ => SystemFloor::None,
            };
            let tags = platform_tags(&target, floor).unwrap();
            assert_eq!(tags.to_string().parse(), Ok(tags), "{known}");
        }
    }

    #[test]
    fn what_py_pi_has_no_tag_for_is_told() {
        for target in [
            "x86_64-unknown-freebsd",
            "loongarch64-unknown-linux-gnu",
            "arm-unknown-linux-gnueabihf",
            "armv7-unknown-linux-gnueabi",
            "x86_64-unknown-linux-gnux32",
            "aarch64_be-unknown-linux-gnu",
            "powerpc64-unknown-linux-musl",
            "x86_64-unknown-linux-none",
            "aarch64-linux-android",
            "x86_64-uwp-windows-msvc",
            "arm64ec-pc-windows-msvc",
            "x86_64h-apple-darwin",
            "aarch64-apple-ios",
            "wasm32-unknown-emscripten",
        ] {
            let expected = format!("no platform tag that PyPI takes stands for {target}: leave it out of the wheel's targets");
            assert_eq!(tags(target, SystemFloor::None), expected, "{target}");
        }
    }

    #[test]
    fn what_cannot_be_true_of_a_target_is_told() {
        assert_eq!(
            tags("x86_64-unknown-linux-musl", glibc(17)),
            "its binaries ask for glibc 2.17, which is nothing that x86_64-unknown-linux-musl has"
        );
        assert_eq!(
            tags("x86_64-pc-windows-msvc", macos(11, 0)),
            "its binaries ask for macOS 11.0, which is nothing that x86_64-pc-windows-msvc has"
        );
        assert_eq!(
            tags("aarch64-apple-darwin", SystemFloor::None),
            "which macOS its binaries for aarch64-apple-darwin ask for is not known, so no tag can be honest"
        );
        assert_eq!(
            tags("aarch64-apple-darwin", macos(26, 1)),
            "its binaries ask for macOS 26.1, and PyPI's tags end with that of macOS 26"
        );
    }
}
