//! The part of a plan that a person asked for: these targets, these artifacts, up to this stage, and all that it needs.

use std::collections::BTreeSet;

use plimsoll_model::plan::{Stage, Work};
use plimsoll_model::{ArtifactId, ArtifactPlan, Class, Failure, Fits, NodeId, Plan, Target, Trial, TrialId, Want};

use crate::manifest::suggestion;

/// A selection of nothing that there is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// The plan has no such target.
    #[error("the project does not have the target {target}")]
    UnknownTarget {
        /// As asked for.
        target: Target,
        /// What to do.
        hint: Option<String>,
    },
    /// The target is not to be shipped yet.
    #[error("{target} is {state}: {reason}")]
    TargetNotWanted {
        /// As asked for.
        target: Target,
        /// `planned` or `deferred`.
        state: &'static str,
        /// The manifest's words.
        reason: String,
    },
    /// The plan has no such artifact.
    #[error("there is no artifact `{artifact}`")]
    UnknownArtifact {
        /// As asked for.
        artifact: String,
        /// What to do.
        hint: Option<String>,
    },
    /// Targets and artifacts are there, and nothing is wanted of both together.
    #[error("`{artifact}` is not wanted for any of the targets that were asked for")]
    Nothing {
        /// As asked for.
        artifact: String,
    },
    /// The plan ships nothing for the targets.
    #[error("nothing is wanted for {targets}")]
    NothingForTargets {
        /// As asked for.
        targets: String,
    },
}

impl SelectError {
    /// What to do, where something is known.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::UnknownTarget { hint, .. } | Self::UnknownArtifact { hint, .. } => hint.as_deref(),
            Self::TargetNotWanted { .. } => Some("move it to `targets` in the manifest to ship it"),
            Self::Nothing { .. } | Self::NothingForTargets { .. } => Some("`plimsoll plan` lists what is wanted"),
        }
    }
}

impl From<SelectError> for Failure {
    fn from(error: SelectError) -> Self {
        let failure = Self::from_error(Class::Usage, "selection", &error);
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// The nodes up to `up_to` for artifacts of `targets` (all where empty) that `only` names (`KIND.NAME` or `KIND.NAME/TARGET`; all where
/// empty), with everything that they need, gates included.
///
/// # Errors
/// A target or an artifact that the plan does not have or does not want, with the nearest that it has.
pub fn select(plan: &Plan, targets: &[Target], only: &[String], up_to: Stage) -> Result<BTreeSet<NodeId>, SelectError> {
    for target in targets {
        is_target(plan, target)?;
    }
    for label in only {
        is_artifact(plan, targets, label)?;
    }
    let matches = |id: &ArtifactId, artifact: &ArtifactPlan| {
        let named = only.is_empty() || only.iter().any(|label| label == id.label() || label == id.as_str());
        named && of_targets(artifact, targets)
    };
    let artifacts = plan.wanted().filter(|(id, artifact)| matches(id, artifact)).collect::<Vec<_>>();
    // What fits any machine is not what somebody asks for who names a target.
    let for_none = artifacts.iter().all(|(_, artifact)| artifact.fits == Fits::Any);
    let artifacts = artifacts.into_iter().map(|(id, _)| id).collect::<BTreeSet<_>>();
    if for_none && only.is_empty() && !targets.is_empty() {
        let targets = targets.iter().map(Target::to_string).collect::<Vec<_>>().join(", ");
        return Err(SelectError::NothingForTargets { targets });
    }
    let planned = || artifacts.iter().filter_map(|id| plan.artifacts.get(*id));
    let payloads = planned().flat_map(ArtifactPlan::payloads).collect::<BTreeSet<_>>();
    let products = planned().flat_map(|artifact| plan.products_of(artifact)).collect::<BTreeSet<_>>();
    let of_target = |trial: &Trial| targets.is_empty() || trial.target.as_ref().is_none_or(|target| targets.contains(target));
    let tried = |trial: &TrialId| {
        let named = |trial: &&Trial| trial.subjects.keys().any(|id| artifacts.contains(id));
        plan.trials.get(trial).filter(named).is_some_and(of_target)
    };
    let asked = plan.nodes.iter().filter(|(_, node)| {
        node.work.stage() <= up_to
            && match &node.work {
                Work::Gate { .. } => true,
                Work::Build { product } => products.contains(product),
                Work::Assemble { payload } => payloads.contains(payload),
                Work::Generate { generator } => planned().any(|artifact| artifact.generated().any(|(name, _)| name == generator)),
                Work::Inspect { artifact } | Work::Pack { artifact } => artifacts.contains(artifact),
                Work::Prove { trial } => tried(trial),
            }
    });
    Ok(with_needs(plan, asked.map(|(id, _)| id.clone()).collect()))
}

fn of_targets(artifact: &ArtifactPlan, targets: &[Target]) -> bool {
    targets.is_empty() || targets.iter().any(|target| artifact.fits.includes(target))
}

fn is_target(plan: &Plan, target: &Target) -> Result<(), SelectError> {
    let not_wanted = |state, reason: &str| SelectError::TargetNotWanted { target: target.clone(), state, reason: reason.to_owned() };
    match plan.targets.get(target).map(|planned| &planned.want) {
        Some(Want::Wanted) => Ok(()),
        Some(Want::Planned(reason)) => Err(not_wanted("planned", reason)),
        Some(Want::Deferred(reason)) => Err(not_wanted("deferred", reason)),
        None => {
            let wanted = plan.targets.iter().filter(|(_, planned)| planned.want == Want::Wanted).map(|(target, _)| target.as_str());
            Err(SelectError::UnknownTarget { target: target.clone(), hint: suggestion(target.as_str(), "wanted", wanted) })
        }
    }
}

fn is_artifact(plan: &Plan, targets: &[Target], label: &str) -> Result<(), SelectError> {
    let named = |id: &ArtifactId| id.label() == label || id.as_str() == label;
    if !plan.artifacts.keys().any(named) {
        // A bare name is the usual slip: `main` for `archive.main`.
        let bare = plan.artifacts.iter().find(|(_, artifact)| artifact.name.as_str() == label).map(|(id, _)| id.label());
        let labels = plan.artifacts.keys().map(ArtifactId::label);
        let hint = bare.map(|label| format!("did you mean `{label}`?")).or_else(|| suggestion(label, "artifacts", labels));
        return Err(SelectError::UnknownArtifact { artifact: label.to_owned(), hint });
    }
    if plan.wanted().any(|(id, artifact)| named(id) && of_targets(artifact, targets)) {
        return Ok(());
    }
    Err(SelectError::Nothing { artifact: label.to_owned() })
}

fn with_needs(plan: &Plan, asked: Vec<NodeId>) -> BTreeSet<NodeId> {
    let (mut waiting, mut selected) = (asked, BTreeSet::new());
    while let Some(id) = waiting.pop() {
        if let Some(node) = plan.nodes.get(&id).filter(|_| !selected.contains(&id)) {
            waiting.extend(node.needs.keys().cloned());
            selected.insert(id);
        }
    }
    selected
}
