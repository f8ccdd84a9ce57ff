//! The C libraries of this kind of machine: where loaders lie, what glibc consists of, and what version its bytes state.

use std::path::Path;

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

/// A processor's names and paths.
#[derive(Debug)]
pub(super) struct Machine {
    /// As `std::env::consts::ARCH` has it.
    pub(super) arch: &'static str,
    /// As Debian names it.
    pub(super) debian: &'static str,
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

const MACHINES: [Machine; 5] = [
    Machine {
        arch: "x86_64",
        debian: "amd64",
        qemu: "qemu-x86_64",
        elf: 62,
        multiarch: "x86_64-linux-gnu",
        loader: "/lib64/ld-linux-x86-64.so.2",
        musl: "/lib/ld-musl-x86_64.so.1",
    },
    Machine {
        arch: "aarch64",
        debian: "arm64",
        qemu: "qemu-aarch64",
        elf: 183,
        multiarch: "aarch64-linux-gnu",
        loader: "/lib/ld-linux-aarch64.so.1",
        musl: "/lib/ld-musl-aarch64.so.1",
    },
    Machine {
        arch: "riscv64",
        debian: "riscv64",
        qemu: "qemu-riscv64",
        elf: 243,
        multiarch: "riscv64-linux-gnu",
        loader: "/lib/ld-linux-riscv64-lp64d.so.1",
        musl: "/lib/ld-musl-riscv64.so.1",
    },
    Machine {
        arch: "arm",
        debian: "armhf",
        qemu: "qemu-arm",
        elf: 40,
        multiarch: "arm-linux-gnueabihf",
        loader: "/lib/ld-linux-armhf.so.3",
        musl: "/lib/ld-musl-armhf.so.1",
    },
    Machine {
        arch: "x86",
        debian: "i386",
        qemu: "qemu-i386",
        elf: 3,
        multiarch: "i386-linux-gnu",
        loader: "/lib/ld-linux.so.2",
        musl: "/lib/ld-musl-i386.so.1",
    },
];

impl Machine {
    /// The machine that plimsoll runs on, where it is a known one.
    pub(super) fn this() -> Option<&'static Self> {
        Self::of(std::env::consts::ARCH)
    }

    /// A machine by the name that Rust has for its processor.
    pub(super) fn of(arch: &str) -> Option<&'static Self> {
        MACHINES.iter().find(|machine| machine.arch == arch)
    }

    /// A machine by Debian's name for it.
    pub(super) fn of_debian(name: &str) -> Option<&'static Self> {
        MACHINES.iter().find(|machine| machine.debian == name)
    }

    /// Where libraries lie, in the order in which they are looked for. `lib` of Fedora holds another word size than `lib64`: see
    /// [`Machine::is_own`].
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
        let machine = match (bytes.get(5), bytes.get(18), bytes.get(19)) {
            (Some(1), Some(low), Some(high)) => u16::from_le_bytes([*low, *high]),
            (Some(2), Some(high), Some(low)) => u16::from_be_bytes([*high, *low]),
            _ => return false,
        };
        bytes.starts_with(b"\x7fELF") && machine == self.elf
    }
}

/// The version that a libc.so.6 states in its greeting: `GNU C Library (…) stable release version 2.36.`
pub(super) fn glibc_version(bytes: &[u8]) -> Option<GlibcVersion> {
    let phrase = b"release version ";
    let start = bytes.windows(phrase.len()).position(|window| window == phrase)? + phrase.len();
    let word = bytes[start..].iter().take(16).take_while(|byte| byte.is_ascii_digit() || **byte == b'.').copied().collect();
    String::from_utf8(word).ok()?.trim_matches('.').parse().ok()
}

/// The C library in a root's folder: `glibc 2.36`, `musl`.
pub(super) fn of_root(root: &Path, machine: &Machine) -> Option<String> {
    let inside = |path: &str| {
        let path = root.join(path.trim_start_matches('/')).canonicalize().ok()?;
        // A link that leads out of the root would tell about the host.
        path.starts_with(root.canonicalize().ok()?).then_some(path)
    };
    for folder in machine.library_folders() {
        if let Some(version) = inside(&format!("{folder}/libc.so.6")).and_then(|path| glibc_version(&std::fs::read(path).ok()?)) {
            return Some(format!("glibc {version}"));
        }
    }
    inside(machine.musl).map(|_| "musl".to_owned())
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
    fn files_of_other_machines_are_told() {
        let machine = &MACHINES[0];
        let mut header = [0; 20];
        header[..6].copy_from_slice(b"\x7fELF\x02\x01");
        header[18] = 62;
        assert!(machine.is_own(&header) && !machine.is_own(&header[..10]));
        header[18] = 3;
        assert!(!machine.is_own(&header));
    }
}
