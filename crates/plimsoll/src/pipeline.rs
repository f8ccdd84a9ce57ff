//! The order of everything, on one screen: open → plan → work (gates, build, assemble, pack, prove) → seal → publish → fetch → run again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use plimsoll_model::plan::{Stage, Work};
use plimsoll_model::{ArtifactId, Class, Failure, GapKind, NodeId, Plan};

use crate::graph::{self, End};
use crate::harbor::{HarborStage, Landed};
use crate::nodes;
use crate::report::{Event, Reporter, bytes};
use crate::results::Results;
use crate::seal::{Candidate, SealStage, Sealed};
use crate::workshop::Workshop;

/// How the nodes of a run ended.
#[derive(Debug)]
pub struct Worked {
    /// What was found out.
    pub results: Results,
    /// How each node ended.
    pub ends: BTreeMap<NodeId, End>,
}

/// A rehearsal that came to its end.
#[derive(Debug)]
pub struct Rehearsal {
    /// The sealed release, unless nothing was proven.
    pub sealed: Option<Sealed>,
    /// What was fetched back from the harbor and run.
    pub landed: Vec<Landed>,
    /// Everything that failed.
    pub failures: Vec<Failure>,
    /// What only another machine can do.
    pub elsewhere: BTreeMap<ArtifactId, String>,
}

/// Runs the selected nodes.
pub fn work(workshop: &Workshop<'_>, plan: &Plan, selected: &BTreeSet<NodeId>, reporter: &Reporter) -> Worked {
    let results = Results::default();
    let interrupted = || workshop.launcher.is_cancelled();
    let nodes = workshop.nodes(plan, &interrupted, &results, reporter);
    let ended = |id: &NodeId, node: &plimsoll_model::plan::Node, end: &End| tell(plan, id, &node.work, end, interrupted(), reporter);
    let ends = graph::run(&plan.nodes, selected, workshop.cores.total(), &|id, node| nodes.work(id, node), &ended);
    Worked { results, ends }
}

/// The whole release on this machine.
///
/// # Errors
/// Where sealing, publishing or fetching fails; failures of single nodes are in the result.
pub fn rehearse(
    workshop: &Workshop<'_>,
    plan: &Plan,
    dist: &Path,
    from_source: Option<String>,
    reporter: &Reporter,
) -> Result<Rehearsal, Failure> {
    let selected = plan.nodes.keys().cloned().collect();
    let worked = work(workshop, plan, &selected, reporter);
    let mut failures = worked.failures();
    if workshop.launcher.is_cancelled() {
        return Err(crate::interrupted());
    }
    let (candidates, gaps) = worked.candidates(plan);
    let elsewhere = gaps.iter().filter_map(|(id, gap)| match gap {
        GapKind::Elsewhere(reason) => Some((id.clone(), reason.clone())),
        _ => None,
    });
    let elsewhere = elsewhere.collect();
    if candidates.is_empty() {
        return Ok(Rehearsal { sealed: None, landed: Vec::new(), failures, elsewhere });
    }
    let sealed = SealStage { store: workshop.store, plan, dist, from_source }.run(&candidates, gaps)?;
    let total = sealed.release.document().artifacts.iter().map(|artifact| artifact.size).sum();
    let changed = if sealed.unchanged { ", unchanged" } else { "" };
    reporter.done("sealed", dist.display().to_string(), format!("{} artifacts, {}{changed}", candidates.len(), bytes(total)));
    failures.extend(workshop.after_gates(plan, dist, reporter));
    let harbor = HarborStage { store: workshop.store, prove: &workshop.prove(), plan, reporter };
    let landed = harbor.run(&sealed, dist)?;
    Ok(Rehearsal { sealed: Some(sealed), landed, failures, elsewhere })
}

impl Worked {
    /// What failed; nodes that were only blocked say nothing of their own.
    pub fn failures(&self) -> Vec<Failure> {
        self.ends.values().filter_map(|end| if let End::Failed(failure) = end { Some((**failure).clone()) } else { None }).collect()
    }

    /// What could not be tried here, with the reasons.
    pub fn not_run(&self) -> BTreeMap<&NodeId, &str> {
        self.ends.iter().filter_map(|(id, end)| if let End::NotRun(reason) = end { Some((id, reason.as_str())) } else { None }).collect()
    }

    /// Artifacts whose every node went well, and why the others are not among them.
    fn candidates(&self, plan: &Plan) -> (BTreeMap<ArtifactId, Candidate>, BTreeMap<ArtifactId, GapKind>) {
        let (mut candidates, mut gaps) = (BTreeMap::new(), BTreeMap::new());
        for (id, artifact) in plan.wanted() {
            let evidence = artifact.roots.iter().filter_map(|root| self.results.evidence.get(&(id.clone(), root.clone())));
            let evidence = evidence.filter(plimsoll_model::Evidence::passed).collect::<Vec<_>>();
            let parts = (self.results.packed.get(id), self.results.assembled.get(id));
            match (self.gap(plan, id), parts) {
                (None, (Some(packed), Some(assembled))) => {
                    candidates.insert(id.clone(), Candidate { digest: packed.digest, measured: assembled.measured, evidence });
                }
                (gap, _) => {
                    gaps.insert(id.clone(), gap.unwrap_or_else(|| GapKind::Failed("it was not packed".to_owned())));
                }
            }
        }
        (candidates, gaps)
    }

    /// The worst that happened to a node of the artifact.
    fn gap(&self, plan: &Plan, id: &ArtifactId) -> Option<GapKind> {
        let mine = plan.nodes.iter().filter(|(_, node)| match &node.work {
            Work::Assemble { artifact } | Work::Pack { artifact } | Work::Prove { artifact, .. } => artifact == id,
            Work::Build { product } => plan.artifacts.get(id).is_some_and(|artifact| artifact.product == *product),
            Work::Gate { .. } => false,
        });
        let mut elsewhere = None;
        for (node, _) in mine {
            let end = match self.ends.get(node) {
                Some(End::Blocked { by }) => self.ends.get(by),
                end => end,
            };
            match end {
                Some(End::Done) => {}
                Some(End::NotRun(reason)) => elsewhere = Some(GapKind::Elsewhere(reason.clone())),
                Some(End::Failed(failure)) => return Some(GapKind::Failed(failure.to_string())),
                Some(End::Blocked { by }) => return Some(GapKind::Failed(format!("{by} did not end well"))),
                None => return Some(GapKind::Failed("it was not tried".to_owned())),
            }
        }
        elsewhere
    }
}

/// Ends that need a line of their own; what went well was told by the node.
fn tell(plan: &Plan, id: &NodeId, work: &Work, end: &End, interrupted: bool, reporter: &Reporter) {
    let title = nodes::title(plan, work);
    match end {
        End::Done if work.stage() == Stage::Assemble => {
            reporter.tell(Event::Finished { node: id.clone() });
        }
        End::Done => {}
        // One line an artifact or product is enough; an interruption explains itself.
        End::Blocked { by } if matches!(work.stage(), Stage::Build | Stage::Pack) && !interrupted => {
            reporter.tell(Event::NotRun { node: id.clone(), title, reason: format!("because of {by}") });
        }
        End::Blocked { .. } => reporter.tell(Event::Finished { node: id.clone() }),
        End::Failed(failure) if failure.class == Class::Interrupted => reporter.tell(Event::Finished { node: id.clone() }),
        End::Failed(_) => reporter.tell(Event::Failed { node: id.clone(), title }),
        End::NotRun(reason) => reporter.tell(Event::NotRun { node: id.clone(), title, reason: reason.clone() }),
    }
}
