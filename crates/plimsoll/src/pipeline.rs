//! The order of everything, on one screen: open → plan → work (gates, build, assemble, pack, prove) → seal → publish → fetch → run again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use plimsoll_harbor::Faults;
use plimsoll_model::plan::{Stage, Work};
use plimsoll_model::{ArtifactId, ArtifactPlan, Class, Failure, GapKind, NodeId, Plan, Target, TrialId};

use crate::graph::{self, End};
use crate::harbor::{FetchedBack, HarborStage};
use crate::nodes;
use crate::prove::Extent;
use crate::report::{Event, Reporter, bytes, count};
use crate::results::Results;
use crate::run_context::RunContext;
use crate::seal::{Candidate, SealStage, Sealed};

/// Why something has no end: nobody asked for it.
const LEFT_OUT: &str = "left out of this rehearsal (--target, --only)";

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
    pub fetched_back: Vec<FetchedBack>,
    /// Everything that failed.
    pub failures: Vec<Failure>,
    /// Why what is wanted and not sealed is not.
    pub gaps: BTreeMap<ArtifactId, GapKind>,
}

impl Rehearsal {
    /// What only another machine can do, with the reasons: artifacts, and trials of those that fit several targets and are proven for some.
    pub fn elsewhere(&self) -> BTreeMap<ArtifactId, String> {
        let elsewhere = self.gaps.iter().filter(|(_, gap)| matches!(gap, GapKind::Elsewhere(_)));
        let mut all = elsewhere.map(|(id, gap)| (id.clone(), gap.reason().to_owned())).collect::<BTreeMap<_, _>>();
        let sealed = self.sealed.iter().flat_map(|sealed| &sealed.release.document().artifacts);
        for artifact in sealed.filter(|artifact| !artifact.gaps.is_empty()) {
            let reasons = artifact.gaps.iter().map(|(trial, reason)| format!("{trial}: {reason}")).collect::<Vec<_>>();
            all.insert(artifact.id.clone(), reasons.join("; "));
        }
        all
    }
}

/// How often work is done again because a blob of the store turned out to be damaged.
const ATTEMPTS: usize = 3;

/// Runs the selected nodes; again, where a damaged blob was found and removed: what is sound is remembered.
pub fn work(context: &RunContext<'_>, plan: &Plan, selected: &BTreeSet<NodeId>, reporter: &Reporter) -> Worked {
    let builds = selected.iter().any(|id| plan.nodes.get(id).is_some_and(|node| node.work.stage() == Stage::Build));
    if let Some(untold) = context.untold.as_ref().filter(|_| builds) {
        reporter.tell(Event::Warning(untold.clone()));
    }
    let mut worked = attempt(context, plan, selected, reporter);
    for _ in 1..ATTEMPTS {
        if !worked.failures().iter().any(is_mended_by_repetition) || context.launcher.is_cancelled() {
            break;
        }
        reporter.tell(Event::Warning("a file of the store was damaged and has been removed; making it again".to_owned()));
        worked = attempt(context, plan, selected, reporter);
    }
    worked
}

fn is_mended_by_repetition(failure: &Failure) -> bool {
    failure.code == plimsoll_store::StoreError::LOST_BLOB
}

fn attempt(context: &RunContext<'_>, plan: &Plan, selected: &BTreeSet<NodeId>, reporter: &Reporter) -> Worked {
    let results = Results::default();
    let interrupted = || context.launcher.is_cancelled();
    let nodes = context.nodes(plan, &interrupted, &results, reporter);
    let ended = |id: &NodeId, node: &plimsoll_model::plan::Node, end: &End| tell(plan, id, &node.work, end, interrupted(), reporter);
    let first = of_machine(plan, &context.own.toolchain.host);
    let selection = graph::Selection { nodes: &plan.nodes, selected, first: &first };
    let place = |node: &plimsoll_model::plan::Node| nodes::place(plan, &node.work);
    let workers = graph::Workers { threads: context.cores.total(), resting: &|| context.cores.resting() };
    let ends = graph::run(selection, workers, &place, &|id, node| nodes.work(id, node), &ended);
    Worked { results, ends }
}

/// What is for this machine's own target: a person learns most from it, and soonest.
fn of_machine(plan: &Plan, host: &Target) -> BTreeSet<NodeId> {
    let is_own = |work: &Work| match work {
        Work::Build { product } => plan.products.get(product).is_some_and(|product| product.target == *host),
        Work::Assemble { payload } => plan.payloads.get(payload).is_some_and(|payload| payload.target == *host),
        Work::Inspect { artifact } | Work::Pack { artifact } => artifact.target() == Some(host),
        Work::Prove { trial } => plan.trials.get(trial).is_some_and(|trial| trial.target.as_ref() == Some(host)),
        Work::Gate { .. } | Work::Generate { .. } => true,
    };
    plan.nodes.iter().filter(|(_, node)| is_own(&node.work)).map(|(id, _)| id.clone()).collect()
}

/// The release on this machine: all of it, or the nodes of the artifacts that were selected; of what users do with it, as much as `extent` says.
///
/// # Errors
/// Where sealing, publishing or fetching fails; failures of single nodes are in the result.
pub fn rehearse(
    context: &RunContext<'_>,
    plan: &Plan,
    selected: &BTreeSet<NodeId>,
    (dist, from_source, extent): (&Path, Option<String>, Extent),
    reporter: &Reporter,
) -> Result<Rehearsal, Failure> {
    let _turn = crate::seal::turn(context.store, dist)?;
    crate::seal::make_ready(context.store, dist, &plan.name)?;
    let stage = SealStage { store: context.store, plan, dist, from_source };
    let (worked, mut gaps, sealed) = loop_until_whole(context, plan, selected, &stage, reporter)?;
    if let Some(Err(failure)) = &sealed {
        let lost = plan.wanted().filter(|(id, _)| !gaps.contains_key(*id)).map(|(id, _)| id.clone()).collect::<Vec<_>>();
        gaps.extend(lost.into_iter().map(|id| (id, GapKind::Failed(format!("it was not sealed: {failure}")))));
    }
    crate::last::remember(context.store, &context.project.root, plan, &gaps);
    let mut rehearsal = Rehearsal { sealed: None, fetched_back: Vec::new(), failures: worked.failures(), gaps };
    match sealed {
        None => return Ok(rehearsal),
        Some(Err(failure)) => rehearsal.failures.push(failure),
        Some(Ok(sealed)) => {
            let artifacts = &sealed.release.document().artifacts;
            let total = artifacts.iter().map(|artifact| artifact.size).sum();
            let changed = if sealed.unchanged { ", unchanged" } else { "" };
            let note = format!("{}, {}{changed}", count(artifacts.len(), "artifact"), bytes(total));
            reporter.done("sealed", dist.display().to_string(), note);
            rehearsal.failures.extend(context.after_gates(plan, dist, reporter));
            let harbor = HarborStage { store: context.store, prove: &context.prove(), plan, reporter, extent, faults: Faults::none() };
            match harbor.run(&sealed, dist) {
                Ok(fetched_back) => rehearsal.fetched_back = fetched_back,
                Err(failure) => rehearsal.failures.push(failure),
            }
            rehearsal.sealed = Some(sealed);
        }
    }
    Ok(rehearsal)
}

type Sealing = Option<Result<Sealed, Failure>>;

/// Works and seals; once more where a packed blob was found damaged only when it was to be sealed.
fn loop_until_whole(
    context: &RunContext<'_>,
    plan: &Plan,
    selected: &BTreeSet<NodeId>,
    stage: &SealStage<'_>,
    reporter: &Reporter,
) -> Result<(Worked, BTreeMap<ArtifactId, GapKind>, Sealing), Failure> {
    for last in [false, true] {
        let worked = work(context, plan, selected, reporter);
        if context.launcher.is_cancelled() {
            return Err(Failure::interrupted());
        }
        let (candidates, gaps) = worked.candidates(plan);
        if candidates.is_empty() {
            return Ok((worked, gaps, None));
        }
        let sealed = stage.run(&candidates, gaps.clone());
        if last || !sealed.as_ref().is_err_and(is_mended_by_repetition) {
            return Ok((worked, gaps, Some(sealed)));
        }
    }
    Err(Failure::new(Class::NotProven, "seal", "the release could not be sealed"))
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
            let evidence = plan.trials_of(id).filter_map(|(trial, _)| self.results.evidence.get(trial));
            let evidence = evidence.filter(plimsoll_model::Evidence::passed).collect::<Vec<_>>();
            let open = self.open(plan, id, artifact);
            match (self.gap(plan, id, &open), self.results.packed.get(id)) {
                (None, Some((packed, measured))) => {
                    candidates.insert(id.clone(), Candidate { digest: packed.digest, measured, evidence, open });
                }
                (gap, _) => {
                    gaps.insert(id.clone(), gap.unwrap_or_else(|| GapKind::Failed("it was not packed".to_owned())));
                }
            }
        }
        without_partners(plan, &mut candidates, &mut gaps);
        (candidates, gaps)
    }

    /// Trials for some targets that could not be run here, of what fits several or any and was shown elsewhere.
    fn open(&self, plan: &Plan, id: &ArtifactId, artifact: &ArtifactPlan) -> BTreeMap<TrialId, String> {
        let whole = plan.whole_targets(id, |trial| self.results.evidence.get(trial).is_some_and(|evidence| evidence.passed()));
        let enough = artifact.fits.is_enough(&whole);
        let targeted = plan.trials_of(id).filter(|(_, trial)| enough && trial.target.is_some());
        targeted.filter_map(|(trial, _)| Some((trial.clone(), self.not_run_here(trial)?))).collect()
    }

    /// Why a trial was not run, if that is no failure: another machine could.
    fn not_run_here(&self, trial: &TrialId) -> Option<String> {
        let Some(end) = self.ends.get(&NodeId::new(Stage::Prove.name(), trial.as_str())) else { return Some(LEFT_OUT.to_owned()) };
        let end = if let End::Blocked { by } = end { self.ends.get(by)? } else { end };
        if let End::NotRun(reason) = end { Some(reason.clone()) } else { None }
    }

    /// The worst that happened to a node of the artifact; `open` trials are no harm.
    fn gap(&self, plan: &Plan, id: &ArtifactId, open: &BTreeMap<TrialId, String>) -> Option<GapKind> {
        let artifact = plan.artifacts.get(id)?;
        let mine = plan.nodes.iter().filter(|(_, node)| match &node.work {
            Work::Assemble { payload } => artifact.payloads().any(|own| own == payload),
            Work::Generate { generator } => artifact.generated().any(|(name, _)| name == generator),
            Work::Inspect { artifact } | Work::Pack { artifact } => artifact == id,
            Work::Prove { trial } => {
                !open.contains_key(trial) && plan.trials.get(trial).is_some_and(|planned| planned.subjects.contains_key(id))
            }
            Work::Build { product } => plan.products_of(artifact).any(|own| own == product),
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
                Some(End::Failed(failure)) => return Some(GapKind::Failed(told(plan, node, failure))),
                Some(End::Blocked { by }) => return Some(GapKind::Failed(format!("{by} did not end well"))),
                // Nothing that was asked for is without an end.
                None => elsewhere = Some(GapKind::Elsewhere(LEFT_OUT.to_owned())),
            }
        }
        elsewhere
    }
}

/// What was proven together with something that is not shipped is not shipped either.
fn without_partners(plan: &Plan, candidates: &mut BTreeMap<ArtifactId, Candidate>, gaps: &mut BTreeMap<ArtifactId, GapKind>) {
    let has_failed = |other: &ArtifactId, gaps: &BTreeMap<ArtifactId, GapKind>| !matches!(gaps.get(other), Some(GapKind::Elsewhere(_)));
    let partner = |(id, candidate): (&ArtifactId, &Candidate), candidates: &BTreeMap<ArtifactId, Candidate>, gaps: &BTreeMap<_, _>| {
        let trials = plan.trials_of(id).filter(|(trial, _)| !candidate.open.contains_key(*trial));
        let missing = trials.flat_map(|(_, trial)| trial.subjects.keys()).filter(|other| !candidates.contains_key(*other));
        // Of several the one that failed is to blame.
        missing.max_by_key(|other| has_failed(other, gaps)).cloned()
    };
    while let Some((id, other)) = candidates.iter().find_map(|one| Some((one.0.clone(), partner(one, candidates, gaps)?))) {
        candidates.remove(&id);
        let reason = format!("it is tried together with {other}, which is not proven");
        let gap = match gaps.get(&other) {
            Some(GapKind::Elsewhere(_)) => GapKind::Elsewhere(reason),
            _ => GapKind::Failed(reason),
        };
        gaps.insert(id, gap);
    }
}

/// Why, with the trial if that is one that a test declares.
fn told(plan: &Plan, node: &NodeId, failure: &Failure) -> String {
    match plan.nodes.get(node).map(|node| &node.work) {
        Some(Work::Prove { trial })
            if plan.trials.get(trial).is_some_and(|planned| !planned.subjects.keys().any(|artifact| trial.is_of(artifact))) =>
        {
            format!("{trial}: {}", reason(failure))
        }
        _ => reason(failure),
    }
}

/// Why, for a line that names the artifact already: with the first cause, which says more than `did not pass its probes`.
fn reason(failure: &Failure) -> String {
    // What ran where, and all that it said, is for the report.
    let telling = failure.causes.iter().find(|cause| !["root", "processor", "ran", "said"].contains(&cause.label.as_str()));
    let because = telling.and_then(|cause| cause.text.lines().next());
    because.map_or_else(|| failure.message.clone(), |because| format!("{}: {because}", failure.message))
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
        End::Blocked { by } if matches!(work.stage(), Stage::Build | Stage::Inspect | Stage::Pack) && !interrupted => {
            reporter.tell(Event::NotRun { node: id.clone(), title, reason: format!("because of {by}") });
        }
        End::Blocked { .. } => reporter.tell(Event::Finished { node: id.clone() }),
        End::Failed(failure) if failure.class == Class::Interrupted => reporter.tell(Event::Finished { node: id.clone() }),
        End::Failed(_) => reporter.tell(Event::Failed { node: id.clone(), title }),
        End::NotRun(reason) => reporter.tell(Event::NotRun { node: id.clone(), title, reason: reason.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_a_gap_names_the_cause_and_not_the_artifact() {
        let failure = Failure::new(Class::NotProven, "probe-failed", "did not pass its probes").about("archive.x/x86_64-unknown-linux-gnu");
        let failure = failure.cause("root", "sandbox").cause("ran", "x").cause("because", "ended by SIGILL\nmore").cause("said", "no");
        assert_eq!(reason(&failure), "did not pass its probes: ended by SIGILL");
        assert_eq!(reason(&Failure::new(Class::NotProven, "build", "cargo build failed").cause("said", "error")), "cargo build failed");
    }
}
