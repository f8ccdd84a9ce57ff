//! What users get: one file each, what it fits, and what it is made of.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Want;
use crate::floor::CpuLevel;
use crate::kind::{Holds, KindPlan};
use crate::names::{FileName, Name, PayloadId, ProductId};
use crate::target::Target;

/// The machines that an artifact is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Fits {
    /// All.
    Any,
    /// Those of one target.
    One(Target),
    /// Those of several targets: one file for all of them.
    Several(BTreeSet<Target>),
}

impl Fits {
    /// The only target; none if there are several or all.
    pub const fn one(&self) -> Option<&Target> {
        match self {
            Self::One(target) => Some(target),
            Self::Any | Self::Several(_) => None,
        }
    }

    /// The targets by name; none if it fits any.
    pub fn targets(&self) -> impl Iterator<Item = &Target> {
        let (one, several) = match self {
            Self::Any => (None, None),
            Self::One(target) => (Some(target), None),
            Self::Several(targets) => (None, Some(targets)),
        };
        one.into_iter().chain(several.into_iter().flatten())
    }

    /// Whether it may be claimed once all was shown on these [targets](super::Plan::whole_targets), though trials on others are open: on one of several;
    /// by itself, if it fits any.
    pub fn is_enough(&self, whole: &BTreeSet<Option<&Target>>) -> bool {
        match self {
            Self::Any => whole.contains(&None),
            Self::One(_) => false,
            Self::Several(targets) => targets.iter().any(|target| whole.contains(&Some(target))),
        }
    }

    /// Whether a machine of `target` can use it.
    pub fn includes(&self, target: &Target) -> bool {
        *self == Self::Any || self.targets().any(|fitting| fitting == target)
    }
}

/// A part of an artifact that is packed by us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// Programs or libraries.
    Payload(PayloadId),
    /// Files of the project: path in the project → path in the artifact.
    Project(BTreeMap<String, String>),
    /// Generated files: generator → path in the artifact, a folder if it ends in `/`; none stands for where users of the kind look.
    Generated(BTreeMap<Name, Option<String>>),
}

/// A file that the project's own command leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ForeignBuild {
    /// What leaves it.
    pub product: ProductId,
    /// Programs that users find in it by name, each of which is inspected.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub binaries: BTreeSet<String>,
    /// What these are.
    #[serde(flatten)]
    pub holds: Holds,
}

/// Where an artifact's bytes come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Packed by us from these.
    Packed(Vec<Content>),
    /// Made by the project's own command. It is inspected and tried like any other.
    Foreign(ForeignBuild),
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
    /// The machines that it is for.
    pub fits: Fits,
    /// Wanted, planned or deferred.
    #[serde(flatten)]
    pub want: Want,
    /// The file's name.
    pub file_name: FileName,
    /// What it is made of.
    pub origin: Origin,
    /// The level of x86-64 that its users must have; none where nothing was declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<CpuLevel>,
}

impl ArtifactPlan {
    /// The payloads that it is filled with.
    pub fn payloads(&self) -> impl Iterator<Item = &PayloadId> {
        self.contents().filter_map(|content| if let Content::Payload(id) = content { Some(id) } else { None })
    }

    /// The project's files that it holds: path in the project → path in the artifact.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self.contents().filter_map(|content| if let Content::Project(files) = content { Some(files) } else { None });
        files.flatten().map(|(from, to)| (from.as_str(), to.as_str()))
    }

    /// Generators of the files that it holds, with their places.
    pub fn generated(&self) -> impl Iterator<Item = (&Name, Option<&str>)> {
        let generated =
            self.contents().filter_map(|content| if let Content::Generated(generated) = content { Some(generated) } else { None });
        generated.flatten().map(|(name, place)| (name, place.as_deref()))
    }

    fn contents(&self) -> impl Iterator<Item = &Content> {
        let contents = match &self.origin {
            Origin::Packed(contents) => contents.as_slice(),
            Origin::Foreign(_) => &[],
        };
        contents.iter()
    }
}
