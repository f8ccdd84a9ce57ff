//! The graph: nodes, what each works on, and what must be there first.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::names::{ArtifactId, Name, NodeId, PayloadId, ProductId, TrialId};

/// A stage: a label on nodes, in the order of the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// A command of the project's own.
    Gate,
    /// Sources → Product.
    Build,
    /// Products → Payload.
    Assemble,
    /// Programs and builds → files that are made with them.
    Generate,
    /// What the project's own command left, held against what it is to be.
    Inspect,
    /// Payloads and files → bytes.
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
            Self::Generate => "generate",
            Self::Inspect => "inspect",
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
    /// A payload.
    Assemble {
        /// Which.
        payload: PayloadId,
    },
    /// Files that are made while the release is.
    Generate {
        /// By which generator.
        generator: Name,
    },
    /// The bytes of an artifact that the project's own command left.
    Inspect {
        /// Which.
        artifact: ArtifactId,
    },
    /// The bytes of an artifact that is packed.
    Pack {
        /// Which.
        artifact: ArtifactId,
    },
    /// A trial.
    Prove {
        /// Which.
        trial: TrialId,
    },
}

impl Work {
    /// The stage's label.
    pub const fn stage(&self) -> Stage {
        match self {
            Self::Gate { .. } => Stage::Gate,
            Self::Build { .. } => Stage::Build,
            Self::Assemble { .. } => Stage::Assemble,
            Self::Generate { .. } => Stage::Generate,
            Self::Inspect { .. } => Stage::Inspect,
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
