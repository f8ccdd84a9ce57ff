//! What gets compiled, and how.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::floor::CpuLevel;
use crate::given::PrebuiltFile;
use crate::names::{ArtifactId, Name};
use crate::target::Target;

/// What builds a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Builder {
    /// cargo-zigbuild: any glibc floor, musl, macOS without Apple's frameworks, Windows by its GNU ABI.
    Zig,
    /// cargo with the machine's own linker; the floor is measured.
    Native,
    /// cargo-xwin: Windows by Microsoft's ABI, from other systems.
    Xwin,
    /// `cross`: in a container with the target's own toolchain.
    Cross,
    /// The project's own command.
    Command,
}

impl Builder {
    /// Whether zig can link for a target from any machine; for macOS, code that needs no framework of Apple's.
    pub fn zig_links(target: &Target) -> bool {
        target.libc().is_some() || target.os() == "macos" || target.as_str() == "x86_64-pc-windows-gnu"
    }
}

/// How a core is compiled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Compile {
    /// One cargo invocation.
    Cargo {
        /// The folder in which cargo is called, relative to the project; empty if that is the project's own.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        path: String,
        /// The package.
        package: String,
        /// Its binaries to build.
        binaries: Vec<String>,
        /// Its dynamic library (cdylib) to build, in place of binaries.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        library: Option<String>,
        /// Features to turn on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        features: Vec<String>,
        /// Whether default features stay on.
        default_features: bool,
        /// The profile.
        profile: String,
        /// Flags added to the user's own.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        rustflags: Vec<String>,
    },
    /// The project's own command.
    Command {
        /// Run by `sh -eu` in the project's folder.
        command: String,
        /// The file or folder that it leaves, relative to the project.
        output: String,
    },
    /// The project's own command, which leaves the files that are asked for in [`ProductPlan::leaves`].
    Files {
        /// Run by `sh -eu` in the project's folder.
        command: String,
    },
    /// The project's own command, which leaves a file as users get it.
    File {
        /// Run by `sh -eu` in the project's folder.
        command: String,
        /// The file that it leaves, relative to the project; `*` stands for any part of a name, and just one file must be meant.
        output: String,
        /// Whether the file is one for every machine: the command is told no target, and runs wherever it can.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        for_any: bool,
    },
}

impl Compile {
    /// Whether what is made is one for every machine.
    pub const fn is_for_any(&self) -> bool {
        matches!(self, Self::File { for_any: true, .. } | Self::Files { .. })
    }

    /// The folder in which cargo is called, relative to the project; empty if that is the project's own, as for a command.
    pub fn path(&self) -> &str {
        match self {
            Self::Cargo { path, .. } => path,
            Self::Command { .. } | Self::File { .. } | Self::Files { .. } => "",
        }
    }
}

/// What is taken out of programs before they are shipped; later takes out more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Strip {
    /// Nothing.
    #[default]
    None,
    /// Debug information. Names stay, so that a backtrace can be read.
    Debug,
    /// Names as well.
    Symbols,
}

/// One core × target × variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProductPlan {
    /// The core, as it is declared.
    pub core: Name,
    /// Which of the ways in which that core is compiled for its artifacts; none if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The target; of a file that is one for every machine only that under which it stands in the plan.
    pub target: Target,
    /// How.
    pub compile: Compile,
    /// What is taken out of its programs when they are assembled; the linker leaves out what would be.
    #[serde(default)]
    pub strip: Strip,
    /// The processor that it may ask for; none where no level was declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<CpuLevel>,
    /// Environment for the build, part of its key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Files and folders that the build reads besides the sources, relative to the project; part of its key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<String>,
    /// Packages of the building machine, as pkg-config knows them, that the build may find; part of its key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub system: Vec<String>,
    /// Environment variable → artifact whose proven file the build is given.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub embed: BTreeMap<String, ArtifactId>,
    /// Environment variable → file of somebody else that the build is given.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub prebuilt: BTreeMap<String, PrebuiltFile>,
    /// Generator → files that it leaves besides programs, with `*` for any part of a name: of cargo's, in the folder for what a build script makes; of a
    /// command's, relative to the project.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub leaves: BTreeMap<Name, String>,
}
