//! The Rust toolchain that the project uses, asked of rustc once and then called without rustup in between.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use plimsoll_fetch::Machine;
use plimsoll_model::{Class, Failure, Target};

use plimsoll_exec::environment;
use plimsoll_exec::launcher::{Ended, Launch, LaunchError, Launcher};
use plimsoll_exec::toolchain_pin::{harmless_folder, naming_a_folder};

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

/// Why there is no toolchain to compile with.
#[derive(Debug)]
enum Lack {
    /// There is no rustc.
    Absent(Failure),
    /// There is one that does not serve: that of a pinned toolchain that is not installed, for one.
    Broken(Failure),
}

impl From<Lack> for Failure {
    fn from(lack: Lack) -> Self {
        match lack {
            Lack::Absent(failure) | Lack::Broken(failure) => failure,
        }
    }
}

impl Toolchain {
    /// The toolchain to look at the project in `folder` with: the one in force there, `rust-toolchain.toml` and rustup's overrides respected,
    /// unless that is a folder of programs which the project names.
    ///
    /// # Errors
    /// Class tool-missing where there is no rustc, or none that serves.
    pub fn detect(folder: &Path, launcher: &Launcher) -> Result<Self, Failure> {
        let asked = Self::ask(harmless_folder(folder), launcher, &environment::inherited(RUSTUP_VARIABLES));
        asked.map_err(|lack| passed_over(lack.into(), folder))
    }

    /// The toolchain to build the project in `folder` with, which runs what the project names in any case; `looked` is what it was looked at
    /// with.
    ///
    /// # Errors
    /// As [`Toolchain::detect`].
    pub fn of_builds(folder: &Path, looked: &Self, launcher: &Launcher) -> Result<Self, Failure> {
        if looked.rust.is_none() || naming_a_folder(folder).is_none() {
            return Ok(looked.clone());
        }
        Self::ask(folder, launcher, &environment::inherited(RUSTUP_VARIABLES)).map_err(Failure::from)
    }

    /// The same for a project that only commands of its own build: they may do without Rust.
    ///
    /// # Errors
    /// Where the machine is none that a target is known of; a rustc that does not serve, because the commands would find it too.
    pub fn of_commands(folder: &Path, launcher: &Launcher) -> Result<Self, Failure> {
        let asked = Self::ask_or_none(harmless_folder(folder), launcher, &environment::inherited(RUSTUP_VARIABLES));
        asked.map_err(|failure| passed_over(failure, folder))
    }

    fn ask_or_none(folder: &Path, launcher: &Launcher, variables: &[(OsString, OsString)]) -> Result<Self, Failure> {
        match Self::ask(folder, launcher, variables) {
            Err(Lack::Absent(failure)) => {
                let host = of_machine(&Machine::here()).ok_or(failure)?;
                Ok(Self { host, rust: None })
            }
            asked => asked.map_err(Failure::from),
        }
    }

    fn ask(folder: &Path, launcher: &Launcher, variables: &[(OsString, OsString)]) -> Result<Self, Lack> {
        let ask = |program: &Path, arguments: &[&str]| -> Result<String, Lack> {
            let launch = Launch::new(program, folder).args(arguments.iter().copied()).env(variables.iter().cloned());
            let finished = launcher.output(&launch).map_err(|error| {
                if matches!(error, LaunchError::Cancelled) {
                    return Lack::Broken(Failure::interrupted());
                }
                let failure = missing().cause("because", error.to_string());
                if matches!(error, LaunchError::NotFound { .. }) { Lack::Absent(failure) } else { Lack::Broken(failure) }
            })?;
            if finished.ended == Ended::Cancelled {
                return Err(Lack::Broken(Failure::interrupted()));
            }
            if !finished.succeeded() {
                return Err(Lack::Broken(missing().cause("said", finished.stderr_text())));
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
        let host = host.ok_or_else(|| Lack::Broken(missing().cause("said", version.clone())))?;
        Ok(Self { host, rust: Some(Rust { cargo: own("cargo"), sysroot, version }) })
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

/// Tells of the toolchain that was not asked.
fn passed_over(failure: Failure, folder: &Path) -> Failure {
    match naming_a_folder(folder) {
        None => failure,
        Some(file) => failure
            .cause("but", format!("{} names a folder of programs, which are started by builds only", file.display()))
            .hint("choose a toolchain of your own to look at the project with: `rustup default stable`, or RUSTUP_TOOLCHAIN"),
    }
}

fn missing() -> Failure {
    Failure::new(Class::ToolMissing, "rust-missing", "no usable Rust toolchain was found")
        .hint("install Rust from https://rustup.rs, and see that `rustc -vV` works in the project's folder")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn commands_do_without_rust_where_there_is_none_and_not_where_it_is_broken() {
        let folder = tempfile::tempdir().unwrap();
        let variables: [(OsString, OsString); 1] = [("PATH".into(), folder.path().into())];
        let launcher = Launcher::new().unwrap();
        let asked = || Toolchain::ask_or_none(folder.path(), &launcher, &variables);
        assert!(asked().unwrap().rust.is_none());
        let rustc = folder.path().join("rustc");
        fs::write(&rustc, "#!/bin/sh\necho \"error: toolchain '1.0' is not installed\" >&2\nexit 1\n").unwrap();
        fs::set_permissions(&rustc, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(asked().unwrap_err().code, "rust-missing", "a rustc that cannot be started is one");
        fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755)).unwrap();
        let said = serde_json::to_string(&asked().unwrap_err()).unwrap();
        assert!(said.contains("toolchain '1.0' is not installed"), "{said}");
    }

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
