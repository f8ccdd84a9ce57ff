//! What an examination finds, as it is printed and as `--json` gives it.

use std::path::PathBuf;

use plimsoll_model::{RootName, Target};
use serde::Serialize;

use plimsoll_exec::availability::Availability;
use plimsoll_exec::system::PackageManager;
use plimsoll_exec::tool::Tool;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Examination {
    /// The machine.
    pub machine: MachineReport,
    /// Every tool that plimsoll may call.
    pub tools: Vec<ToolReport>,
    /// Whether programs can be isolated.
    pub isolation: Availability,
    /// What can be built here, and proven here.
    pub targets: Vec<TargetReport>,
    /// Which roots can be had here.
    pub roots: Vec<RootReport>,
    /// Which roots with what libraries are loaded by can be had here, for libraries that nothing else loads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runtimes: Vec<RuntimeReport>,
    /// Free space where it is needed.
    pub space: Vec<Space>,
    /// What would complete this machine, in the order in which to do it.
    pub remedies: Vec<Remedy>,
}

impl Examination {
    /// Whether something is missing, that remedies would bring, to build or to prove a target, or for one of the `roots`, or one of the `tools`; room on
    /// the disk too.
    pub fn lacks(&self, roots: &[RootName], tools: &[Tool]) -> bool {
        let missing = |state: &Availability| matches!(state, Availability::Missing { .. });
        self.targets.iter().any(|target| missing(&target.build) || missing(&target.prove))
            || self.runtimes.iter().any(|runtime| missing(&runtime.state))
            || self.roots.iter().any(|root| roots.contains(&root.root) && missing(&root.state))
            || self.tools.iter().any(|report| tools.contains(&report.tool) && missing(&report.state))
            || self.space.iter().any(Space::is_short)
    }
}

impl Examination {
    /// What was found with one more toolchain: a tool or a target is ready if it is so with each of them.
    #[must_use]
    pub fn joined_by(mut self, other: Self) -> Self {
        let is_ready = |state: &Availability| matches!(state, Availability::Ready { .. });
        for (own, other) in self.tools.iter_mut().zip(other.tools) {
            if is_ready(&own.state) && !is_ready(&other.state) {
                *own = other;
            }
        }
        for (own, other) in self.targets.iter_mut().zip(other.targets) {
            if is_ready(&own.build) && !is_ready(&other.build) {
                own.build = other.build;
            }
        }
        let further = other.remedies.into_iter().filter(|remedy| !self.remedies.contains(remedy)).collect::<Vec<_>>();
        self.remedies.extend(further);
        self
    }
}

/// The machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MachineReport {
    /// `linux`, `macos` …
    pub os: String,
    /// `x86_64`, `aarch64` …
    pub arch: String,
    /// The target that rustc builds for by default, where rustc is here.
    pub host: Option<Target>,
    /// Processors that may be used.
    pub cores: usize,
    /// The system's package manager, where it is a known one.
    pub package_manager: Option<PackageManager>,
}

/// One tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ToolReport {
    /// Which.
    pub tool: Tool,
    /// What for.
    pub purpose: String,
    /// The oldest version that serves; empty where any does.
    pub minimum: String,
    /// As found.
    #[serde(flatten)]
    pub state: Availability,
    /// The file, where there is one.
    pub path: Option<PathBuf>,
    /// Whether it is plimsoll's own, pinned one.
    pub private: bool,
}

/// One target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetReport {
    /// Which.
    pub target: Target,
    /// Whether it can be built.
    pub build: Availability,
    /// What emulates it, where this machine is another: `qemu-aarch64`, `wine`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emulator: Option<&'static str>,
    /// Whether what was built can be loaded here, and by what.
    pub prove: Availability,
}

/// One root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RootReport {
    /// Which.
    pub root: RootName,
    /// Whether it can be had.
    #[serde(flatten)]
    pub state: Availability,
}

/// One root with a runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuntimeReport {
    /// What loads libraries there: `BEAM`.
    pub runtime: &'static str,
    /// Which.
    pub root: RootName,
    /// The target whose libraries it loads.
    pub target: Target,
    /// Whether it can be had.
    #[serde(flatten)]
    pub state: Availability,
}

/// Free space at a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Space {
    /// The folder.
    pub folder: PathBuf,
    /// Bytes that are free for this user.
    pub free: u64,
    /// Bytes that are wanted.
    pub wanted: u64,
}

impl Space {
    /// Whether less is free than is wanted.
    pub const fn is_short(&self) -> bool {
        self.free < self.wanted
    }
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// What for.
    pub why: String,
    /// What a person would type, one command a line.
    pub commands: Vec<String>,
    /// Whether `doctor --install` does it.
    pub by_doctor: bool,
    /// What it is.
    #[serde(flatten)]
    pub action: Action,
}

/// What a remedy does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "action")]
pub enum Action {
    /// Packages by the system's manager.
    System {
        /// Command lines, word by word.
        lines: Vec<Vec<String>>,
    },
    /// A pinned package into the private folder.
    Pinned {
        /// Its name on PyPI.
        package: String,
    },
    /// The standard library of a target.
    RustTarget {
        /// Which.
        target: Target,
    },
    /// For a person.
    Manual,
}
