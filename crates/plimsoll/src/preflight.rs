//! What this machine lacks for a part of a plan, asked before anything of it is started.
//!
//! Looks, and makes nothing. It replaces no check of a stage: what it does not know of, a stage finds out, and then it fails or is a gap.

mod apple;
mod lack;
mod linker;
mod uploads;

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::plan::{Stage, Work};
use plimsoll_model::{ArtifactId, ArtifactPlan, Class, Failure, NodeId, Plan};

use crate::run_context::RunContext;
pub use apple::foretold;
use lack::Lack;
pub use uploads::can_upload;

/// How many things one line names.
const NAMED: usize = 3;

/// What is lacking for the selected nodes of a plan.
#[derive(Debug, Default)]
pub struct Preflight {
    /// What is to come of it, and what keeps it from coming.
    wishes: Vec<Wish>,
    /// What it comes to.
    done: &'static str,
    /// Commands, or ways, that bring what `plimsoll doctor --install` does not.
    advice: Vec<(String, Vec<String>)>,
}

/// A product or an artifact that was asked for.
#[derive(Debug)]
struct Wish {
    name: String,
    /// Whether it can be had with what is here.
    is_possible: bool,
    lacks: BTreeSet<Lack>,
}

impl Wish {
    /// Whether installing something would help.
    fn is_curable(&self) -> bool {
        !self.is_possible && self.lacks.iter().all(|lack| matches!(lack, Lack::Missing(_)))
    }
}

impl Preflight {
    /// Looks at what the selected nodes need.
    pub fn look(context: &RunContext<'_>, plan: &Plan, selected: &BTreeSet<NodeId>) -> Self {
        let nodes = selected.iter().filter_map(|id| Some((id, plan.nodes.get(id)?)));
        let lacks = nodes.map(|(id, node)| (id.clone(), lack::of(context, plan, &node.work))).collect::<BTreeMap<_, _>>();
        let isolation = context.host_tools.isolation.as_ref().err().filter(|_| lack::wants_isolation(&lacks));
        let advice = isolation.map(plimsoll_exec::bubblewrap::NoIsolation::advice).unwrap_or_default();
        Self { advice, ..Self::of(plan, selected, &lacks) }
    }

    fn of(plan: &Plan, selected: &BTreeSet<NodeId>, lacks: &BTreeMap<NodeId, Vec<Lack>>) -> Self {
        let stage = |id: &NodeId| plan.nodes.get(id).map(|node| node.work.stage());
        let up_to = selected.iter().filter_map(stage).max();
        let selection = Selection { plan, selected, lacks };
        let (done, wishes) = match up_to {
            Some(Stage::Prove) => ("proven", selection.artifacts()),
            Some(Stage::Pack | Stage::Inspect | Stage::Generate | Stage::Assemble) => ("packed", selection.artifacts()),
            Some(Stage::Build) => ("built", selection.products()),
            Some(Stage::Gate) | None => ("done", Vec::new()),
        };
        Self { wishes, done, advice: Vec::new() }
    }

    /// What a person should know at the start: what is not going to be had here because something is missing.
    ///
    /// # Errors
    /// Class tool-missing if nothing at all could be had, though it could with what is missing; with `whole`, also if only a part could not.
    pub fn warnings(&self, whole: bool) -> Result<Vec<String>, Failure> {
        let curable = self.wishes.iter().filter(|wish| wish.is_curable()).collect::<Vec<_>>();
        let mut without = BTreeMap::<&str, Vec<&str>>::new();
        for wish in &curable {
            for lack in &wish.lacks {
                if let Lack::Missing(what) = lack {
                    without.entry(what).or_default().push(&wish.name);
                }
            }
        }
        if curable.is_empty() || (!whole && self.wishes.iter().any(|wish| wish.is_possible)) {
            let told = |(what, names): (&str, Vec<&str>)| {
                format!("{} cannot be {} here. Missing: {what}. `plimsoll doctor` says how to get it", some_of(&names), self.done)
            };
            return Ok(without.into_iter().map(told).collect());
        }
        let what = if whole { "not everything" } else { "nothing" };
        let message = format!("{what} can be {} here yet, so nothing was started", self.done);
        let mut failure = Failure::new(Class::ToolMissing, "tool-missing", message);
        for (what, names) in without {
            failure = failure.cause("missing", format!("{what} (for {})", some_of(&names)));
        }
        let failure = self.advice.iter().fold(failure, |failure, (why, commands)| failure.cause(why, commands.join("\n")));
        Err(failure.hint("`plimsoll doctor --install` installs what it can, after asking; `plimsoll doctor` says how to get the rest"))
    }
}

/// A part of a plan, with what is lacking for its nodes.
struct Selection<'a> {
    plan: &'a Plan,
    selected: &'a BTreeSet<NodeId>,
    lacks: &'a BTreeMap<NodeId, Vec<Lack>>,
}

impl Selection<'_> {
    fn products(&self) -> Vec<Wish> {
        let builds = self.selected.iter().filter_map(|id| match &self.plan.nodes.get(id)?.work {
            Work::Build { product } => Some((id, product)),
            _ => None,
        });
        let wish = |(id, product): (&NodeId, &plimsoll_model::ProductId)| {
            let lacks = self.lacks_of([id]);
            Wish { name: product.to_string(), is_possible: lacks.is_empty(), lacks }
        };
        builds.map(wish).collect()
    }

    fn artifacts(&self) -> Vec<Wish> {
        self.plan.wanted().filter_map(|(id, artifact)| self.artifact(id, artifact)).collect()
    }

    /// An artifact, with everything that its trials need; none if it was not asked for.
    fn artifact(&self, id: &ArtifactId, artifact: &ArtifactPlan) -> Option<Wish> {
        let mine = |node: &&NodeId| match self.plan.nodes.get(*node).map(|node| &node.work) {
            Some(Work::Pack { artifact } | Work::Inspect { artifact }) => artifact == id,
            Some(Work::Prove { trial }) => self.plan.trials.get(trial).is_some_and(|trial| trial.subjects.contains_key(id)),
            _ => false,
        };
        let mine = self.selected.iter().filter(mine).collect::<Vec<_>>();
        if mine.is_empty() {
            return None;
        }
        let lacks = self.lacks_of(mine.iter().copied());
        // What fits several machines is proven by the trials of one.
        let is_shown = |trial: &plimsoll_model::TrialId| {
            let node = NodeId::new(Stage::Prove.name(), trial.as_str());
            self.selected.contains(&node) && self.lacks_of([&node]).is_empty()
        };
        let is_possible = lacks.is_empty() || artifact.fits.is_enough(&self.plan.whole_targets(id, is_shown));
        Some(Wish { name: id.to_string(), is_possible, lacks })
    }

    /// What is lacking for nodes, and for all that they need.
    fn lacks_of<'n>(&self, ids: impl IntoIterator<Item = &'n NodeId>) -> BTreeSet<Lack> {
        let mut waiting = ids.into_iter().cloned().collect::<Vec<_>>();
        let (mut seen, mut lacks) = (BTreeSet::new(), BTreeSet::new());
        while let Some(id) = waiting.pop() {
            if !self.selected.contains(&id) || !seen.insert(id.clone()) {
                continue;
            }
            lacks.extend(self.lacks.get(&id).into_iter().flatten().cloned());
            waiting.extend(self.plan.nodes.get(&id).into_iter().flat_map(|node| node.needs.keys().cloned()));
        }
        lacks
    }
}

/// The first of them, and how many there are more.
fn some_of(names: &[&str]) -> String {
    let first = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

#[cfg(test)]
mod tests;
