//! The plan: what is wanted, what is required of it, and in which order it can be had.
//!
//! Holds no absolute path, no fact about a machine and no tool version, so that the same project gives the same plan everywhere; its id
//! is the digest of its canonical JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::floor::{CpuLevel, GlibcVersion, MacosVersion};
use crate::kind::KindPlan;
use crate::names::{ArtifactId, FileName, Name, NodeId, ProductId, RootName};
use crate::probe::Probe;
use crate::target::Target;

/// Number of the plan's form; a reader refuses a greater one.
pub const PLAN_SCHEMA: u32 = 1;

/// The whole plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Plan {
    /// [`PLAN_SCHEMA`].
    pub schema: u32,
    /// The release's name.
    pub name: Name,
    /// The release's version.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub version: semver::Version,
    /// The sources it was made from.
    pub source: Source,
    /// Seconds since 1970 that every packed file carries.
    pub epoch: u64,
    /// Targets with what is wanted of them.
    pub targets: BTreeMap<Target, TargetPlan>,
    /// What gets compiled.
    pub products: BTreeMap<ProductId, ProductPlan>,
    /// What users get.
    pub artifacts: BTreeMap<ArtifactId, ArtifactPlan>,
    /// Commands that must succeed around it.
    pub gates: Gates,
    /// The graph.
    pub nodes: BTreeMap<NodeId, Node>,
}

/// Identity of the sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Source {
    /// Digest over path, mode and content of every source file, derived files left out.
    pub digest: Digest,
    /// The commit, where the project is in git.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Whether the files differ from that commit.
    #[serde(default)]
    pub dirty: bool,
}

/// Whether something is to be shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", tag = "want", content = "reason")]
pub enum Want {
    /// It is to be shipped, once proven.
    Wanted,
    /// Not yet, for a reason.
    Planned(String),
    /// Put off, for a reason.
    Deferred(String),
}

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

/// One target as the project wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TargetPlan {
    /// Wanted, planned or deferred.
    #[serde(flatten)]
    pub want: Want,
    /// The oldest glibc that must do; none where it is measured or does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub glibc: Option<GlibcVersion>,
    /// The oldest macOS that must do; none for other systems.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub macos: Option<MacosVersion>,
    /// What builds for it.
    pub builder: Builder,
    /// Roots in which every probe must pass.
    pub roots: Vec<RootName>,
    /// Whether emulation does not count.
    #[serde(default)]
    pub native: bool,
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
}

impl Compile {
    /// The folder in which cargo is called, relative to the project; empty if that is the project's own, as for a command.
    pub fn path(&self) -> &str {
        match self {
            Self::Cargo { path, .. } => path,
            Self::Command { .. } => "",
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
    /// The target.
    pub target: Target,
    /// How.
    pub compile: Compile,
    /// What is taken out of its programs.
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
    /// Environment variable → artifact whose proven file the build is given.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub embed: BTreeMap<String, ArtifactId>,
}

/// One file that users get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ArtifactPlan {
    /// Kind, with what only artifacts of that kind have.
    #[serde(flatten)]
    pub kind: KindPlan,
    /// Name.
    pub name: Name,
    /// Target; none for what fits every machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Wanted, planned or deferred.
    #[serde(flatten)]
    pub want: Want,
    /// The file's name.
    pub file_name: FileName,
    /// What its programs are compiled as; none for what ships files of the project alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<ProductId>,
    /// Programs that are shipped.
    pub binaries: Vec<String>,
    /// Other files, relative to the project: path in the project → path in the artifact.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// What must run.
    pub probes: Vec<Probe>,
    /// Where each probe must pass.
    pub roots: Vec<RootName>,
    /// Whether emulation does not count.
    #[serde(default)]
    pub native: bool,
    /// The level of x86-64 that its users must have: every probe must pass on a processor of that level that has no more. None where nothing was
    /// declared; a plain processor is then asked where one can be emulated, and evidence says where not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<CpuLevel>,
}

/// A named command that must succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gate {
    /// Its name.
    pub name: String,
    /// Run by `sh -eu` in the project's folder.
    pub command: String,
}

/// Gates in the order of the manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gates {
    /// Before anything is built.
    #[serde(default)]
    pub before: Vec<Gate>,
    /// Against the sealed artifacts.
    #[serde(default)]
    pub after: Vec<Gate>,
}

/// A stage: a label on nodes, in the order of the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// A command of the project's own.
    Gate,
    /// Sources → Product.
    Build,
    /// Product → Tree.
    Assemble,
    /// Tree → bytes.
    Pack,
    /// Bytes → Evidence.
    Prove,
}

impl Stage {
    /// As written in node ids.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Build => "build",
            Self::Assemble => "assemble",
            Self::Pack => "pack",
            Self::Prove => "prove",
        }
    }
}

/// What an edge demands of the node it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Demand {
    /// That it succeeded.
    Finished,
    /// That its artifact is proven.
    Proven,
}

/// What a node works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", tag = "stage")]
pub enum Work {
    /// A gate, by its place among the `before` gates.
    Gate {
        /// Place, from 0.
        index: usize,
    },
    /// A product.
    Build {
        /// Which.
        product: ProductId,
    },
    /// An artifact's tree.
    Assemble {
        /// Which.
        artifact: ArtifactId,
    },
    /// An artifact's bytes.
    Pack {
        /// Which.
        artifact: ArtifactId,
    },
    /// An artifact in a root.
    Prove {
        /// Which.
        artifact: ArtifactId,
        /// Where.
        root: RootName,
        /// Digest of what must pass there, which evidence repeats.
        required: Digest,
    },
}

impl Work {
    /// The stage's label.
    pub const fn stage(&self) -> Stage {
        match self {
            Self::Gate { .. } => Stage::Gate,
            Self::Build { .. } => Stage::Build,
            Self::Assemble { .. } => Stage::Assemble,
            Self::Pack { .. } => Stage::Pack,
            Self::Prove { .. } => Stage::Prove,
        }
    }
}

/// A node of the graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Node {
    /// What is done.
    #[serde(flatten)]
    pub work: Work,
    /// What must be there first.
    pub needs: BTreeMap<NodeId, Demand>,
}

impl Plan {
    /// Identity: digest of the canonical JSON.
    pub fn id(&self) -> Digest {
        Digest::of(&crate::canonical_json(self))
    }

    /// Artifacts that are to be shipped.
    pub fn wanted(&self) -> impl Iterator<Item = (&ArtifactId, &ArtifactPlan)> {
        self.artifacts.iter().filter(|(_, artifact)| artifact.want == Want::Wanted)
    }
}
