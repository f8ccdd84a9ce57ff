//! The programs that build for other machines than this one, with what identifies them.

use std::path::{Path, PathBuf};

use plimsoll_model::plan::Builder;
use plimsoll_model::{Class, Failure};

use plimsoll_exec::engine::Engine;

/// cargo-zigbuild and the zig that it calls.
#[derive(Debug, Clone)]
pub struct ZigTools {
    /// The program `cargo-zigbuild`.
    pub cargo_zigbuild: PathBuf,
    /// The program `zig`.
    pub zig: PathBuf,
    /// Versions and digests of both, part of the key.
    pub identity: String,
}

/// A program that stands in for cargo.
#[derive(Debug, Clone)]
pub struct Stand {
    /// The program.
    pub program: PathBuf,
    /// Its version and digest, part of the key.
    pub identity: String,
}

/// `cross`, with the engine that it is told to use.
#[derive(Debug, Clone)]
pub struct CrossTools {
    /// The program.
    pub program: PathBuf,
    /// Its version and digest, part of the key.
    pub identity: String,
    /// The container engine that answers.
    pub engine: Engine,
}

/// What of these the machine has.
#[derive(Debug, Clone)]
pub struct Builders {
    /// For any Linux, for macOS, and for Windows by its GNU ABI.
    pub zig: Option<ZigTools>,
    /// For Windows by Microsoft's ABI.
    pub xwin: Option<Stand>,
    /// Through a container engine; or why not.
    pub cross: Result<CrossTools, NoCross>,
    /// Identity of the machine's own C compiler and linker.
    pub linker: String,
}

/// Why `cross` does not serve here.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NoCross {
    /// It is not installed.
    #[error("`cross` is not installed")]
    Missing,
    /// It is too old, or does not say its version.
    #[error("{0}")]
    Unusable(String),
    /// No container engine answers.
    #[error("`cross` needs podman or docker, and neither answers here")]
    NoEngine,
}

impl Builders {
    /// What is started in cargo's place, before its own words.
    ///
    /// # Errors
    /// Class tool-missing.
    pub fn program(&self, builder: Builder, cargo: &Path) -> Result<PathBuf, Failure> {
        match builder {
            Builder::Zig => self.zig.as_ref().map(|zig| zig.cargo_zigbuild.clone()).ok_or_else(zig_missing),
            Builder::Xwin => self.xwin.as_ref().map(|xwin| xwin.program.clone()).ok_or_else(xwin_missing),
            Builder::Cross => self.cross.as_ref().map(|cross| cross.program.clone()).map_err(cross_missing),
            Builder::Native | Builder::Command => Ok(cargo.to_owned()),
        }
    }

    /// What the bytes depend on beside the Rust toolchain.
    pub fn identity(&self, builder: Builder) -> String {
        let zig = || self.zig.as_ref().map(|zig| zig.identity.clone()).unwrap_or_default();
        match builder {
            Builder::Zig => zig(),
            Builder::Xwin => self.xwin.as_ref().map(|xwin| xwin.identity.clone()).unwrap_or_default(),
            Builder::Cross => self.cross.as_ref().map(|cross| cross.identity.clone()).unwrap_or_default(),
            Builder::Native => self.linker.clone(),
            // It is offered both.
            Builder::Command => format!("{}; {}", self.linker, zig()),
        }
    }
}

fn zig_missing() -> Failure {
    Failure::new(Class::ToolMissing, "zig-missing", "cargo-zigbuild and zig are not installed")
        .hint("run `plimsoll doctor --install`, or set builder = \"native\" for the target")
}

pub(super) fn xwin_missing() -> Failure {
    Failure::new(Class::ToolMissing, "xwin-missing", "cargo-xwin is not installed")
        .hint("run `plimsoll doctor --install`, or build on a Windows machine with builder = \"native\"")
}

pub(super) fn cross_missing(why: &NoCross) -> Failure {
    Failure::from_error(Class::ToolMissing, "cross-missing", why)
        .hint("`cargo install cross --locked`, and podman or docker; or set builder = \"zig\" for the target")
}
