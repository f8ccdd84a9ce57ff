//! What a plan says of an artifact because of its kind: one variant a kind, closed, so that whoever asks must answer for each new one.

mod holds;
pub mod nif;
pub mod wheel;

use serde::{Deserialize, Serialize};

use crate::names::KindName;
use nif::NifPlan;
use wheel::WheelPlan;

pub use holds::Holds;

/// What an artifact is, besides what all artifacts have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum KindPlan {
    /// A tarball or zip of a tree.
    Archive {
        /// Its container: `tar.xz`.
        format: String,
    },
    /// A native library for the BEAM.
    Nif {
        /// What it is to the BEAM.
        nif: Box<NifPlan>,
    },
    /// One bare static binary.
    Static,
    /// One file of the project, as it is.
    File,
    /// A package of Python's.
    Wheel {
        /// What it is to Python.
        wheel: Box<WheelPlan>,
    },
}

impl KindPlan {
    /// The kind's name, as ids and documents have it.
    pub fn name(&self) -> KindName {
        KindName::of_ours(match self {
            Self::Archive { .. } => "archive",
            Self::Nif { .. } => "nif",
            Self::Static => "static",
            Self::File => "file",
            Self::Wheel { .. } => "wheel",
        })
    }

    /// The container's format, for a kind that has several.
    pub fn container(&self) -> Option<&str> {
        match self {
            Self::Archive { format } => Some(format),
            Self::Nif { .. } | Self::Static | Self::File | Self::Wheel { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_the_name() {
        let archive = KindPlan::Archive { format: "tar.xz".to_owned() };
        for kind in [archive, KindPlan::Static, KindPlan::File] {
            let json = serde_json::to_value(&kind).unwrap();
            assert_eq!(json["kind"], kind.name().as_str());
            assert_eq!(serde_json::from_value::<KindPlan>(json).unwrap(), kind);
        }
    }
}
