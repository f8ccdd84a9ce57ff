//! `plimsoll rehearse`.

use std::collections::BTreeMap;

use plimsoll_model::{Failure, ReleaseDocument};
use serde::Serialize;

use super::{Common, Ending, Outcome, paint_output, print_json};
use crate::harbor::Landed;
use crate::pipeline::{self, Rehearsal};
use crate::report::load_line::LoadLine;
use crate::report::{self, plans};
use crate::session::{self, OpenProject};
use crate::workshop::Workshop;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Count what only another machine can prove as a failure.
    #[arg(long)]
    strict: bool,
}

/// The document that `--json` prints.
#[derive(Debug, Serialize)]
pub(super) struct Document<'a> {
    /// The sealed release; none where nothing was proven.
    release: Option<&'a ReleaseDocument>,
    /// What was fetched back from the harbor and run.
    landed: &'a [Landed],
    /// What failed.
    failures: &'a [Failure],
    /// Artifact → what it needs elsewhere.
    elsewhere: BTreeMap<String, &'a str>,
}

pub(super) fn run(arguments: &Arguments, common: &Common) -> Outcome {
    let bench = common.bench()?;
    let project = OpenProject::open(&common.root, &bench.store, &bench.launcher, session::epoch()?)?;
    let plan = project.plan();
    if !common.json && !common.quiet {
        report::print(&plans::render(&plan, paint_output()));
    }
    let workshop = Workshop::new(&project, &bench.store, &bench.launcher, &bench.cores)?;
    let rehearsal = pipeline::rehearse(&workshop, &plan, &project.dist(), project.from_source.clone(), &bench.reporter);
    drop(bench.reporter);
    bench.listener.finish();
    let rehearsal = rehearsal?;
    if common.json {
        print_json(&document(&rehearsal, &rehearsal.failures));
    } else {
        summarise(&rehearsal, common.quiet);
        report::print_failures(&rehearsal.failures, super::paint(std::io::IsTerminal::is_terminal(&std::io::stderr())));
    }
    let missing = arguments.strict && !rehearsal.elsewhere.is_empty();
    // A run that proved nothing is no success, whoever else could prove it.
    let ended_well = rehearsal.failures.is_empty() && !missing && rehearsal.sealed.is_some();
    match ended_well {
        true => Ok(Ending::Done),
        false => Ok(Ending::Ended(rehearsal.failures.iter().map(|failure| failure.class).collect())),
    }
}

pub(super) fn document<'a>(rehearsal: &'a Rehearsal, failures: &'a [Failure]) -> Document<'a> {
    Document {
        release: rehearsal.sealed.as_ref().map(|sealed| sealed.release.document()),
        landed: &rehearsal.landed,
        failures,
        elsewhere: rehearsal.elsewhere.iter().map(|(id, reason)| (id.to_string(), reason.as_str())).collect(),
    }
}

pub(super) fn summarise(rehearsal: &Rehearsal, quiet: bool) {
    let paint = paint_output();
    let gap = if quiet { "" } else { "\n" };
    match &rehearsal.sealed {
        Some(sealed) => {
            let line = LoadLine::of_release(sealed.release.document(), Vec::new());
            report::print(&format!("{gap}{}", line.render(paint)));
        }
        None => {
            report::print(&format!("{gap}{}\n", paint.warning("nothing was proven, so nothing was sealed")));
            for (id, reason) in &rehearsal.elsewhere {
                report::print(&format!("  {id}  {reason}\n"));
            }
        }
    }
}
