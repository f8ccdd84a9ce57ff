//! The rule: an artifact is Proven only by evidence, about exactly its bytes, for everything that the plan requires.

use crate::digest::{Digest, Hashed};
use crate::evidence::Evidence;
use crate::names::{ArtifactId, RootName};
use crate::plan::{Plan, Want};
use crate::trial::NotShown;

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
    /// There is no evidence of what is required, or it is about something else.
    #[error("{artifact}: no evidence of what is required in {root} for these bytes")]
    Missing {
        /// The artifact.
        artifact: ArtifactId,
        /// The root.
        root: RootName,
    },
    /// There is evidence, and it does not show what is required.
    #[error("{artifact} in {root}: {why}")]
    NotShown {
        /// The artifact.
        artifact: ArtifactId,
        /// The root.
        root: RootName,
        /// Why not.
        why: NotShown,
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
        if planned.roots.is_empty() || planned.probes.is_empty() {
            return Err(NotProven::NothingRequired(artifact));
        }
        let relevant = || evidence.iter().filter(|evidence| evidence.is_about(&artifact, &planned.file_name, hashed.digest()));
        let mut shown = Vec::new();
        for trial in planned.trials() {
            let required = trial.digest();
            let (artifact, root) = (artifact.clone(), trial.root);
            let Some(found) = relevant().find(|evidence| evidence.required == required) else {
                return Err(NotProven::Missing { artifact, root });
            };
            found.shows(required).map_err(|why| NotProven::NotShown { artifact, root, why })?;
            shown.push(found.clone());
        }
        let evidence = shown;
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

    /// The evidence about these bytes: one a root that is required.
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// Id of the plan that required it.
    pub fn plan(&self) -> Digest {
        self.plan
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::tests::{BYTES, evidence, plan};
    use crate::{CpuLevel, Outcome};

    fn proven(cpu: Option<CpuLevel>, results: &[(Option<CpuLevel>, Outcome)]) -> Result<Proven, NotProven> {
        let plan = plan(cpu);
        let (id, mut bytes) = (plan.artifacts.keys().next().unwrap().clone(), BYTES);
        Proven::new(&plan, id, Hashed::read(&mut bytes).unwrap(), &[evidence(&plan, results)])
    }

    #[test]
    fn what_is_required_comes_from_the_plan() {
        let (native, third) = ((None, Outcome::Passed), (Some(CpuLevel::V3), Outcome::Passed));
        assert!(proven(Some(CpuLevel::V3), &[native.clone(), third.clone()]).is_ok());
        let missing = proven(Some(CpuLevel::V3), std::slice::from_ref(&native)).unwrap_err();
        assert_eq!(
            missing.to_string(),
            "archive.a/x86_64-unknown-linux-gnu in sandbox: there is no result of probe `version on a plain x86-64-v3 processor`"
        );
        // Evidence that is sound in itself, of another plan.
        let (asked, other) = (plan(None), plan(Some(CpuLevel::V3)));
        let id = asked.artifacts.keys().next().unwrap().clone();
        let of_other = evidence(&other, &[native, third]);
        assert!(of_other.shows(of_other.required).is_ok());
        let refused = Proven::new(&asked, id.clone(), Hashed::read(&mut { BYTES }).unwrap(), std::slice::from_ref(&of_other)).unwrap_err();
        assert_eq!(refused, NotProven::Missing { artifact: id.clone(), root: of_other.root.name.clone() });
        let refused = Proven::new(&other, id, Hashed::read(&mut &b"other bytes"[..]).unwrap(), &[of_other]).unwrap_err();
        assert!(matches!(refused, NotProven::Missing { .. }));
    }
}
