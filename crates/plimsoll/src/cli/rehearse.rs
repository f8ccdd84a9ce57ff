//! `plimsoll rehearse`.

use plimsoll_model::Plan;

use super::{Common, Ending, Outcome, Selection, paint_output};
use crate::kinds;
use crate::pipeline::{self, Rehearsal};
use crate::preflight::{Preflight, can_upload};
use crate::prove::Extent;
use crate::report::rehearsal::{self, RehearsalDocument};
use crate::report::{self, Text, plans, print_json};
use crate::run_context::RunContext;

#[derive(Debug, clap::Args)]
#[command(after_help = "Ends with 0 if all that this machine can do went well, and lists what only another machine can prove. If that is \
    everything, nothing is proven and nothing sealed, and it ends with 1.")]
pub(super) struct Arguments {
    #[command(flatten)]
    selection: Selection,
    /// End with 1 also if something can only be proven on another machine.
    #[arg(long)]
    strict: bool,
    /// From the harbor, run every step of every trial, and not the first step of one trial an artifact alone.
    #[arg(long)]
    full: bool,
}

pub(super) fn run(arguments: &Arguments, common: &Common) -> Outcome {
    let bench = common.bench()?;
    let project = common.open(&bench)?;
    let plan = project.plan()?;
    let selected = arguments.selection.nodes(&plan)?;
    if !common.json && !common.quiet {
        let is_known = crate::last::gaps(&bench.store, &project.root, &plan).is_some();
        report::print(&if is_known { plans::known(&plan, paint_output()) } else { plans::render(&plan, paint_output()) })?;
    }
    bench.reporter.warn(project.warnings());
    bench.reporter.warn(kinds::notes(&project, &plan));
    let context = RunContext::new(&project, &bench.store, &bench.launcher, &bench.cores)?;
    bench.reporter.warn(Preflight::look(&context, &plan, &selected).warnings(false)?);
    can_upload(&context, &plan, &selected)?;
    let extent = if arguments.full { Extent::EveryStep } else { Extent::FirstStep };
    let (dist, from_source) = (project.dist(), project.from_source.clone());
    let rehearsal = pipeline::rehearse(&context, &plan, &selected, (&dist, from_source, extent), &bench.reporter);
    drop(bench.reporter);
    bench.listener.finish();
    let rehearsal = rehearsal?;
    if common.json {
        print_json(&RehearsalDocument::new(&plan, &rehearsal, &rehearsal.failures))?;
    } else {
        let printed = report::print(&summary(&plan, &rehearsal, common));
        report::print_failures(&rehearsal.failures, super::paint(std::io::IsTerminal::is_terminal(&std::io::stderr())));
        printed?;
    }
    let missing = arguments.strict && !rehearsal.elsewhere().is_empty();
    // A run that proved nothing is no success, whoever else could prove it.
    let ended_well = rehearsal.failures.is_empty() && !missing && rehearsal.sealed.is_some();
    match ended_well {
        true => Ok(Ending::Done),
        false => Ok(Ending::Ended(rehearsal.failures.iter().map(|failure| failure.class).collect())),
    }
}

/// The load line, an empty line below what was told before.
pub(super) fn summary(plan: &Plan, rehearsal: &Rehearsal, common: &Common) -> Text {
    let mut text = Text::new(paint_output());
    if !common.quiet {
        text.end();
    }
    text.append(&rehearsal::render(plan, rehearsal, paint_output(), report::columns()));
    text
}
