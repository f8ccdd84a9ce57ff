//! The rule: an artifact is Proven only by evidence, about exactly its bytes, for everything that the plan requires.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::{Digest, Hashed};
use crate::evidence::Evidence;
use crate::names::{ArtifactId, TrialId};
use crate::plan::{Fits, Plan, Want};
use crate::trial::{NotShown, Trial};

/// An artifact with all the evidence that the plan requires.
///
/// Private fields, no `Deserialize`, one constructor: a claim can be derived from it, never typed by hand.
#[derive(Debug, Clone)]
pub struct Proven {
    artifact: ArtifactId,
    hashed: Hashed,
    evidence: BTreeMap<TrialId, Evidence>,
    open: BTreeSet<TrialId>,
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
    #[error("no trial names {0}, or one without a step does: an empty list proves nothing")]
    NothingRequired(ArtifactId),
    /// There is no evidence of what is required, or it is about something else.
    #[error("{artifact}: no evidence of trial {trial} for these bytes")]
    Missing {
        /// The artifact.
        artifact: ArtifactId,
        /// The trial.
        trial: TrialId,
    },
    /// There is evidence, and it does not show what is required.
    #[error("{artifact} in trial {trial}: {why}")]
    NotShown {
        /// The artifact.
        artifact: ArtifactId,
        /// The trial.
        trial: TrialId,
        /// Why not.
        why: NotShown,
    },
}

impl Proven {
    /// Holds the evidence against the plan's requirements: every trial that names the artifact. Of an artifact that fits several targets all trials
    /// of one target are required, and of the others only that none was lost; those without evidence are [`Proven::open`].
    ///
    /// # Errors
    /// The first requirement that is not met.
    pub fn new(plan: &Plan, artifact: ArtifactId, hashed: Hashed, evidence: &[Evidence]) -> Result<Self, NotProven> {
        let planned = plan.artifacts.get(&artifact).ok_or_else(|| NotProven::Unknown(artifact.clone()))?;
        if planned.want != Want::Wanted {
            return Err(NotProven::NotWanted(artifact));
        }
        let trials = plan.trials_of(&artifact).collect::<BTreeMap<_, _>>();
        if trials.is_empty() || trials.values().any(|trial| trial.steps.is_empty()) {
            return Err(NotProven::NothingRequired(artifact));
        }
        let relevant = evidence.iter().filter(|evidence| evidence.is_about(&artifact, &planned.file_name, hashed.digest()));
        let relevant = relevant.collect::<Vec<_>>();
        let (mut shown, mut open) = (BTreeMap::new(), BTreeMap::new());
        for (id, trial) in trials {
            let required = trial.digest();
            let mut found = relevant.iter().filter(|evidence| evidence.required == required).peekable();
            if found.peek().is_none() {
                open.insert(id, trial);
            }
            // One that failed is not made good by another that passed.
            for evidence in found {
                let not_shown = |why| NotProven::NotShown { artifact: artifact.clone(), trial: id.clone(), why };
                evidence.shows(required).map_err(not_shown)?;
                shown.insert(id.clone(), (*evidence).clone());
            }
        }
        // One target of several is enough, whole. What fits any machine may be tried with others on some, beside the trial of its own.
        let is_one_of_several = |trial: &Trial| match &planned.fits {
            Fits::One(_) => false,
            Fits::Any => trial.target.is_some(),
            Fits::Several(targets) => trial.target.as_ref().is_some_and(|target| targets.contains(target)),
        };
        let whole = plan.whole_targets(&artifact, |trial| shown.contains_key(trial));
        let enough = planned.fits.is_enough(&whole);
        if let Some((trial, _)) = open.iter().find(|(_, trial)| !(is_one_of_several(trial) && enough)) {
            return Err(NotProven::Missing { trial: (*trial).clone(), artifact });
        }
        let open = open.into_keys().cloned().collect();
        // Half of what a target requires shows nothing of it.
        let is_half = |trial: &Trial| is_one_of_several(trial) && !whole.contains(&trial.target.as_ref());
        shown.retain(|_, evidence| planned.fits == Fits::Any || !is_half(&evidence.trial));
        Ok(Self { artifact, hashed, evidence: shown, open, plan: plan.id() })
    }

    /// Which artifact.
    pub fn artifact(&self) -> &ArtifactId {
        &self.artifact
    }

    /// Digest and size of its bytes.
    pub fn hashed(&self) -> Hashed {
        self.hashed
    }

    /// The evidence about these bytes, by trial.
    pub const fn evidence(&self) -> &BTreeMap<TrialId, Evidence> {
        &self.evidence
    }

    /// Trials for further targets of an artifact that fits several, of which there is no evidence.
    pub const fn open(&self) -> &BTreeSet<TrialId> {
        &self.open
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
    use crate::{CpuLevel, Outcome, Target};

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
            "archive.a/x86_64-unknown-linux-gnu in trial archive.a/x86_64-unknown-linux-gnu/sandbox: there is no result of probe `version on a plain x86-64-v3 processor`"
        );
        // Evidence that is sound in itself, of another plan.
        let (asked, other) = (plan(None), plan(Some(CpuLevel::V3)));
        let id = asked.artifacts.keys().next().unwrap().clone();
        let of_other = evidence(&other, &[native, third]);
        assert!(of_other.shows(of_other.required).is_ok());
        let refused = Proven::new(&asked, id.clone(), Hashed::read(&mut { BYTES }).unwrap(), std::slice::from_ref(&of_other)).unwrap_err();
        assert_eq!(refused, NotProven::Missing { artifact: id.clone(), trial: asked.trials.keys().next().unwrap().clone() });
        let refused = Proven::new(&other, id, Hashed::read(&mut &b"other bytes"[..]).unwrap(), &[of_other]).unwrap_err();
        assert!(matches!(refused, NotProven::Missing { .. }));
    }

    /// The plan's artifact as one file for two targets, each with a trial of its own.
    fn for_two() -> Plan {
        let mut plan = plan(None);
        let (id, trial) = plan.trials.pop_first().unwrap();
        let targets = ["x86_64-unknown-linux-gnu", "aarch64-apple-darwin"].map(|target| target.parse::<Target>().unwrap());
        for target in &targets {
            let trial = Trial { target: Some(target.clone()), ..trial.clone() };
            plan.trials.insert(TrialId::new(id.as_str(), Some(target), &trial.root), trial);
        }
        plan.artifacts.values_mut().for_each(|artifact| artifact.fits = Fits::Several(targets.clone().into()));
        plan
    }

    #[test]
    fn of_several_targets_one_must_be_shown_whole_and_none_be_lost() {
        let plan = for_two();
        let id = plan.artifacts.keys().next().unwrap().clone();
        let hashed = || Hashed::read(&mut { BYTES }).unwrap();
        let of = |target: &str, outcome: Outcome| {
            let mut one = plan.clone();
            one.trials.retain(|_, trial| trial.target.as_ref().is_some_and(|own| own.as_str() == target));
            evidence(&one, &[(None, outcome)])
        };
        let here = || of("x86_64-unknown-linux-gnu", Outcome::Passed);
        let proven = Proven::new(&plan, id.clone(), hashed(), &[here()]).unwrap();
        assert_eq!((proven.evidence().len(), proven.open().len()), (1, 1));
        assert!(matches!(Proven::new(&plan, id.clone(), hashed(), &[]), Err(NotProven::Missing { .. })));
        let mut lost = of("aarch64-apple-darwin", Outcome::Failed("exit status 1".to_owned()));
        lost.plain_not_tried = None;
        let refused = Proven::new(&plan, id.clone(), hashed(), &[here(), lost]);
        assert!(matches!(refused, Err(NotProven::NotShown { .. })), "{refused:?}");
        let none = Proven::new(&Plan { trials: BTreeMap::new(), ..plan.clone() }, id.clone(), hashed(), &[here()]);
        assert_eq!(none.unwrap_err(), NotProven::NothingRequired(id));
    }
}
