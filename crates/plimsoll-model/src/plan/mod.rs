//! The plan: what is wanted, what is required of it, and in which order it can be had.
//!
//! Holds no absolute path, no fact about a machine and no tool version, so that the same project gives the same plan everywhere; its id
//! is the digest of its canonical JSON.

mod artifact;
mod generator;
mod graph;
mod payload;
mod product;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::floor::{GlibcVersion, MacosVersion};
use crate::given::GivenFrom;
use crate::names::{ArtifactId, Name, NodeId, PayloadId, ProductId, RootName, TrialId};
use crate::target::Target;
use crate::trial::Trial;

pub use crate::kind::Holds;
pub use artifact::{ArtifactPlan, Content, Fits, ForeignBuild, Origin};
pub use generator::{GeneratedBy, Generator};
pub use graph::{Demand, Node, Stage, Work};
pub use payload::PayloadPlan;
pub use product::{Builder, Compile, ProductPlan, Strip};

/// Number of the plan's form; a reader takes no other: [`Plan::parse`].
pub const PLAN_SCHEMA: u32 = 2;

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
    /// What makes files while the release is made.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub generators: BTreeMap<Name, Generator>,
    /// What artifacts are filled with.
    pub payloads: BTreeMap<PayloadId, PayloadPlan>,
    /// What users get.
    pub artifacts: BTreeMap<ArtifactId, ArtifactPlan>,
    /// What must be shown of them.
    pub trials: BTreeMap<TrialId, Trial>,
    /// Where the bytes of what somebody else made come from.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub given: BTreeMap<Digest, GivenFrom>,
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

impl TargetPlan {
    /// Of what is built for no machine in particular: by a command, with no floor.
    pub const fn of_any_machine() -> Self {
        Self { want: Want::Wanted, glibc: None, macos: None, builder: Builder::Command, roots: Vec::new(), native: false }
    }
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

/// Why bytes are not a plan that can be worked on.
#[derive(Debug, thiserror::Error)]
pub enum InvalidPlan {
    /// Not JSON, or fields missing or of the wrong form.
    #[error("not a plan: {0}")]
    Form(#[from] serde_json::Error),
    /// Written by an older plimsoll, which knew no payloads and no trials.
    #[error("a plan of schema {0}, and this version takes schema {PLAN_SCHEMA}: make it anew with `plimsoll plan --json` of this version")]
    Older(u64),
    /// Written by a newer plimsoll.
    #[error(
        "a plan of schema {0}, and this version takes schema {PLAN_SCHEMA}: use the plimsoll that made it, or make it anew with this one"
    )]
    Newer(u64),
}

impl Plan {
    /// Reads a plan as `plimsoll plan --json` prints it.
    ///
    /// # Errors
    /// If the bytes are none, or one of another schema; the message says what to do.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidPlan> {
        #[derive(Deserialize)]
        struct Head {
            schema: u64,
        }
        crate::unique_keys::demand(bytes)?;
        let schema = serde_json::from_slice::<Head>(bytes)?.schema;
        match schema.cmp(&u64::from(PLAN_SCHEMA)) {
            std::cmp::Ordering::Less => Err(InvalidPlan::Older(schema)),
            std::cmp::Ordering::Greater => Err(InvalidPlan::Newer(schema)),
            std::cmp::Ordering::Equal => Ok(serde_json::from_slice(bytes)?),
        }
    }

    /// Identity: digest of the canonical JSON.
    pub fn id(&self) -> Digest {
        Digest::of(&crate::canonical_json(self))
    }

    /// Artifacts that are to be shipped.
    pub fn wanted(&self) -> impl Iterator<Item = (&ArtifactId, &ArtifactPlan)> {
        self.artifacts.iter().filter(|(_, artifact)| artifact.want == Want::Wanted)
    }

    /// What must be shown before `artifact` may be claimed: every trial that names it among its subjects.
    pub fn trials_of<'p>(&'p self, artifact: &'p ArtifactId) -> impl Iterator<Item = (&'p TrialId, &'p Trial)> + 'p {
        self.trials.iter().filter(move |(_, trial)| trial.subjects.contains_key(artifact))
    }

    /// Targets of which every trial that names `artifact` is `shown`; none stands for trials that are for any machine.
    pub fn whole_targets<'p>(&'p self, artifact: &'p ArtifactId, shown: impl Fn(&TrialId) -> bool) -> BTreeSet<Option<&'p Target>> {
        let mut by_target = BTreeMap::<_, bool>::new();
        for (id, trial) in self.trials_of(artifact) {
            *by_target.entry(trial.target.as_ref()).or_insert(true) &= shown(id);
        }
        by_target.into_iter().filter_map(|(target, is_whole)| is_whole.then_some(target)).collect()
    }

    /// Payloads that an artifact is filled with.
    pub fn payloads_of<'p>(&'p self, artifact: &'p ArtifactPlan) -> impl Iterator<Item = (&'p PayloadId, &'p PayloadPlan)> + 'p {
        artifact.payloads().filter_map(|id| self.payloads.get_key_value(id))
    }

    /// Products that an artifact is made of.
    pub fn products_of<'p>(&'p self, artifact: &'p ArtifactPlan) -> impl Iterator<Item = &'p ProductId> + 'p {
        let foreign = match &artifact.origin {
            Origin::Foreign(build) => Some(&build.product),
            Origin::Packed(_) => None,
        };
        self.payloads_of(artifact).flat_map(|(_, payload)| payload.products.keys()).chain(foreign)
    }

    /// Programs and libraries that an artifact promises, sorted.
    pub fn binaries<'p>(&'p self, artifact: &'p ArtifactPlan) -> Vec<String> {
        let foreign = match &artifact.origin {
            Origin::Foreign(build) => Some(&build.binaries),
            Origin::Packed(_) => None,
        };
        let packed = self.payloads_of(artifact).flat_map(|(_, payload)| payload.binaries());
        let mut all = packed.chain(foreign.into_iter().flatten().map(String::as_str)).map(str::to_owned).collect::<Vec<_>>();
        all.sort();
        all.dedup();
        all
    }
}
