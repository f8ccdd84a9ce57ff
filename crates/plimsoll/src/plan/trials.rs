//! What must be shown of each artifact: a trial for each of its targets and roots.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{ArtifactId, Given, Name, Plan, RootName, Target, Trial, TrialId, TrialSubject};

use crate::given::GivenFiles;
use crate::kinds;
use crate::manifest::{Artifact, Project, Shipment, Test};

/// Every trial of the plan.
pub(super) fn of(plan: &Plan, project: &Project, given: &GivenFiles) -> BTreeMap<TrialId, Trial> {
    let mut trials = BTreeMap::new();
    for artifact in &project.artifacts {
        for (target, shipment) in artifact.wanted() {
            let id = ArtifactId::new(&shipment.kind.name(), &artifact.name, target);
            trials.extend(own(plan, (project, given), artifact, &id, shipment));
        }
    }
    for test in &project.tests {
        trials.extend(together(plan, project, given, test));
    }
    trials
}

/// The trials of artifacts that are installed together.
fn together(plan: &Plan, project: &Project, given: &GivenFiles, test: &Test) -> Vec<(TrialId, Trial)> {
    let mut trials = Vec::new();
    for (target, steps) in &test.steps {
        let subjects = test.install.iter().filter_map(|(kind, name)| {
            let artifact = project.artifacts.iter().find(|artifact| artifact.kind == *kind && artifact.name == *name)?;
            let (own, shipment) = artifact.wanted().find(|(own, _)| own.is_none() || *own == target.as_ref())?;
            let id = ArtifactId::new(&shipment.kind.name(), &artifact.name, own);
            Some(beside(project, artifact, target.as_ref()).chain([(id, subject(artifact, shipment))]).collect::<Vec<_>>())
        });
        let subjects = subjects.flatten().collect::<BTreeMap<_, _>>();
        let place = target.as_ref().and_then(|target| project.targets.get(target));
        let roots = roots(test.roots.get(target), project, target.as_ref());
        for root in roots {
            let trial = Trial {
                subjects: subjects.clone(),
                client: test.client,
                root: root.clone(),
                target: target.clone(),
                native: place.is_some_and(|place| place.native),
                cpu: subjects.keys().filter_map(|id| plan.artifacts.get(id)).filter_map(|planned| planned.cpu).max(),
                given: Given::default(),
                steps: steps.clone(),
            };
            let trial = Trial { given: super::given::of_trial(plan, Some(test), &trial, given), ..trial };
            trials.push((TrialId::new(&format!("test.{}", test.name), target.as_ref(), &root), trial));
        }
    }
    trials
}

/// The trials that must have passed before one: those for the same target, of tests that come before its own.
pub(super) fn order(plan: &Plan, project: &Project) -> BTreeMap<TrialId, BTreeSet<TrialId>> {
    let of_test = |name: &Name| {
        let label = format!("test.{name}/");
        plan.trials.iter().filter(move |(id, _)| id.as_str().starts_with(&label))
    };
    let mut order = BTreeMap::<TrialId, BTreeSet<TrialId>>::new();
    for test in &project.tests {
        for (id, trial) in of_test(&test.name) {
            let is_same = |other: &Trial| other.target.is_none() || trial.target.is_none() || other.target == trial.target;
            let before = test.after.iter().flat_map(of_test).filter(|(_, other)| is_same(other));
            order.entry(id.clone()).or_default().extend(before.map(|(other, _)| other.clone()));
        }
    }
    order
}

/// The trials of what is declared beside the artifact itself.
fn own(
    plan: &Plan,
    (project, given): (&Project, &GivenFiles),
    artifact: &Artifact,
    id: &ArtifactId,
    shipment: &Shipment,
) -> Vec<(TrialId, Trial)> {
    let Some(planned) = plan.artifacts.get(id) else { return Vec::new() };
    let tried_on = match id.target() {
        // One file for several machines is tried on each, and one for all of them wherever it can be.
        None if !shipment.only.is_empty() => shipment.only.iter().map(Some).collect(),
        target => vec![target],
    };
    let mut trials = Vec::new();
    for target in tried_on {
        let place = target.and_then(|target| project.targets.get(target));
        let roots = roots(shipment.roots.as_ref(), project, target);
        for root in roots {
            let told = target.filter(|_| id.target().is_none());
            let trial = Trial {
                subjects: beside(project, artifact, target).chain([(id.clone(), subject(artifact, shipment))]).collect(),
                client: kinds::client(&shipment.kind),
                root: root.clone(),
                target: target.cloned(),
                native: place.is_some_and(|place| place.native),
                cpu: planned.cpu,
                given: Given::default(),
                steps: shipment.probes.clone(),
            };
            let trial = Trial { given: super::given::of_trial(plan, None, &trial, given), ..trial };
            trials.push((TrialId::new(id.as_str(), told, &root), trial));
        }
    }
    trials
}

/// Artifacts that its users have beside it, on a target.
fn beside<'p>(
    project: &'p Project,
    artifact: &'p Artifact,
    target: Option<&'p Target>,
) -> impl Iterator<Item = (ArtifactId, TrialSubject)> + 'p {
    let mut waiting = artifact.needs.iter().collect::<Vec<_>>();
    let mut found = BTreeMap::new();
    while let Some((kind, name)) = waiting.pop() {
        let Some(other) = project.artifacts.iter().find(|other| other.kind == *kind && other.name == *name) else { continue };
        let Some((own, shipment)) = other.wanted().find(|(own, _)| own.is_none() || *own == target) else { continue };
        let id = ArtifactId::new(&shipment.kind.name(), &other.name, own);
        if found.insert(id, subject(other, shipment)).is_none() {
            waiting.extend(&other.needs);
        }
    }
    found.into_iter()
}

/// Where it is tried on a target: in the roots that it names itself, which are Linux ones, or in the target's.
fn roots(own: Option<&Vec<RootName>>, project: &Project, target: Option<&Target>) -> Vec<RootName> {
    let own = own.filter(|_| target.is_none_or(|target| target.os() == "linux"));
    let place = target.and_then(|target| project.targets.get(target));
    own.cloned().unwrap_or_else(|| place.map_or_else(usual_roots, |place| place.roots.clone()))
}

fn subject(artifact: &Artifact, shipment: &Shipment) -> TrialSubject {
    TrialSubject { file_name: shipment.file_name.clone(), binaries: artifact.binaries.clone() }
}

/// Where what fits any machine is tried unless the manifest says otherwise: not what a machine has, but what every Linux can make.
fn usual_roots() -> Vec<RootName> {
    "sandbox".parse().into_iter().collect()
}
