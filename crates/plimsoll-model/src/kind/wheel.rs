//! What a plan says of a wheel: what its installers are told, and what must work once it is installed.

use serde::{Deserialize, Serialize};

/// A wheel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WheelPlan {
    /// The distribution's name, as its project writes it.
    pub distribution: String,
    /// Its version, in the normal form of PEP 440.
    pub version: String,
    /// Which Pythons it is for, as PEP 440 specifies versions: `>=3.9`; none if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires_python: Option<String>,
    /// Modules that can be imported once it is installed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<String>,
    /// Whether some of these are compiled, and so loaded by a Python of the very system and C library alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub compiled: bool,
    /// The one version of Python that it is for, if it is for one alone: `3.12`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub python: Option<String>,
    /// Requirements that nothing of the release meets: `rich>=13`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// What it says of its project, if it is written by us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub described: Option<WheelText>,
}

/// The texts that a wheel's folder of metadata holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WheelText {
    /// `METADATA`, with the readme.
    pub metadata: String,
    /// `entry_points.txt`; empty if there are none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub entry_points: String,
    /// The commands among those, for which installers write files beside the programs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
    /// Paths of the licences that `METADATA` names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licenses: Vec<String>,
}
