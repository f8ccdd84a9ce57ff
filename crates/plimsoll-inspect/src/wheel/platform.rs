//! Platform tags: what each promises, and which of them PyPI knows.
//!
//! Source: `warehouse/utils/wheel.py` of <https://github.com/pypi/warehouse>, PEP 600 (manylinux), PEP 656 (musllinux), PEP 730 and 738.

use plimsoll_model::GlibcVersion;

use crate::version::DottedVersion;

/// What a tag promises. Architectures are those of the tags: `x86_64`, `arm64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Platform {
    /// Every system.
    Any,
    /// Linux with this glibc or a later one.
    Manylinux(GlibcVersion, String),
    /// Linux with this musl or a later one.
    Musllinux(DottedVersion, String),
    /// Some Linux.
    Linux(String),
    /// This macOS or a later one.
    Macos(DottedVersion, String),
    Windows(&'static str),
    /// Android, iOS, WebAssembly, or nothing that is known: no promise that is judged here.
    Other,
}

const OLD: [(&str, GlibcVersion); 3] =
    [("manylinux1_", GlibcVersion::new(2, 5)), ("manylinux2010_", GlibcVersion::new(2, 12)), ("manylinux2014_", GlibcVersion::new(2, 17))];

const WINDOWS: [&str; 3] = ["win32", "win_amd64", "win_arm64"];

impl Platform {
    pub fn read(tag: &str) -> Self {
        if tag == "any" {
            return Self::Any;
        }
        if let Some((glibc, arch)) = OLD.iter().find_map(|(prefix, glibc)| Some((*glibc, tag.strip_prefix(prefix)?))) {
            return Self::Manylinux(glibc, arch.to_owned());
        }
        if let Some(known) = WINDOWS.iter().find(|known| **known == tag) {
            return Self::Windows(known);
        }
        let numbered = |prefix: &str| {
            let mut parts = tag.strip_prefix(prefix)?.splitn(3, '_');
            let (major, minor, arch) = (parts.next()?.parse::<u16>().ok()?, parts.next()?.parse::<u16>().ok()?, parts.next()?);
            Some((major, minor, arch.to_owned()))
        };
        let dotted = |major: u16, minor: u16| DottedVersion::of(major.into(), &[minor.into()]);
        if let Some((major, minor, arch)) = numbered("manylinux_") {
            return Self::Manylinux(GlibcVersion::new(major, minor), arch);
        }
        if let Some((major, minor, arch)) = numbered("musllinux_") {
            return Self::Musllinux(dotted(major, minor), arch);
        }
        if let Some((major, minor, arch)) = numbered("macosx_") {
            return Self::Macos(dotted(major, minor), arch);
        }
        tag.strip_prefix("linux_").map_or(Self::Other, |arch| Self::Linux(arch.to_owned()))
    }
}

const STATIC: [&str; 7] = ["any", "win32", "win_arm64", "win_amd64", "win_ia64", "linux_armv6l", "linux_armv7l"];
const LINUX_ARCHES: [&str; 7] = ["x86_64", "i686", "aarch64", "armv7l", "ppc64le", "s390x", "riscv64"];
const MACOS_ARCHES: [&str; 11] = ["ppc", "ppc64", "i386", "x86_64", "arm64", "intel", "fat", "fat3", "fat64", "universal", "universal2"];
const MACOS_MAJORS: [u32; 6] = [11, 12, 13, 14, 15, 26];
const ANDROID_ARCHES: [&str; 4] = ["armeabi_v7a", "arm64_v8a", "x86", "x86_64"];

/// Whether PyPI takes it.
pub(super) fn is_known(tag: &str) -> bool {
    match Platform::read(tag) {
        Platform::Any | Platform::Windows(_) => true,
        Platform::Manylinux(_, arch) => match tag.split_once('_') {
            Some(("manylinux1" | "manylinux2010", _)) => ["x86_64", "i686"].contains(&arch.as_str()),
            Some(("manylinux2014", _)) => arch == "ppc64" || LINUX_ARCHES[..6].contains(&arch.as_str()),
            _ => arch == "ppc64" || LINUX_ARCHES.contains(&arch.as_str()),
        },
        Platform::Musllinux(_, arch) => LINUX_ARCHES.contains(&arch.as_str()),
        Platform::Macos(version, arch) => {
            let is_release = match version.parts() {
                [10, _] => true,
                [major, minor] => MACOS_MAJORS.contains(major) && *minor == 0,
                _ => false,
            };
            is_release && MACOS_ARCHES.contains(&arch.as_str())
        }
        Platform::Linux(_) | Platform::Other => STATIC.contains(&tag) || is_mobile(tag),
    }
}

/// Android, iOS, and Python for the web.
fn is_mobile(tag: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = tag.split('_').collect::<Vec<_>>();
    match parts.as_slice() {
        ["android", level, arch @ ..] => is_number(level) && ANDROID_ARCHES.contains(&arch.join("_").as_str()),
        ["ios", major, minor, arch @ .., "iphoneos" | "iphonesimulator"] => {
            is_number(major) && is_number(minor) && ["arm64", "x86_64"].contains(&arch.join("_").as_str())
        }
        ["pyemscripten", year, patch, "wasm32"] => is_number(year) && is_number(patch),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pypi_knows_these() {
        for tag in [
            "any",
            "win_amd64",
            "manylinux1_x86_64",
            "manylinux2014_aarch64",
            "manylinux_2_34_riscv64",
            "musllinux_1_2_armv7l",
            "macosx_10_9_universal2",
            "macosx_26_0_arm64",
            "linux_armv7l",
            "android_21_arm64_v8a",
            "ios_13_0_arm64_iphonesimulator",
            "pyemscripten_2025_0_wasm32",
        ] {
            assert!(is_known(tag), "{tag}");
        }
    }

    #[test]
    fn pypi_refuses_these() {
        for tag in [
            "linux_x86_64",
            "linux_aarch64",
            "macosx_11_1_arm64",
            "macosx_16_0_arm64",
            "macosx_10_9_amd64",
            "manylinux2010_aarch64",
            "manylinux2014_riscv64",
            "manylinux_2_x86_64",
            "musllinux_1_2_ppc64",
            "musllinux_1_2_loongarch64",
            "freebsd_14_x86_64",
            "win64",
            "",
        ] {
            assert!(!is_known(tag), "{tag}");
        }
    }
}
