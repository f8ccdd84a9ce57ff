//! The rule: an artifact is Proven only by evidence, about exactly its bytes, for everything that the plan requires.

use crate::digest::{Digest, Hashed};
use crate::evidence::{Evidence, Means, Outcome};
use crate::names::{ArtifactId, RootName};
use crate::plan::{Plan, Want};

/// An artifact with all the evidence that the plan requires.
///
/// Private fields, no `Deserialize`, one constructor: a claim can be derived from it, never typed by hand.
#[derive(Debug, Clone)]
pub struct Proven {
    artifact: ArtifactId,
    hashed: Hashed,
    evidence: Vec<Evidence>,
    plan: Digest,
}

/// Why an artifact is not proven.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotProven {
    /// The plan has no such artifact.
    #[error("the plan has no artifact {0}")]
    Unknown(ArtifactId),
    /// The plan does not want it shipped.
    #[error("{0} is not wanted: it is planned or deferred")]
    NotWanted(ArtifactId),
    /// Nothing is required, so nothing is proven.
    #[error("{0} has no probe or no root: an empty list proves nothing")]
    NothingRequired(ArtifactId),
    /// A required result is missing or is about something else.
    #[error("{artifact}: no evidence of probe `{probe}` in {root} for these bytes")]
    Missing {
        /// The artifact.
        artifact: ArtifactId,
        /// The probe.
        probe: String,
        /// The root.
        root: RootName,
    },
    /// A required probe was tried and failed, or could not be tried.
    #[error("{artifact}: probe `{probe}` in {root}: {reason}")]
    NotPassed {
        /// The artifact.
        artifact: ArtifactId,
        /// The probe.
        probe: String,
        /// The root.
        root: RootName,
        /// What came of it.
        reason: String,
    },
    /// Native evidence is required, and there is only an emulator's.
    #[error("{artifact}: probe `{probe}` in {root} was emulated, and the plan requires a native run")]
    Emulated {
        /// The artifact.
        artifact: ArtifactId,
        /// The probe.
        probe: String,
        /// The root.
        root: RootName,
    },
}

impl Proven {
    /// Holds the evidence against the plan's requirements.
    ///
    /// # Errors
    /// The first requirement that is not met.
    pub fn new(plan: &Plan, artifact: ArtifactId, hashed: Hashed, evidence: &[Evidence]) -> Result<Self, NotProven> {
        let planned = plan.artifacts.get(&artifact).ok_or_else(|| NotProven::Unknown(artifact.clone()))?;
        if planned.want != Want::Wanted {
            return Err(NotProven::NotWanted(artifact));
        }
        let required = plan.required(&artifact);
        if required.is_empty() {
            return Err(NotProven::NothingRequired(artifact));
        }
        let relevant = evidence
            .iter()
            .filter(|evidence| evidence.artifact == artifact && evidence.subjects.get(&planned.file_name) == Some(&hashed.digest()))
            .collect::<Vec<_>>();
        for (root, probe) in required {
            let (artifact, name, root) = (artifact.clone(), probe.name.clone(), root.clone());
            let definition = probe.digest();
            let found =
                relevant.iter().filter(|evidence| evidence.root.name == root && evidence.means != Means::Inspected).find_map(|evidence| {
                    let result = evidence.results.iter().find(|result| result.probe == probe.name && result.definition == definition)?;
                    Some((&evidence.means, &result.outcome))
                });
            match found {
                None => return Err(NotProven::Missing { artifact, probe: name, root }),
                Some((_, Outcome::Failed(reason) | Outcome::NotRun(reason))) => {
                    return Err(NotProven::NotPassed { artifact, probe: name, root, reason: reason.clone() });
                }
                Some((Means::Emulated { .. }, Outcome::Passed)) if planned.native => {
                    return Err(NotProven::Emulated { artifact, probe: name, root });
                }
                Some((_, Outcome::Passed)) => {}
            }
        }
        let evidence = relevant.into_iter().cloned().collect();
        Ok(Self { artifact, hashed, evidence, plan: plan.id() })
    }

    /// Which artifact.
    pub fn artifact(&self) -> &ArtifactId {
        &self.artifact
    }

    /// Digest and size of its bytes.
    pub fn hashed(&self) -> Hashed {
        self.hashed
    }

    /// All evidence about these bytes.
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// Id of the plan that required it.
    pub fn plan(&self) -> Digest {
        self.plan
    }
}
