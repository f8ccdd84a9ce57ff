//! The Rust toolchain that the project uses, asked of rustc once and then called without rustup in between.

use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure, Target};

use crate::environment;
use crate::tools::launcher::{Launch, Launcher};

/// A toolchain.
#[derive(Debug, Clone)]
pub struct Toolchain {
    /// `…/bin/cargo`.
    pub cargo: PathBuf,
    /// The sysroot; its `bin` holds rustc.
    pub sysroot: PathBuf,
    /// What `rustc -vV` prints: identity of the compiler.
    pub version: String,
    /// The machine's own target.
    pub host: Target,
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
        Ok(Self { cargo: own("cargo"), sysroot, version, host })
    }

    /// Whether the standard library for `target` is installed.
    pub fn has(&self, target: &Target) -> bool {
        *target == self.host || self.sysroot.join("lib/rustlib").join(target.as_str()).join("lib").is_dir()
    }

    /// `rustc 1.95.0`, as evidence names it.
    pub fn short_version(&self) -> String {
        self.version.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    }
}

/// What rustup's proxies need to choose the toolchain.
const RUSTUP_VARIABLES: &[&str] = &["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "RUSTUP_AUTO_INSTALL"];

fn missing() -> Failure {
    Failure::new(Class::ToolMissing, "rust-missing", "no usable Rust toolchain was found")
        .hint("install Rust from https://rustup.rs, and see that `rustc -vV` works in the project's folder")
}
