//! What a release is made or tried with and is not its own: files that somebody else made, and its previous release. Each is known by the digest that
//! the project locked; where the bytes come from is said apart, so that another mirror is no other product and no other trial.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::names::{ArtifactId, FileName, Name};

/// A file that a build is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PrebuiltFile {
    /// The name by which it is declared.
    pub name: Name,
    /// What the file is called in the build: some look at how the name ends.
    pub file_name: FileName,
    /// Its bytes.
    pub sha256: Digest,
}

/// What a trial needs besides its subjects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Given {
    /// Files in a folder that steps can read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<FileName, Digest>,
    /// What the release before this one has of the subjects; empty if there is none, and none if the trial does not ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<BTreeMap<ArtifactId, PreviousFile>>,
    /// What it asks of packages that others publish, for itself or its subjects: `pytest>=8`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub requirements: BTreeSet<String>,
    /// The packages that were locked for that; what fits no root among them is not looked at.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub wheelhouse: BTreeMap<FileName, Digest>,
    /// Files and folders of the project that lie in the working folder when the first step begins. What is in them is known by the sources.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub project: BTreeSet<String>,
}

impl Given {
    /// Whether the trial needs its subjects alone.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether something is to be brought that is not the project's.
    pub fn is_brought(&self) -> bool {
        !self.files.is_empty() || self.previous.is_some() || !self.wheelhouse.is_empty()
    }
}

/// An artifact of the previous release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PreviousFile {
    /// Its file.
    pub file_name: FileName,
    /// Its container, as that release names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Its bytes.
    pub sha256: Digest,
}

/// Where the bytes of something given come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GivenFrom {
    /// What it is, for people: `prebuilt.mozjs for x86_64-unknown-linux-gnu`.
    pub what: String,
    /// An http or https URL, or a path relative to the project; or the name of a package's file.
    pub place: String,
    /// Whether `place` is that of a package, which the index has that this machine's own client is told to ask.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_index: bool,
}
