//! `plimsoll plan`.

use super::{Common, Ending, Outcome, paint_output};
use crate::report::{self, plans, print_json};
use crate::session::{self, OpenProject};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments, common: &Common) -> Outcome {
    let bench = common.bench()?;
    let project = OpenProject::open(&common.root, &bench.store, &bench.launcher, session::epoch()?)?;
    let plan = project.plan();
    if common.json {
        print_json(&plan)?;
    } else {
        report::print(&plans::render(&plan, paint_output()))?;
    }
    Ok(Ending::Done)
}
