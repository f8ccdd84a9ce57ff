//! The Rust toolchain that the project uses, asked of rustc once and then called without rustup in between.

use std::path::{Path, PathBuf};

use plimsoll_fetch::Machine;
use plimsoll_model::{Class, Failure, Target};

use crate::environment;
use crate::tools::launcher::{Ended, Launch, Launcher};

/// What this machine compiles with.
#[derive(Debug, Clone)]
pub struct Toolchain {
    /// The machine's own target.
    pub host: Target,
    /// Rust, where it is installed; only projects without a Cargo.toml do without.
    pub rust: Option<Rust>,
}

/// A Rust toolchain.
#[derive(Debug, Clone)]
pub struct Rust {
    /// `…/bin/cargo`.
    pub cargo: PathBuf,
    /// The sysroot; its `bin` holds rustc.
    pub sysroot: PathBuf,
    /// What `rustc -vV` prints: identity of the compiler.
    pub version: String,
}

impl Toolchain {
    /// The toolchain in force in `folder`, `rust-toolchain.toml` and rustup's overrides respected.
    ///
    /// # Errors
    /// Class tool-missing where there is no rustc or cargo.
    pub fn detect(folder: &Path, launcher: &Launcher) -> Result<Self, Failure> {
        let ask = |program: &Path, arguments: &[&str]| -> Result<String, Failure> {
            let launch = Launch::new(program, folder).args(arguments.iter().copied()).env(environment::inherited(RUSTUP_VARIABLES));
            let finished = launcher.output(&launch).map_err(|error| missing().cause("because", error.to_string()))?;
            if finished.ended == Ended::Cancelled {
                return Err(crate::interrupted());
            }
            if !finished.succeeded() {
                return Err(missing().cause("said", finished.stderr_text()));
            }
            Ok(finished.stdout_text().trim().to_owned())
        };
        let sysroot = PathBuf::from(ask(Path::new("rustc"), &["--print", "sysroot"])?);
        let own = |name: &str| {
            let path = sysroot.join("bin").join(name);
            if path.is_file() { path } else { PathBuf::from(name) }
        };
        let version = ask(&own("rustc"), &["-vV"])?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: ")).and_then(|host| host.parse().ok());
        let host = host.ok_or_else(|| missing().cause("said", version.clone()))?;
        Ok(Self { host, rust: Some(Rust { cargo: own("cargo"), sysroot, version }) })
    }

    /// The same for a project that only commands of its own build: they may do without Rust.
    ///
    /// # Errors
    /// Where the machine is none that a target is known of.
    pub fn of_commands(folder: &Path, launcher: &Launcher) -> Result<Self, Failure> {
        match Self::detect(folder, launcher) {
            Err(failure) if failure.class == Class::ToolMissing => {
                let host = of_machine(&Machine::here()).ok_or(failure)?;
                Ok(Self { host, rust: None })
            }
            detected => detected,
        }
    }

    /// Rust, which cargo's builds need.
    ///
    /// # Errors
    /// Class tool-missing where there is none.
    pub fn rust(&self) -> Result<&Rust, Failure> {
        self.rust.as_ref().ok_or_else(missing)
    }

    /// What `rustc -vV` prints; nothing without Rust.
    pub fn version(&self) -> &str {
        self.rust.as_ref().map_or("", |rust| &rust.version)
    }

    /// Whether the standard library for `target` is installed.
    pub fn has(&self, target: &Target) -> bool {
        let library = |rust: &Rust| rust.sysroot.join("lib/rustlib").join(target.as_str()).join("lib").is_dir();
        self.rust.as_ref().is_some_and(|rust| *target == self.host || library(rust))
    }
}

impl Rust {
    /// `rustc 1.95.0`, as evidence names it.
    pub fn short_version(&self) -> String {
        self.version.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    }
}

/// The target whose programs a machine runs, as rustc would have it.
fn of_machine(machine: &Machine) -> Option<Target> {
    let arch = &machine.arch;
    let eabi = if arch == "armv7" { "eabihf" } else { "" };
    let triple = match machine.os.as_str() {
        "linux" if machine.glibc.is_none() && machine.musl_loader => format!("{arch}-unknown-linux-musl{eabi}"),
        "linux" => format!("{arch}-unknown-linux-gnu{eabi}"),
        "macos" => format!("{arch}-apple-darwin"),
        "windows" => format!("{arch}-pc-windows-msvc"),
        _ => return None,
    };
    triple.parse().ok()
}

/// What rustup's proxies need to choose the toolchain.
const RUSTUP_VARIABLES: &[&str] = &["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "RUSTUP_AUTO_INSTALL"];

fn missing() -> Failure {
    Failure::new(Class::ToolMissing, "rust-missing", "no usable Rust toolchain was found")
        .hint("install Rust from https://rustup.rs, and see that `rustc -vV` works in the project's folder")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_machine_without_rust_has_a_target_all_the_same() {
        let of = |arch: &str, os: &str| of_machine(&Machine::in_root(Path::new("/nowhere"), arch, os)).map(|target| target.to_string());
        assert_eq!(of("x86_64", "linux").as_deref(), Some("x86_64-unknown-linux-gnu"));
        assert_eq!(of("arm", "linux").as_deref(), Some("armv7-unknown-linux-gnueabihf"));
        assert_eq!(of("riscv64", "linux").as_deref(), Some("riscv64gc-unknown-linux-gnu"));
        assert_eq!(of("aarch64", "macos").as_deref(), Some("aarch64-apple-darwin"));
        assert_eq!(of("x86_64", "windows").as_deref(), Some("x86_64-pc-windows-msvc"));
        assert_eq!(of("x86_64", "plan9"), None);
        let musl = Machine { musl_loader: true, ..Machine::in_root(Path::new("/nowhere"), "arm", "linux") };
        assert_eq!(of_machine(&musl).unwrap().to_string(), "armv7-unknown-linux-musleabihf");
    }

    #[test]
    fn without_rust_nothing_of_cargos_can_be_built() {
        let host: Target = "x86_64-unknown-linux-gnu".parse().unwrap();
        let toolchain = Toolchain { host: host.clone(), rust: None };
        assert_eq!((toolchain.has(&host), toolchain.version()), (false, ""));
        assert_eq!(toolchain.rust().unwrap_err().code, "rust-missing");
    }
}
