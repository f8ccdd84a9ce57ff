//! The C libraries of this kind of machine: where loaders lie, what glibc consists of, and what version its bytes state.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use plimsoll_model::GlibcVersion;

/// Files of the loader and libc family by name, all of glibc but for libgcc_s, which unwinding needs.
pub(super) const FAMILY: [&str; 13] = [
    "libc.so.6",
    "libm.so.6",
    "libmvec.so.1",
    "libdl.so.2",
    "libpthread.so.0",
    "librt.so.1",
    "libresolv.so.2",
    "libutil.so.1",
    "libanl.so.1",
    "libnss_files.so.2",
    "libnss_dns.so.2",
    "libnss_compat.so.2",
    "libgcc_s.so.1",
];

/// As many as Linux follows.
const MOST_LINKS: usize = 40;
/// Larger files are no C library.
const LARGEST: u64 = 64 << 20;

/// A processor's names and paths.
#[derive(Debug)]
pub(super) struct Processor {
    /// As `std::env::consts::ARCH` has it.
    pub(super) arch: &'static str,
    /// As Debian names it.
    pub(super) debian: &'static str,
    /// As images of containers name it (OCI image index, `platform`).
    pub(super) platform: &'static str,
    /// As qemu names it: `qemu-aarch64`.
    pub(super) qemu: &'static str,
    /// ELF `e_machine`.
    elf: u16,
    /// The folder's name on multiarch systems.
    multiarch: &'static str,
    /// glibc's loader, as programs name it.
    pub(super) loader: &'static str,
    /// musl's loader, which is its libc as well.
    pub(super) musl: &'static str,
}

const MACHINES: [Processor; 5] = [
    Processor {
        arch: "x86_64",
        debian: "amd64",
        platform: "linux/amd64",
        qemu: "qemu-x86_64",
        elf: 62,
        multiarch: "x86_64-linux-gnu",
        loader: "/lib64/ld-linux-x86-64.so.2",
        musl: "/lib/ld-musl-x86_64.so.1",
    },
    Processor {
        arch: "aarch64",
        debian: "arm64",
        platform: "linux/arm64",
        qemu: "qemu-aarch64",
        elf: 183,
        multiarch: "aarch64-linux-gnu",
        loader: "/lib/ld-linux-aarch64.so.1",
        musl: "/lib/ld-musl-aarch64.so.1",
    },
    Processor {
        arch: "riscv64",
        debian: "riscv64",
        platform: "linux/riscv64",
        qemu: "qemu-riscv64",
        elf: 243,
        multiarch: "riscv64-linux-gnu",
        loader: "/lib/ld-linux-riscv64-lp64d.so.1",
        musl: "/lib/ld-musl-riscv64.so.1",
    },
    Processor {
        arch: "arm",
        debian: "armhf",
        platform: "linux/arm/v7",
        qemu: "qemu-arm",
        elf: 40,
        multiarch: "arm-linux-gnueabihf",
        loader: "/lib/ld-linux-armhf.so.3",
        musl: "/lib/ld-musl-armhf.so.1",
    },
    Processor {
        arch: "x86",
        debian: "i386",
        platform: "linux/386",
        qemu: "qemu-i386",
        elf: 3,
        multiarch: "i386-linux-gnu",
        loader: "/lib/ld-linux.so.2",
        musl: "/lib/ld-musl-i386.so.1",
    },
];

impl Processor {
    /// The machine that plimsoll runs on, where it is a known one.
    pub(super) fn this() -> Option<&'static Self> {
        Self::of(std::env::consts::ARCH)
    }

    /// A machine by the name that Rust has for its processor.
    pub(super) fn of(arch: &str) -> Option<&'static Self> {
        MACHINES.iter().find(|processor| processor.arch == arch)
    }

    /// A machine by Debian's name for it.
    pub(super) fn of_debian(name: &str) -> Option<&'static Self> {
        MACHINES.iter().find(|processor| processor.debian == name)
    }

    /// Where libraries lie, in the order in which they are looked for. `lib` of Fedora holds another word size than `lib64`: see
    /// [`Processor::is_own`].
    pub(super) fn library_folders(&self) -> [String; 6] {
        [
            format!("/lib/{}", self.multiarch),
            format!("/usr/lib/{}", self.multiarch),
            "/lib64".to_owned(),
            "/usr/lib64".to_owned(),
            "/lib".to_owned(),
            "/usr/lib".to_owned(),
        ]
    }

    /// Whether the bytes are an ELF file for this machine (gABI, "ELF Header": `e_machine` at 18, byte order at 5).
    pub(super) fn is_own(&self, bytes: &[u8]) -> bool {
        let processor = match (bytes.get(5), bytes.get(18), bytes.get(19)) {
            (Some(1), Some(low), Some(high)) => u16::from_le_bytes([*low, *high]),
            (Some(2), Some(high), Some(low)) => u16::from_be_bytes([*high, *low]),
            _ => return false,
        };
        bytes.starts_with(b"\x7fELF") && processor == self.elf
    }
}

/// The version that a libc.so.6 states in its greeting: `GNU C Library (…) stable release version 2.36.`
pub(super) fn glibc_version(bytes: &[u8]) -> Option<GlibcVersion> {
    let phrase = b"release version ";
    let start = bytes.windows(phrase.len()).position(|window| window == phrase)? + phrase.len();
    let word = bytes[start..].iter().take(16).take_while(|byte| byte.is_ascii_digit() || **byte == b'.').copied().collect();
    String::from_utf8(word).ok()?.trim_matches('.').parse().ok()
}

/// The version that musl's loader states, which is its C library too: the only text of it that is three numbers and nothing else.
pub(super) fn musl_version(bytes: &[u8]) -> Option<String> {
    let mut texts = bytes.split(|byte| *byte == 0).filter(|text| {
        let parts = text.split(|byte| *byte == b'.').collect::<Vec<_>>();
        parts.len() == 3 && text.len() <= 12 && parts.iter().all(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit))
    });
    let version = texts.next().and_then(|text| String::from_utf8(text.to_vec()).ok())?;
    texts.all(|text| text == version.as_bytes()).then_some(version)
}

/// `musl 1.2.5`, or only the name where the version cannot be read.
fn musl_label(bytes: &[u8]) -> String {
    musl_version(bytes).map_or_else(|| "musl".to_owned(), |version| format!("musl {version}"))
}

/// The C libraries that a root offers, each with its version and the name of its loader's file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offered {
    glibc: Option<(String, &'static str)>,
    musl: Option<(String, &'static str)>,
}

impl Offered {
    /// What is among files: path in the root → bytes.
    pub(super) fn among<'a>(files: impl IntoIterator<Item = (&'a PathBuf, &'a Vec<u8>)>, processor: &Processor) -> Self {
        let name = |path: &'static str| path.rsplit('/').next().unwrap_or(path);
        let (loader, musl) = (name(processor.loader), name(processor.musl));
        let mut offered = Self::default();
        for (path, bytes) in files {
            if path.ends_with("libc.so.6") {
                offered.glibc = glibc_version(bytes).map(|version| (format!("glibc {version}"), loader));
            } else if path.ends_with(musl) {
                offered.musl = Some((musl_label(bytes), musl));
            }
        }
        offered
    }

    /// glibc, or where there is none, musl.
    pub(super) fn first(&self) -> Option<String> {
        self.glibc.as_ref().or(self.musl.as_ref()).map(|(label, _)| label.clone())
    }

    /// What programs got that name these loaders; none where all are static.
    pub(super) fn to(&self, loaders: &[Option<String>]) -> Option<String> {
        let named = |file: &str| loaders.iter().flatten().any(|path| path.rsplit('/').next() == Some(file));
        let used = [&self.glibc, &self.musl].into_iter().flatten().filter(|(_, file)| named(file)).map(|(label, _)| label.as_str());
        Some(used.collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())
    }
}

/// The C library in a root's folder: `glibc 2.36`, `musl 1.2.5`.
pub(super) fn of_root(root: &Path, processor: &Processor) -> Option<String> {
    for folder in processor.library_folders() {
        let version = inside(root, &format!("{folder}/libc.so.6")).and_then(|path| glibc_version(&read(&path)?));
        if let Some(version) = version {
            return Some(format!("glibc {version}"));
        }
    }
    musl_of_root(root, processor)
}

/// musl in a root's folder, whatever else is there: `musl 1.2.5`.
pub(super) fn musl_of_root(root: &Path, processor: &Processor) -> Option<String> {
    inside(root, processor.musl).map(|path| musl_label(&read(&path).unwrap_or_default()))
}

/// Whether a root's folder has a loader for programs of a machine.
pub(super) fn has_loader(root: &Path, processor: &Processor) -> bool {
    let own = |path: &str| inside(root, path).and_then(|path| read(&path)).is_some_and(|bytes| processor.is_own(&bytes));
    [processor.loader, processor.musl].into_iter().any(own)
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let small = std::fs::metadata(path).is_ok_and(|data| data.is_file() && data.len() <= LARGEST);
    small.then(|| std::fs::read(path).ok()).flatten()
}

/// What a path leads to for a program that runs in the root, where it is there: absolute links begin at the root, and `..` ends there. The
/// host would follow them into its own files.
pub(super) fn inside(root: &Path, path: &str) -> Option<PathBuf> {
    let mut left = components(Path::new(path));
    let (mut at, mut links) = (PathBuf::new(), 0);
    while let Some(part) = left.pop() {
        if part == ".." {
            at.pop();
            continue;
        }
        let here = root.join(&at).join(&part);
        if !std::fs::symlink_metadata(&here).ok()?.is_symlink() {
            at.push(part);
            continue;
        }
        links += 1;
        if links > MOST_LINKS {
            return None;
        }
        let target = std::fs::read_link(&here).ok()?;
        if target.is_absolute() {
            at = PathBuf::new();
        }
        left.extend(components(&target));
    }
    Some(root.join(at))
}

/// Names and `..`, the last one first.
fn components(path: &Path) -> Vec<OsString> {
    let wanted = |part: &Component<'_>| matches!(part, Component::Normal(_) | Component::ParentDir);
    path.components().rev().filter(wanted).map(|part| part.as_os_str().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_the_greeting() {
        let greeting = |text: &str| glibc_version(format!("\0\x7f{text}\n").as_bytes());
        assert_eq!(greeting("GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36."), Some(GlibcVersion::new(2, 36)));
        assert_eq!(greeting("GNU C Library (GNU libc) development release version 2.40.9000."), None);
        assert_eq!(greeting("release version "), None);
    }

    #[test]
    fn the_version_of_musl_is_the_one_text_that_is_three_numbers() {
        assert_eq!(musl_version(b"\x7fELF\0musl libc (x86_64)\nVersion %s\n\x001.2.5\x00127.0.0.1\0"), Some("1.2.5".to_owned()));
        assert_eq!(musl_version(b"\x001.2.5\x001.2.5\0"), Some("1.2.5".to_owned()));
        for none in [&b"\x001.2.5\x001.2.6\0"[..], b"", b"\x001..5\0", b"\x001.2\0", b"v1.2.5"] {
            assert_eq!(musl_version(none), None);
        }
    }

    #[test]
    fn a_program_is_told_the_library_of_its_own_loader() {
        let processor = Processor::of("aarch64").unwrap();
        let glibc = (PathBuf::from("/lib/aarch64-linux-gnu/libc.so.6"), b"stable release version 2.41.\n".to_vec());
        let musl = (PathBuf::from("/lib/ld-musl-aarch64.so.1"), b"\x001.2.5\0".to_vec());
        let both = Offered::among([(&glibc.0, &glibc.1), (&musl.0, &musl.1)], processor);
        let loaders = |paths: &[Option<&str>]| both.to(&paths.iter().map(|path| path.map(str::to_owned)).collect::<Vec<_>>());
        assert_eq!(both.first().as_deref(), Some("glibc 2.41"));
        assert_eq!(loaders(&[Some("/lib/ld-linux-aarch64.so.1")]).as_deref(), Some("glibc 2.41"));
        assert_eq!(loaders(&[Some("/lib/ld-musl-aarch64.so.1"), None]).as_deref(), Some("musl 1.2.5"));
        assert_eq!(loaders(&[Some(processor.loader), Some(processor.musl)]).as_deref(), Some("glibc 2.41, musl 1.2.5"));
        assert_eq!(loaders(&[None]), None);
        let unread = Offered::among([(&musl.0, &Vec::new())], processor);
        assert_eq!(unread.first().as_deref(), Some("musl"));
    }

    #[test]
    fn links_of_a_root_lead_to_its_own_files_only() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        std::fs::create_dir_all(root.join("usr/lib/x86_64-linux-gnu")).unwrap();
        std::fs::create_dir_all(root.join("usr/lib64")).unwrap();
        std::fs::write(folder.path().join("host"), "").unwrap();
        std::fs::write(root.join("usr/lib/x86_64-linux-gnu/ld"), "").unwrap();
        symlink("usr/lib64", root.join("lib64")).unwrap();
        symlink("usr/lib", root.join("lib")).unwrap();
        symlink("/lib/x86_64-linux-gnu/ld", root.join("usr/lib64/ld")).unwrap();
        symlink("/etc/passwd", root.join("passwd")).unwrap();
        symlink("../host", root.join("up")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        assert_eq!(inside(&root, "/lib64/ld"), Some(root.join("usr/lib/x86_64-linux-gnu/ld")));
        for out in ["/passwd", "/up", "/loop", "/none", "/../host"] {
            assert_eq!(inside(&root, out), None, "{out}");
        }
    }

    #[test]
    fn files_of_other_machines_are_told() {
        let processor = &MACHINES[0];
        let mut header = [0; 20];
        header[..6].copy_from_slice(b"\x7fELF\x02\x01");
        header[18] = 62;
        assert!(processor.is_own(&header) && !processor.is_own(&header[..10]));
        header[18] = 3;
        assert!(!processor.is_own(&header));
    }
}
