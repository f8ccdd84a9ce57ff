//! The graph over what is wanted: gates one after the other, then every product, payload, artifact and trial.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::plan::{Demand, GeneratedBy, Node, Origin, Work};
use plimsoll_model::{ArtifactId, ArtifactPlan, Class, Failure, Name, NodeId, PayloadId, Plan, ProductId, Target, Trial, TrialId};

/// Nodes that wait for each other for ever: something must be proven before what it is made of can be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", told(.trials, .nodes))]
pub struct Cycle {
    /// The trials among them.
    pub trials: Vec<TrialId>,
    /// All of them, each of which waits for the next, and the last for the first.
    pub nodes: Vec<NodeId>,
}

fn told(trials: &[TrialId], nodes: &[NodeId]) -> String {
    let trials = trials.iter().map(|trial| format!("`{trial}`")).collect::<Vec<_>>().join(", ");
    let nodes = nodes.iter().chain(nodes.first()).map(NodeId::as_str).collect::<Vec<_>>().join(" after ");
    format!("the trials {trials} are needed before what they try can be made: {nodes}")
}

impl From<Cycle> for Failure {
    fn from(cycle: Cycle) -> Self {
        Self::from_error(Class::Usage, "trial-cycle", &cycle)
            .hint("take the artifact that embeds the other out of the trial, or embed one that the trial does not name")
    }
}

/// All nodes of a plan, with what each needs; `order` has the trials before which others must have passed.
pub(super) fn nodes(plan: &Plan, order: &BTreeMap<TrialId, BTreeSet<TrialId>>) -> BTreeMap<NodeId, Node> {
    let mut nodes = BTreeMap::new();
    let mut last_gate = None;
    for (index, gate) in plan.gates.before.iter().enumerate() {
        let id = NodeId::new("gate", &format!("before/{}", gate.name));
        let needs = finished(last_gate.replace(id.clone()));
        nodes.insert(id, Node { work: Work::Gate { index }, needs });
    }
    for (id, product) in &plan.products {
        let mut needs = finished(last_gate.clone());
        for artifact in product.embed.values() {
            needs.extend(before_it_is_embedded(plan, artifact, &product.target).map(|trial| (prove(trial), Demand::Proven)));
        }
        nodes.insert(build(id), Node { work: Work::Build { product: id.clone() }, needs });
    }
    for (id, payload) in &plan.payloads {
        let needs = finished(payload.products.keys().map(build));
        nodes.insert(assemble(id), Node { work: Work::Assemble { payload: id.clone() }, needs });
    }
    for (name, generator) in &plan.generators {
        let needs = match &generator.by {
            GeneratedBy::Program { payload, .. } => finished([assemble(payload)]),
            GeneratedBy::Build(product) => finished([build(product)]),
        };
        nodes.insert(generate(name), Node { work: Work::Generate { generator: name.clone() }, needs });
    }
    for (id, artifact) in plan.wanted() {
        let mut needs = match &artifact.origin {
            Origin::Foreign(foreign) => finished([build(&foreign.product)]),
            Origin::Packed(_) if artifact.payloads().next().is_some() => finished(artifact.payloads().map(assemble)),
            Origin::Packed(_) => finished(last_gate.clone()),
        };
        needs.extend(finished(artifact.generated().map(|(name, _)| generate(name))));
        nodes.insert(made(id, artifact), Node { work: making(id, artifact), needs });
    }
    for (id, trial) in &plan.trials {
        let subjects = trial.subjects.keys().filter_map(|id| Some(made(id, plan.artifacts.get(id)?)));
        let earlier = order.get(id).into_iter().flatten().map(prove);
        nodes.insert(prove(id), Node { work: Work::Prove { trial: id.clone() }, needs: finished(subjects.chain(earlier)) });
    }
    nodes
}

/// The trials that a file must have passed before it is embedded in what is built for `target`: all of them, but of one that fits several those for that
/// target alone, if there are any.
fn before_it_is_embedded<'p>(plan: &'p Plan, artifact: &'p ArtifactId, target: &'p Target) -> impl Iterator<Item = &'p TrialId> + 'p {
    let fits_several = plan.artifacts.get(artifact).is_some_and(|planned| planned.fits.one().is_none());
    let is_for = move |trial: &Trial| trial.target.as_ref().is_none_or(|own| own == target);
    let some = fits_several && plan.trials_of(artifact).any(|(_, trial)| is_for(trial));
    plan.trials_of(artifact).filter(move |(_, trial)| !some || is_for(trial)).map(|(id, _)| id)
}

fn finished(nodes: impl IntoIterator<Item = NodeId>) -> BTreeMap<NodeId, Demand> {
    nodes.into_iter().map(|node| (node, Demand::Finished)).collect()
}

fn build(product: &ProductId) -> NodeId {
    NodeId::new("build", product.as_str())
}

fn assemble(payload: &PayloadId) -> NodeId {
    NodeId::new("assemble", payload.as_str())
}

fn generate(generator: &Name) -> NodeId {
    NodeId::new("generate", generator.as_str())
}

/// The node that leaves an artifact's bytes.
fn made(id: &ArtifactId, artifact: &ArtifactPlan) -> NodeId {
    NodeId::new(making(id, artifact).stage().name(), id.as_str())
}

fn making(id: &ArtifactId, artifact: &ArtifactPlan) -> Work {
    match &artifact.origin {
        Origin::Packed(_) => Work::Pack { artifact: id.clone() },
        Origin::Foreign(_) => Work::Inspect { artifact: id.clone() },
    }
}

fn prove(trial: &TrialId) -> NodeId {
    NodeId::new("prove", trial.as_str())
}

/// Nodes that wait for each other, if there are any.
pub(super) fn cycle(nodes: &BTreeMap<NodeId, Node>) -> Option<Cycle> {
    let mut left = nodes
        .iter()
        .map(|(id, node)| (id, node.needs.keys().filter(|need| nodes.contains_key(*need)).collect()))
        .collect::<BTreeMap<&NodeId, BTreeSet<&NodeId>>>();
    while let Some(ready) = left.iter().find(|(_, needs)| needs.is_empty()).map(|(id, _)| *id) {
        left.remove(ready);
        left.values_mut().for_each(|needs| {
            needs.remove(ready);
        });
    }
    // Whatever is left needs something that is left, so that following the needs comes back.
    let mut way = vec![*left.keys().next()?];
    let start = loop {
        let next = way.last().and_then(|last| left.get(*last)).and_then(|needs| needs.iter().next()).copied()?;
        if let Some(at) = way.iter().position(|id| *id == next) {
            break at;
        }
        way.push(next);
    };
    let circle = way.split_off(start);
    let trial = |id: &&NodeId| match nodes.get(*id).map(|node| &node.work) {
        Some(Work::Prove { trial }) => Some(trial.clone()),
        _ => None,
    };
    Some(Cycle { trials: circle.iter().filter_map(trial).collect(), nodes: circle.into_iter().cloned().collect() })
}
