//! The machine that an artifact is for, by what lies in its file system and by what its processor says of itself. Nothing is executed to find out.

use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use plimsoll_model::{CpuLevel, GlibcVersion};

/// The longest C library that is looked into, in bytes.
const MAX_LIBC: u64 = 64 << 20;

/// What decides whether an artifact can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// As in a target triple: `x86_64`, `aarch64`, `armv7`, `i686`, `riscv64gc` …
    pub arch: String,
    /// `linux`, `macos`, `windows` …
    pub os: String,
    /// The glibc that is installed where programs look for it.
    pub glibc: Option<GlibcVersion>,
    /// Whether musl's loader is installed, so that programs that are not static can use it.
    pub musl_loader: bool,
    /// The greatest level of x86-64 that the processor has; none where it is not known, or the processor is another.
    pub cpu: Option<CpuLevel>,
}

impl Machine {
    /// This machine.
    pub fn here() -> Self {
        let mut machine = Self::in_root(Path::new("/"), std::env::consts::ARCH, std::env::consts::OS);
        if machine.glibc.is_none() && machine.os == "linux" {
            machine.glibc = mapped_libc().and_then(|path| glibc_of(&path));
        }
        machine.cpu = level();
        machine
    }

    /// A machine with another root folder, whose processor is not known any closer. `arch` and `os` as in [`std::env::consts`].
    pub fn in_root(root: &Path, arch: &str, os: &str) -> Self {
        let arch = match arch {
            "x86" => "i686",
            "arm" => "armv7",
            "riscv64" => "riscv64gc",
            arch => arch,
        };
        let linux = os == "linux";
        Self {
            arch: arch.to_owned(),
            os: os.to_owned(),
            glibc: if linux { libc_places(arch).iter().find_map(|place| glibc_of(&root.join(place))) } else { None },
            musl_loader: linux && root.join(format!("lib/ld-musl-{}.so.1", musl_arch(arch))).exists(),
            cpu: None,
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.arch, self.os)?;
        match (self.os.as_str(), self.glibc, self.musl_loader) {
            ("linux", Some(glibc), false) => write!(f, " with glibc {glibc}"),
            ("linux", Some(glibc), true) => write!(f, " with glibc {glibc} and musl"),
            ("linux", None, true) => write!(f, " with musl"),
            ("linux", None, false) => write!(f, " without a C library in the usual places"),
            _ => Ok(()),
        }
    }
}

/// The greatest level that this processor has, by the psABI's lists. LAHF-SAHF of the second is not asked for: every processor with the others has
/// it.
#[cfg(target_arch = "x86_64")]
fn level() -> Option<CpuLevel> {
    use std::arch::is_x86_feature_detected as has;
    let second = has!("cmpxchg16b") && has!("popcnt") && has!("sse3") && has!("sse4.1") && has!("sse4.2") && has!("ssse3");
    let third =
        has!("avx") && has!("avx2") && has!("bmi1") && has!("bmi2") && has!("f16c") && has!("fma") && has!("lzcnt") && has!("movbe");
    let fourth = has!("avx512f") && has!("avx512bw") && has!("avx512cd") && has!("avx512dq") && has!("avx512vl");
    Some(match (second, third, fourth) {
        (true, true, true) => CpuLevel::V4,
        (true, true, false) => CpuLevel::V3,
        (true, false, _) => CpuLevel::V2,
        (false, _, _) => CpuLevel::V1,
    })
}

#[cfg(not(target_arch = "x86_64"))]
fn level() -> Option<CpuLevel> {
    None
}

/// Where loaders look: multiarch folders first, because on such systems the others may hold another processor's.
fn libc_places(arch: &str) -> Vec<PathBuf> {
    let multiarch = match arch {
        "x86_64" => "x86_64-linux-gnu",
        "i686" => "i386-linux-gnu",
        "aarch64" => "aarch64-linux-gnu",
        "armv7" => "arm-linux-gnueabihf",
        "riscv64gc" => "riscv64-linux-gnu",
        _ => "",
    };
    let folders: &[&str] = match arch {
        "i686" | "armv7" => &["lib", "usr/lib", "lib32", "usr/lib32"],
        _ => &["lib64", "usr/lib64", "lib", "usr/lib"],
    };
    let with_multiarch = ["lib", "usr/lib"].iter().filter(|_| !multiarch.is_empty()).map(|lib| Path::new(lib).join(multiarch));
    with_multiarch.chain(folders.iter().map(PathBuf::from)).map(|folder| folder.join("libc.so.6")).collect()
}

fn musl_arch(arch: &str) -> &str {
    match arch {
        "i686" => "i386",
        "armv7" => "armhf",
        "riscv64gc" => "riscv64",
        arch => arch,
    }
}

/// The C library that this very process has loaded, for systems that keep it elsewhere.
fn mapped_libc() -> Option<PathBuf> {
    let mut maps = String::new();
    fs::File::open("/proc/self/maps").ok()?.take(4 << 20).read_to_string(&mut maps).ok()?;
    let mut paths = maps.lines().filter_map(|line| line.find('/').map(|at| &line[at..]));
    paths.find(|path| path.ends_with("/libc.so.6")).map(PathBuf::from)
}

fn glibc_of(path: &Path) -> Option<GlibcVersion> {
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(MAX_LIBC).read_to_end(&mut bytes).ok()?;
    banner_version(&bytes)
}

/// From the banner that every glibc carries: `GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.`
fn banner_version(bytes: &[u8]) -> Option<GlibcVersion> {
    const NAME: &[u8] = b"GNU C Library";
    const BEFORE: &str = "release version ";
    bytes.windows(NAME.len()).enumerate().filter(|(_, window)| *window == NAME).find_map(|(at, _)| {
        let banner = &bytes[at..bytes.len().min(at + 300)];
        let line = String::from_utf8_lossy(banner.split(|byte| matches!(byte, b'\n' | 0)).next()?).into_owned();
        let version = &line[line.find(BEFORE)? + BEFORE.len()..];
        let length = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
        // The full stop of the sentence, and the third number of development versions.
        let mut numbers = version[..length].split('.');
        format!("{}.{}", numbers.next()?, numbers.next()?).parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_the_banner() {
        let version = |text: &str| banner_version(text.as_bytes());
        let debian = "\x7fELF…GNU C Library\0GNU C Library (Debian GLIBC 2.36-9+deb12u10) stable release version 2.36.\nCopyright";
        assert_eq!(version(debian), Some(GlibcVersion::new(2, 36)));
        assert_eq!(version("GNU C Library (GNU libc) development release version 2.39.9000.\n"), Some(GlibcVersion::new(2, 39)));
        assert_eq!(version("GNU C Library stable release version 2.17, by Roland McGrath"), Some(GlibcVersion::new(2, 17)));
        for text in ["", "GNU C Library", "GNU C Library stable release version ", "GNU C Library release version 99999999.1.", "é"] {
            assert_eq!(version(text), None, "{text}");
        }
    }

    #[test]
    fn roots_of_each_family_are_told_apart() {
        let root = tempfile::tempdir().unwrap();
        let here = || Machine::in_root(root.path(), "x86_64", "linux");
        assert_eq!((here().glibc, here().musl_loader), (None, false));
        std::fs::create_dir_all(root.path().join("usr/lib64")).unwrap();
        std::fs::write(root.path().join("usr/lib64/libc.so.6"), "GNU C Library stable release version 2.34.\n").unwrap();
        assert_eq!(here().glibc, Some(GlibcVersion::new(2, 34)));
        std::fs::create_dir_all(root.path().join("lib/x86_64-linux-gnu")).unwrap();
        std::fs::write(root.path().join("lib/x86_64-linux-gnu/libc.so.6"), "GNU C Library stable release version 2.36.\n").unwrap();
        std::fs::write(root.path().join("lib/ld-musl-x86_64.so.1"), "").unwrap();
        assert_eq!(here().to_string(), "x86_64 linux with glibc 2.36 and musl");
        assert_eq!(Machine::in_root(root.path(), "x86_64", "macos").glibc, None);
        assert_eq!(Machine::in_root(root.path(), "x86", "linux").arch, "i686");
    }

    #[test]
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    fn the_level_is_what_the_kernel_says_of_the_processor() {
        let text = fs::read_to_string("/proc/cpuinfo").unwrap();
        let flags = text.lines().find(|line| line.starts_with("flags")).unwrap().split_whitespace().collect::<Vec<_>>();
        let level = Machine::here().cpu.unwrap();
        assert_eq!(level >= CpuLevel::V2, ["cx16", "popcnt", "sse4_2", "ssse3"].iter().all(|flag| flags.contains(flag)));
        assert_eq!(level >= CpuLevel::V3, ["avx2", "bmi2", "fma", "movbe", "f16c", "abm"].iter().all(|flag| flags.contains(flag)));
        assert_eq!(level == CpuLevel::V4, ["avx512bw", "avx512vl", "avx512cd"].iter().all(|flag| flags.contains(flag)));
    }

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn this_machine_runs_this_test_by_its_glibc() {
        assert!(Machine::here().glibc.is_some_and(|glibc| glibc >= GlibcVersion::new(2, 17)));
    }
}
