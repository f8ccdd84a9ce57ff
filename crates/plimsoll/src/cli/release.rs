//! `plimsoll release`: the whole way for real, into the registries that the manifest names.

use plimsoll_model::{Class, Failure};

use super::rehearse::{document, summarise};
use super::{Common, Ending, Outcome, paint, print_json};
use crate::pipeline;
use crate::publish::{FolderRegistry, Published, folder};
use crate::report;
use crate::session::{self, OpenProject};
use crate::workshop::Workshop;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Do everything but the writes to registries, and say what they would be.
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(arguments: &Arguments, common: &Common) -> Outcome {
    let bench = common.bench()?;
    let project = OpenProject::open(&common.root, &bench.store, &bench.launcher, session::epoch()?)?;
    let plan = project.plan();
    let registry = project.project.publish.folder.as_deref().map(|named| folder::place(&project.root, named)).ok_or_else(nowhere)?;
    if plan.source.dirty && !arguments.dry_run {
        return Err(dirty().into());
    }
    crate::seal::clear_leftovers(&project.root)?;
    let workshop = Workshop { remember_gates: false, ..Workshop::new(&project, &bench.store, &bench.launcher, &bench.cores)? };
    let rehearsal = pipeline::rehearse(&workshop, &plan, &project.dist(), project.from_source.clone(), &bench.reporter)?;
    let sealed = rehearsal.sealed.as_ref().filter(|_| rehearsal.failures.is_empty() && rehearsal.elsewhere.is_empty());
    let mut failures = rehearsal.failures.clone();
    failures.extend(rehearsal.elsewhere.iter().map(|(id, reason)| {
        Failure::new(Class::NotProven, "gap", format!("is wanted and not proven: {reason}"))
            .about(id.to_string())
            .hint("prove it where that can be done, or mark the target planned")
    }));
    if let Some(sealed) = sealed {
        let title = registry.display().to_string();
        let files = sealed.release.document().artifacts.len();
        if arguments.dry_run {
            bench.reporter.done("would", format!("publish {files} artifacts to {title}"), "dry run: nothing was written");
        } else {
            let note = match (FolderRegistry { folder: &registry }).publish(&sealed.release, &sealed.dist)? {
                Published::Now => "complete",
                Published::Already => "was there already, the same bytes",
            };
            bench.reporter.done("published", title, note);
        }
    }
    drop(bench.reporter);
    bench.listener.finish();
    if common.json {
        print_json(&document(&rehearsal));
    } else {
        summarise(&rehearsal);
        report::print_failures(&failures, paint(std::io::IsTerminal::is_terminal(&std::io::stderr())));
    }
    if failures.is_empty() && sealed.is_some() {
        return Ok(Ending::Done);
    }
    Ok(Ending::Ended(failures.iter().map(|failure| failure.class).collect()))
}

fn nowhere() -> Failure {
    Failure::new(Class::Usage, "no-registry", "the manifest names no registry to publish to")
        .hint("add `[publish.folder]` with `path = \"…\"`, or rehearse with `plimsoll rehearse`")
}

fn dirty() -> Failure {
    Failure::new(Class::Usage, "dirty", "there are uncommitted changes, and a release must be of a commit")
        .hint("commit or stash them; `plimsoll release --dry-run` works with them")
}
