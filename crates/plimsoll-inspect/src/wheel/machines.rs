//! Processors as platform tags name them, as facts do, and as triples do.

use plimsoll_model::Target;

/// Tag of Linux, name of facts, triple for glibc, triple for musl, and the first glibc with that processor.
type Row = (&'static str, &'static str, &'static str, &'static str, (u16, u16));

const LINUX: &[Row] = &[
    ("x86_64", "x86_64", "x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl", (2, 5)),
    ("i686", "i686", "i686-unknown-linux-gnu", "i686-unknown-linux-musl", (2, 5)),
    ("aarch64", "aarch64", "aarch64-unknown-linux-gnu", "aarch64-unknown-linux-musl", (2, 17)),
    ("armv7l", "arm", "armv7-unknown-linux-gnueabihf", "armv7-unknown-linux-musleabihf", (2, 17)),
    ("armv6l", "arm", "arm-unknown-linux-gnueabihf", "arm-unknown-linux-musleabihf", (2, 17)),
    ("ppc64le", "powerpc64le", "powerpc64le-unknown-linux-gnu", "powerpc64le-unknown-linux-musl", (2, 17)),
    ("ppc64", "powerpc64", "powerpc64-unknown-linux-gnu", "powerpc64-unknown-linux-musl", (2, 17)),
    ("s390x", "s390x", "s390x-unknown-linux-gnu", "s390x-unknown-linux-musl", (2, 17)),
    ("riscv64", "riscv64", "riscv64gc-unknown-linux-gnu", "riscv64gc-unknown-linux-musl", (2, 27)),
    ("loongarch64", "loongarch64", "loongarch64-unknown-linux-gnu", "loongarch64-unknown-linux-musl", (2, 36)),
];

/// The processor of a Linux tag; none where it is not known.
pub(super) fn of_linux(arch: &str) -> Option<&'static str> {
    LINUX.iter().find(|(tag, ..)| *tag == arch).map(|(_, machine, ..)| *machine)
}

/// The Linux tag of a processor, and the first glibc that knows it. Revisions of ARM are not told apart: v7 stands for all.
pub(super) fn linux_tag(machine: &str) -> Option<(&'static str, (u16, u16))> {
    LINUX.iter().find(|(_, own, ..)| *own == machine).map(|(tag, _, _, _, first)| (*tag, *first))
}

/// The target of a Linux tag, by which its program loader is known.
pub(super) fn target(arch: &str, is_musl: bool) -> Option<Target> {
    let (_, _, gnu, musl, _) = LINUX.iter().find(|(tag, ..)| *tag == arch)?;
    if is_musl { musl } else { gnu }.parse().ok()
}

/// Processors that a file for a macOS tag must have code for; empty where that is not judged.
pub(super) fn of_macos(arch: &str) -> &'static [&'static str] {
    match arch {
        "x86_64" | "intel" => &["x86_64"],
        "arm64" => &["aarch64"],
        "universal2" => &["x86_64", "aarch64"],
        _ => &[],
    }
}

/// The processor of a Windows tag.
pub(super) fn of_windows(tag: &str) -> &'static str {
    match tag {
        "win32" => "i686",
        "win_arm64" => "aarch64",
        _ => "x86_64",
    }
}

/// The Windows tag of a processor.
pub(super) fn windows_tag(machine: &str) -> Option<&'static str> {
    ["win32", "win_amd64", "win_arm64"].into_iter().find(|tag| of_windows(tag) == machine)
}
