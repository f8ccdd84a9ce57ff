//! `plimsoll plan`.

use super::{Common, Ending, Outcome, paint_output};
use crate::project::{self, Loaded};
use crate::report::{self, plans, print_json};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments, common: &Common) -> Outcome {
    let bench = common.bench()?;
    let project = Loaded::open(&common.root, &bench.store, &bench.launcher, project::epoch()?)?;
    let plan = project.plan()?;
    if common.json {
        print_json(&plan)?;
    } else {
        report::print(&plans::render(&plan, paint_output()))?;
    }
    Ok(Ending::Done)
}
