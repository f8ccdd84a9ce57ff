//! `plimsoll build`, `pack` and `prove`: up to that stage.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::plan::Stage;
use plimsoll_model::{Class, Failure, NodeId, Plan, Target, Want};
use serde::Serialize;

use super::{Common, Ending, Outcome, Selection, named_targets};
use crate::graph::End;
use crate::pipeline::{self, Worked};
use crate::plan::select;
use crate::preflight::Preflight;
use crate::report::{self, plans, print_json};
use crate::run_context::RunContext;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    selection: Selection,
    /// End with 1 also if something can only be done on another machine.
    #[arg(long)]
    strict: bool,
}

/// The document that `--json` prints.
#[derive(Debug, Serialize)]
struct Document {
    /// Node → how it ended.
    nodes: BTreeMap<String, &'static str>,
    /// Program or artifact → digest.
    outputs: BTreeMap<String, String>,
    /// What failed.
    failures: Vec<Failure>,
    /// Node → why this machine cannot do it.
    elsewhere: BTreeMap<String, String>,
}

pub(super) fn run(arguments: &Arguments, common: &Common, up_to: Stage) -> Outcome {
    let bench = common.bench()?;
    let project = common.open(&bench)?;
    let plan = project.plan()?;
    let targets = arguments.selection.targets(&plan)?;
    let selected = select(&plan, &targets, &arguments.selection.only, up_to).map_err(Failure::from)?;
    if plan.wanted().next().is_none() {
        return Err(nothing_wanted(up_to).into());
    }
    if up_to != Stage::Build {
        bench.reporter.warn(plans::warnings(&plan));
    }
    bench.reporter.warn(project.warnings());
    let context = RunContext::new(&project, &bench.store, &bench.launcher, &bench.cores)?;
    bench.reporter.warn(Preflight::look(&context, &plan, &selected).warnings(false)?);
    let worked = pipeline::work(&context, &plan, &selected, &bench.reporter);
    drop(bench.reporter);
    bench.listener.finish();
    if bench.launcher.is_cancelled() {
        return Err(Failure::interrupted().into());
    }
    let failures = worked.failures();
    // A run that did nothing of what it was asked for is no success, whoever else could do it.
    // What a command left is inspected in the place of being packed.
    let is_asked = |stage: Stage| stage == up_to || (up_to == Stage::Pack && stage == Stage::Inspect);
    let nothing =
        !worked.ends.iter().any(|(id, end)| *end == End::Done && plan.nodes.get(id).is_some_and(|node| is_asked(node.work.stage())));
    let missing = nothing || (arguments.strict && !worked.not_run().is_empty());
    if common.json {
        let document = document(&plan, worked, failures);
        print_json(&document)?;
        let classes = document.failures.iter().map(|failure| failure.class).collect::<Vec<_>>();
        return Ok(if classes.is_empty() && !missing { Ending::Done } else { Ending::Ended(classes) });
    }
    if !failures.is_empty() {
        return Ok(Ending::Failed(failures));
    }
    let elsewhere = worked.not_run().len();
    if elsewhere > 0 {
        let of_all = if nothing { ", and so nothing was done" } else { "" };
        report::note(format!("{elsewhere} not run here{of_all}; see above"));
    }
    Ok(if missing { Ending::Ended(Vec::new()) } else { Ending::Done })
}

/// Every artifact is planned or deferred for each of its targets. As with a rehearsal, that is no mistake, and no success either.
fn nothing_wanted(up_to: Stage) -> Failure {
    let done = match up_to {
        Stage::Build => "built",
        Stage::Prove => "proven",
        Stage::Gate | Stage::Assemble | Stage::Generate | Stage::Inspect | Stage::Pack => "packed",
    };
    Failure::new(Class::NotProven, "nothing-wanted", format!("nothing is wanted, so nothing was {done}"))
        .hint("`plimsoll plan` lists what is planned or deferred, and why")
}

fn document(plan: &Plan, worked: Worked, failures: Vec<Failure>) -> Document {
    let word = |end: &End| match end {
        End::Done => "done",
        End::Failed(_) => "failed",
        End::NotRun(_) => "not-run",
        End::Blocked { .. } => "blocked",
    };
    let elsewhere = worked.not_run().into_iter().map(|(id, reason)| (id.to_string(), reason.to_owned())).collect();
    let nodes = worked.ends.iter().map(|(id, end)| (id.to_string(), word(end))).collect();
    let mut outputs = BTreeMap::new();
    for (id, product) in worked.results.products.into_inner() {
        outputs.extend(product.programs.into_iter().map(|(name, output)| (format!("{id}/{name}"), output.digest.to_string())));
    }
    for (id, (output, _)) in worked.results.packed.into_inner() {
        let name = plan.artifacts.get(&id).map(|artifact| artifact.file_name.to_string()).unwrap_or_default();
        outputs.insert(name, output.digest.to_string());
    }
    Document { nodes, outputs, failures, elsewhere }
}

impl Selection {
    /// Everything of the plan, or what the artifacts and targets that were asked for need to be proven.
    pub(super) fn nodes(&self, plan: &Plan) -> Result<BTreeSet<NodeId>, Failure> {
        if self.targets.is_empty() && self.only.is_empty() {
            return Ok(plan.nodes.keys().cloned().collect());
        }
        select(plan, &self.targets(plan)?, &self.only, Stage::Prove).map_err(Failure::from)
    }

    /// The targets as triples: of a family those that the plan wants, or all if it wants none.
    pub(super) fn targets(&self, plan: &Plan) -> Result<Vec<Target>, Failure> {
        let mut targets = Vec::new();
        for word in &self.targets {
            let named = named_targets(word)?;
            let wanted = |target: &&Target| plan.targets.get(*target).is_some_and(|planned| planned.want == Want::Wanted);
            let some = named.iter().any(|target| wanted(&target));
            targets.extend(named.iter().filter(|target| !some || wanted(target)).cloned());
        }
        Ok(targets)
    }
}
