//! What a host provides, as tables: program loaders and libraries.
//!
//! Data only; [`crate::policy`] says what follows from it.

use plimsoll_model::{Libc, Target};

/// Libraries that auditwheel's `manylinux` policies leave to the host: glibc's own, the compilers' runtimes, and the desktop's oldest.
pub const GNU_LIBRARIES: &[&str] = &[
    "libGL.so.1",
    "libICE.so.6",
    "libSM.so.6",
    "libX11.so.6",
    "libXext.so.6",
    "libXrender.so.1",
    "libanl.so.1",
    "libatomic.so.1",
    "libc.so.6",
    "libdl.so.2",
    "libexpat.so.1",
    "libgcc_s.so.1",
    "libglib-2.0.so.0",
    "libgobject-2.0.so.0",
    "libgthread-2.0.so.0",
    "libm.so.6",
    "libmvec.so.1",
    "libnsl.so.1",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libstdc++.so.6",
    "libutil.so.1",
    "libz.so.1",
];

/// Libraries that `musllinux` policies leave to the host, beside musl itself (see [`musl_libc_names`]). libgcc_s is absent on stock Alpine.
pub const MUSL_LIBRARIES: &[&str] = &["libz.so.1"];

/// Processor of a triple, and the program loaders of its ports of glibc and musl; none where there is no such port.
///
/// glibc: `shlib-versions` and the psABI of each processor. musl: `configure` and `arch/*/reloc.h` (LDSO_ARCH).
const LOADERS: &[(&str, &str, Option<&str>)] = &[
    ("aarch64", "/lib/ld-linux-aarch64.so.1", Some("/lib/ld-musl-aarch64.so.1")),
    ("i586", "/lib/ld-linux.so.2", Some("/lib/ld-musl-i386.so.1")),
    ("i686", "/lib/ld-linux.so.2", Some("/lib/ld-musl-i386.so.1")),
    ("loongarch64", "/lib64/ld-linux-loongarch-lp64d.so.1", Some("/lib/ld-musl-loongarch64.so.1")),
    ("powerpc64le", "/lib64/ld64.so.2", Some("/lib/ld-musl-powerpc64le.so.1")),
    ("riscv64gc", "/lib/ld-linux-riscv64-lp64d.so.1", Some("/lib/ld-musl-riscv64.so.1")),
    ("s390x", "/lib/ld64.so.1", Some("/lib/ld-musl-s390x.so.1")),
    ("x86_64", "/lib64/ld-linux-x86-64.so.2", Some("/lib/ld-musl-x86_64.so.1")),
];

/// The program loader of a Linux target; none where it is not known.
pub fn loader(target: &Target) -> Option<&'static str> {
    let is_hard_float = target.as_str().ends_with("hf");
    let is_arm = target.arch().starts_with("arm") || target.arch().starts_with("thumb");
    match (target.libc()?, is_arm) {
        (Libc::Gnu, true) if is_hard_float => Some("/lib/ld-linux-armhf.so.3"),
        (Libc::Gnu, true) => Some("/lib/ld-linux.so.3"),
        (Libc::Musl, true) if is_hard_float => Some("/lib/ld-musl-armhf.so.1"),
        (Libc::Musl, true) => Some("/lib/ld-musl-arm.so.1"),
        (libc, false) => {
            let (_, gnu, musl) = LOADERS.iter().find(|(arch, ..)| *arch == target.arch())?;
            if libc == Libc::Gnu { Some(gnu) } else { *musl }
        }
    }
}

/// Names by which a file may need musl: upstream's, the loader's (which is the same file), and Alpine's.
pub fn musl_libc_names(target: &Target) -> Vec<String> {
    let alpine = match target.arch() {
        "i586" | "i686" => "x86",
        "powerpc64le" => "ppc64le",
        "riscv64gc" => "riscv64",
        "arm" | "armv6" => "armhf",
        arch => arch,
    };
    let loader = loader(target).and_then(|path| path.rsplit('/').next()).map(str::to_owned);
    [Some("libc.so".to_owned()), loader, Some(format!("libc.musl-{alpine}.so.1"))].into_iter().flatten().collect()
}

/// Processor and class that files of a target must have, as [`crate::Facts`] names them.
pub fn machine(target: &Target) -> (String, u8) {
    let machine = match target.arch() {
        "i386" | "i586" => "i686",
        "riscv64gc" => "riscv64",
        "riscv32gc" | "riscv32imac" => "riscv32",
        "arm64" => "aarch64",
        arch if arch.starts_with("armeb") => "armeb",
        arch if arch.starts_with("arm64") => arch,
        arch if arch.starts_with("arm") || arch.starts_with("thumb") => "arm",
        arch => arch,
    };
    let is_ilp32 = target.as_str().ends_with("x32") || target.as_str().ends_with("ilp32");
    let is_64 = !is_ilp32 && (machine.contains("64") || machine.starts_with("s390x") || machine == "alpha");
    (machine.to_owned(), if is_64 { 64 } else { 32 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_linux_target_has_a_loader_of_its_own_libc() {
        for triple in Target::KNOWN {
            let target: Target = triple.parse().unwrap();
            match target.libc() {
                Some(Libc::Musl) => assert!(loader(&target).unwrap().contains("/ld-musl-"), "{triple}"),
                Some(Libc::Gnu) => assert!(!loader(&target).unwrap().contains("musl"), "{triple}"),
                None => assert_eq!(loader(&target), None),
            }
        }
        assert_eq!(loader(&"armv7-unknown-linux-gnueabihf".parse().unwrap()), Some("/lib/ld-linux-armhf.so.3"));
        assert_eq!(loader(&"vax-unknown-linux-gnu".parse().unwrap()), None);
    }

    #[test]
    fn machines_follow_from_triples() {
        let of = |triple: &str| machine(&triple.parse().unwrap());
        assert_eq!(of("armv7-unknown-linux-musleabihf"), ("arm".to_owned(), 32));
        assert_eq!(of("riscv64gc-unknown-linux-gnu"), ("riscv64".to_owned(), 64));
        assert_eq!(of("i686-unknown-linux-gnu"), ("i686".to_owned(), 32));
        assert_eq!(of("x86_64-unknown-linux-gnux32"), ("x86_64".to_owned(), 32));
        assert_eq!(of("s390x-unknown-linux-gnu"), ("s390x".to_owned(), 64));
    }
}
