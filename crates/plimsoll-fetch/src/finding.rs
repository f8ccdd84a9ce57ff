//! What can be wrong with a file of a release.

use std::fmt;

use plimsoll_model::claims::NotClaimable;
use plimsoll_model::{ArtifactId, Digest};
use serde::{Serialize, Serializer};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file to blame, as a path within the release.
    pub file: String,
    /// What is wrong with it.
    #[serde(rename = "what", serialize_with = "as_text")]
    pub problem: Problem,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It should be there.
    #[error("is missing")]
    Missing,
    /// It is there and cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// It should not be there.
    #[error("is no part of the release")]
    Extra,
    /// `release.json` is not sound in itself.
    #[error("{0}")]
    Document(String),
    /// Its length.
    #[error("is {}{is} bytes long, and the release says {says}", if *.at_least { "more than " } else { "" })]
    Size {
        /// In the release.
        says: u64,
        /// In truth.
        is: u64,
        /// Whether there is more, which was not read.
        at_least: bool,
    },
    /// Its digest.
    #[error("was changed: the release says sha256 {says}, and it is {is}")]
    Digest {
        /// In the release.
        says: Digest,
        /// In truth.
        is: Digest,
    },
    /// The checksum file is not the one that the document demands.
    #[error("line {line} says `{says}`, and release.json demands `{demanded}`")]
    SumsLine {
        /// Counted from 1.
        line: usize,
        /// What it says.
        says: String,
        /// What it should say.
        demanded: String,
    },
    /// A statement that is no evidence.
    #[error("is no sound statement: {0}")]
    Statement(String),
    /// A statement about something that the release does not hold.
    #[error("is about {0}, which the release does not hold in this form")]
    Subject(String),
    /// A statement of which the release makes no claim.
    #[error("is a statement of which the release makes no claim")]
    Unclaimed,
    /// A claim without evidence.
    #[error("claims that {artifact} is proven, and that is not shown: {why}")]
    Claim {
        /// The artifact.
        artifact: ArtifactId,
        /// Why not.
        why: NotClaimable,
    },
    /// The claims of an older plimsoll, which cannot be held against anything.
    #[error("does not say what was required of its artifacts: an older plimsoll sealed it; rehearse it again to have its claims verified")]
    Older,
    /// What the release says was measured on the artifact's programs is not what they are.
    #[error("says of {artifact} that {says}, and its bytes say {is}")]
    Measured {
        /// The artifact.
        artifact: ArtifactId,
        /// In the release.
        says: String,
        /// In truth.
        is: String,
    },
    /// The artifact's programs cannot be looked at.
    #[error("cannot be measured: {0}")]
    Unmeasurable(String),
    /// An artifact without a claim that counts.
    #[error("holds {0}, which was not proven anywhere")]
    Unproven(ArtifactId),
}

fn as_text<S: Serializer>(problem: &Problem, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(problem)
}

impl Finding {
    /// A problem with a file.
    pub fn new(file: impl Into<String>, problem: Problem) -> Self {
        Self { file: file.into(), problem }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.file, self.problem)
    }
}
