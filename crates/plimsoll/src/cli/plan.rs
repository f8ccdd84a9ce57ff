//! `plimsoll plan`.

use super::{Common, Ending, Outcome, paint_output};
use crate::report::{self, plans, print_json};
use crate::{kinds, preflight};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments, common: &Common) -> Outcome {
    let bench = common.bench()?;
    let project = common.open(&bench)?;
    let plan = project.plan()?;
    bench.reporter.warn(kinds::notes(&project, &plan));
    bench.reporter.warn(preflight::foretold(&project, &plan));
    drop(bench.reporter);
    bench.listener.finish();
    if common.json {
        print_json(&plan)?;
    } else {
        report::print(&plans::render(&plan, paint_output()))?;
        project.warnings().into_iter().for_each(|warning| report::note(format!("warning: {warning}")));
    }
    Ok(Ending::Done)
}
