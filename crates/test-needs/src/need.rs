//! The needs, and how each is looked for: at first cheaply, without starting a program, and then by use.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::search_path;

/// Something of the machine that a test cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// apt, which knows a mirror of Debian.
    Apt,
    /// bubblewrap that can isolate.
    Bubblewrap,
    /// A C compiler for this machine.
    CCompiler,
    /// docker-registry, which serves images.
    ContainerRegistry,
    /// A C++ compiler for this machine.
    CxxCompiler,
    /// curl.
    Curl,
    /// Elixir with Mix and Erlang.
    Elixir,
    /// git.
    Git,
    /// LLVM's tools and its linker.
    Llvm,
    /// make.
    Make,
    /// mmdebstrap, which makes the roots of Debian.
    Mmdebstrap,
    /// Mount namespaces in which a tmpfs can be mounted.
    MountNamespaces,
    /// A C compiler for musl, and musl's own loader.
    MuslCompiler,
    /// What reads Debian's changelogs and RPM's spec files.
    PackageReaders,
    /// podman.
    Podman,
    /// Python 3.
    Python,
    /// What users install and upload Python's packages with, beside pip: uv, pipx and twine.
    PythonClients,
    /// Python 3 that makes virtual environments with pip in them.
    PythonVenv,
    /// readelf.
    Readelf,
    /// To be root, or something that passes for it.
    Root,
    /// Rust's standard library of glibc for the processors that few have.
    RustGlibc,
    /// Rust's standard library for macOS.
    RustMacos,
    /// The same as [`Need::RustGlibc`] of musl.
    RustMusl,
    /// Rust's standard library for Windows.
    RustWindows,
    /// What enters user namespaces and becomes other users: util-linux.
    UtilLinux,
    /// uv.
    Uv,
    /// A Linux system on x86-64.
    X86_64Linux,
    /// xz.
    Xz,
    /// zstd.
    Zstd,
}

impl Need {
    /// All of them.
    pub const ALL: [Self; 29] = [
        Self::Apt,
        Self::Bubblewrap,
        Self::CCompiler,
        Self::ContainerRegistry,
        Self::CxxCompiler,
        Self::Curl,
        Self::Elixir,
        Self::Git,
        Self::Llvm,
        Self::Make,
        Self::Mmdebstrap,
        Self::MountNamespaces,
        Self::MuslCompiler,
        Self::PackageReaders,
        Self::Podman,
        Self::Python,
        Self::PythonClients,
        Self::PythonVenv,
        Self::Readelf,
        Self::Root,
        Self::RustGlibc,
        Self::RustMacos,
        Self::RustMusl,
        Self::RustWindows,
        Self::UtilLinux,
        Self::Uv,
        Self::X86_64Linux,
        Self::Xz,
        Self::Zstd,
    ];

    /// Its name, as `PLIMSOLL_REQUIRE` has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Apt => "apt",
            Self::Bubblewrap => "bubblewrap",
            Self::CCompiler => "c-compiler",
            Self::ContainerRegistry => "container-registry",
            Self::CxxCompiler => "c++-compiler",
            Self::Curl => "curl",
            Self::Elixir => "elixir",
            Self::Git => "git",
            Self::Llvm => "llvm",
            Self::Make => "make",
            Self::Mmdebstrap => "mmdebstrap",
            Self::MountNamespaces => "mount-namespaces",
            Self::MuslCompiler => "musl-compiler",
            Self::PackageReaders => "package-readers",
            Self::Podman => "podman",
            Self::Python => "python",
            Self::PythonClients => "python-clients",
            Self::PythonVenv => "python-venv",
            Self::Readelf => "readelf",
            Self::Root => "root",
            Self::RustGlibc => "rust-glibc",
            Self::RustMacos => "rust-macos",
            Self::RustMusl => "rust-musl",
            Self::RustWindows => "rust-windows",
            Self::UtilLinux => "util-linux",
            Self::Uv => "uv",
            Self::X86_64Linux => "x86-64-linux",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
        }
    }

    /// The programs that it is looked for by.
    const fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Apt => &["apt-get"],
            Self::Bubblewrap => &["bwrap"],
            Self::CCompiler => &["cc"],
            Self::ContainerRegistry => &["docker-registry"],
            Self::CxxCompiler => &["c++"],
            Self::Curl => &["curl"],
            Self::Elixir => &["elixir", "elixirc", "mix", "escript"],
            Self::Git => &["git"],
            Self::Make => &["make"],
            Self::Mmdebstrap => &["mmdebstrap"],
            Self::MountNamespaces => &["unshare", "mount"],
            Self::MuslCompiler => &["musl-gcc"],
            Self::PackageReaders => &["rpmspec", "dpkg-parsechangelog"],
            Self::Podman => &["podman"],
            Self::Python | Self::PythonVenv => &["python3"],
            Self::PythonClients => &["uv", "pipx", "twine"],
            Self::Readelf => &["readelf"],
            Self::UtilLinux => &["unshare", "nsenter", "setpriv"],
            Self::Uv => &["uv"],
            Self::Xz => &["xz"],
            Self::Zstd => &["zstd"],
            // Looked for otherwise. LLVM's tools have their version in their names.
            Self::Llvm | Self::Root | Self::X86_64Linux => &[],
            Self::RustGlibc | Self::RustMacos | Self::RustMusl | Self::RustWindows => &[],
        }
    }

    /// Why it is not met, as far as can be seen without starting anything.
    #[must_use]
    pub fn absent(self) -> Option<String> {
        if let Some(missing) = self.programs().iter().find(|name| program(name).is_none()) {
            return Some(format!("{missing} is not installed"));
        }
        match self {
            Self::Llvm => {
                let missing = OF_LLVM.into_iter().find(|name| newest_of_llvm(name).is_none());
                missing.map(|name| format!("{name} is not installed"))
            }
            Self::MuslCompiler => {
                let loader = format!("/lib/ld-musl-{}.so.1", std::env::consts::ARCH);
                (!Path::new(&loader).exists()).then(|| format!("there is no {loader}"))
            }
            Self::Root => (!is_root()).then(|| "not run by root".to_owned()),
            Self::X86_64Linux => (!cfg!(all(target_arch = "x86_64", target_os = "linux"))).then(|| "this is no Linux on x86-64".to_owned()),
            _ => None,
        }
    }

    /// Why it is not met, found out by using it.
    #[must_use]
    pub fn unusable(self) -> Option<String> {
        self.absent().or_else(|| match self {
            Self::Bubblewrap => refusal(Command::new("bwrap").args(["--ro-bind", "/", "/", "true"])),
            Self::MountNamespaces => {
                let own_user = (!is_root()).then_some("--map-root-user");
                let script = "mount -t tmpfs -o size=1m tmpfs /mnt && touch /mnt/x";
                refusal(Command::new("unshare").args(own_user).args(["--mount", "sh", "-eu", "-c", script]))
            }
            // Debian has both in a package of their own.
            Self::PythonVenv => refusal(Command::new("python3").args(["-c", "import ensurepip, venv"])),
            Self::RustGlibc => without_standard_library(&["armv7-unknown-linux-gnueabihf", "riscv64gc-unknown-linux-gnu"]),
            Self::RustMacos => without_standard_library(&["aarch64-apple-darwin"]),
            Self::RustWindows => without_standard_library(&["x86_64-pc-windows-gnu"]),
            Self::RustMusl => without_standard_library(&["armv7-unknown-linux-musleabihf", "riscv64gc-unknown-linux-musl"]),
            _ => None,
        })
    }
}

const OF_LLVM: [&str; 5] = ["llvm-objdump", "llvm-readobj", "llvm-dlltool", "ld64.lld", "lld-link"];

fn without_standard_library(targets: &[&str]) -> Option<String> {
    let missing = targets.iter().find(|target| !has_standard_library(target));
    missing.map(|target| format!("no standard library for {target}: rustup target add {target}"))
}

/// The program `name` in PATH.
#[must_use]
pub fn program(name: &str) -> Option<PathBuf> {
    search_path().into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// A tool of LLVM's: the newest that has its version behind its name, as Debian writes it, or else the one of the plain name.
#[must_use]
pub fn newest_of_llvm(name: &str) -> Option<PathBuf> {
    let versions = (14..=30).rev().map(|version| format!("{name}-{version}"));
    versions.chain([name.to_owned()]).find_map(|name| program(&name))
}

/// Of whom this process is said to be.
fn is_root() -> bool {
    // proc(5): the real, effective, saved and file system's number.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().nth(1)) == Some("0")
}

fn has_standard_library(target: &str) -> bool {
    let asked = Command::new("rustc").args(["--print", "target-libdir", "--target", target]).output();
    asked.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir())
}

/// Why a program does not do what it is there for.
fn refusal(command: &mut Command) -> Option<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(format!("{name} does not work here: {}", String::from_utf8_lossy(&output.stderr).trim())),
        Err(error) => Some(format!("{name} does not work here: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_need_stands_once_in_the_list_and_has_a_name_of_its_own() {
        let names = Need::ALL.map(Need::name);
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
        let mut sorted = Need::ALL;
        sorted.sort_unstable();
        assert_eq!(sorted, Need::ALL);
        assert_eq!(Need::ALL.map(|need| need as usize), std::array::from_fn(|index| index));
    }

    #[test]
    fn a_program_is_found_in_path_only() {
        assert!(program("sh").is_some());
        assert!(program("no-such-program-anywhere").is_none());
    }
}
