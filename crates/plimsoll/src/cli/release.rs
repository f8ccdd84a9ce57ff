//! `plimsoll release`: the whole way for real, into the registries that the manifest names.

use std::path::Path;

use plimsoll_model::plan::Compile;
use plimsoll_model::{ArtifactId, Class, Failure};

use super::rehearse::summary;
use super::{Bench, Common, Ending, Outcome, paint};
use crate::kinds;
use crate::pipeline::{self, Rehearsal};
use crate::project::{self, Loaded};
use crate::publish::{self, FolderRegistry, Published, Standing, There};
use crate::report::rehearsal::RehearsalDocument;
use crate::report::{self, plans, print_json};
use crate::run_context::RunContext;
use crate::seal;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Do everything but the writes to registries, and say what they would be.
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(arguments: &Arguments, common: &Common) -> Outcome {
    let bench = common.bench()?;
    let project = Loaded::open(&common.root, &bench.store, &bench.launcher, project::epoch()?)?;
    let plan = project.plan()?;
    let named = project.project.publish.folder.as_deref().ok_or_else(nowhere)?;
    let registry = publish::registry(&project.root, named, &plan.name)?;
    if !arguments.dry_run && (plan.source.dirty || plan.source.commit.is_none()) {
        return Err(uncommitted(plan.source.commit.is_some()).into());
    }
    bind(&project, arguments.dry_run, &bench)?;
    bench.reporter.warn(plans::warnings(&plan));
    let context = RunContext { remember_gates: false, ..RunContext::new(&project, &bench.store, &bench.launcher, &bench.cores)? };
    let rehearsal = pipeline::rehearse(&context, &plan, &project.dist(), project.from_source.clone(), &bench.reporter);
    let published = rehearsal.and_then(|mut rehearsal| {
        // The package that users install carries these, so they must describe what is published.
        let sealed = rehearsal.sealed.as_ref().map(|sealed| sealed.release.document());
        rehearsal.failures.extend(kinds::at_release(&project, sealed, &plan)?);
        into_registry(rehearsal, &registry, arguments.dry_run, &bench)
    });
    drop(bench.reporter);
    bench.listener.finish();
    let (rehearsal, failures) = published?;
    if common.json {
        print_json(&RehearsalDocument::new(&plan, &rehearsal, &failures))?;
    } else {
        let printed = report::print(&summary(&plan, &rehearsal, common));
        report::print_failures(&failures, paint(std::io::IsTerminal::is_terminal(&std::io::stderr())));
        printed?;
    }
    if failures.is_empty() {
        return Ok(Ending::Done);
    }
    Ok(Ending::Ended(failures.iter().map(|failure| failure.class).collect()))
}

/// Holds the commit's tags against the version, and the changelog if the manifest names one. A dry run needs no tag.
fn bind(project: &Loaded, dry_run: bool, bench: &Bench) -> Result<(), Failure> {
    let Loaded { root, project, versions, .. } = project;
    let packages = project.cores.values().filter_map(|core| match &core.compile {
        Compile::Cargo { package, .. } => Some(package.clone()),
        Compile::Command { .. } | Compile::File { .. } => None,
    });
    let names = packages.chain([project.name.to_string()]).collect::<Vec<_>>();
    match versions {
        Some(spec) => plimsoll_version::bind(root, spec, &names, &project.version, !dry_run, &bench.launcher),
        None => plimsoll_version::bind_usual(root, &names, &project.version, &bench.launcher),
    }
}

/// Publishes what has no gap; gives back everything that stands in the way otherwise.
fn into_registry(rehearsal: Rehearsal, registry: &Path, dry_run: bool, bench: &Bench) -> Result<(Rehearsal, Vec<Failure>), Failure> {
    if bench.launcher.is_cancelled() {
        return Err(Failure::interrupted());
    }
    let mut failures = rehearsal.failures.clone();
    failures.extend(rehearsal.elsewhere().iter().map(|(id, reason)| gap(id, reason)));
    let Some(sealed) = rehearsal.sealed.as_ref().filter(|_| failures.is_empty()) else { return Ok((rehearsal, failures)) };
    let title = registry.display().to_string();
    let registry = FolderRegistry { folder: registry };
    if dry_run {
        let would = match registry.look(&sealed.release)? {
            Standing::Free => {
                let artifacts = report::count(sealed.release.document().artifacts.len(), "artifact");
                format!("publish {artifacts} to {title}")
            }
            Standing::There(there) if there.missing.is_empty() => format!("publish nothing: the release is there already, in {title}"),
            Standing::There(there) => format!("put back {} in {title}", lost(&there)),
        };
        bench.reporter.done("would", would, "dry run: nothing was written");
    } else {
        let note = match registry.publish(&sealed.release, &sealed.dist, bench.store.patience())? {
            Published::Now => "complete".to_owned(),
            Published::Already(there) => {
                seal::adopt(&bench.store, &sealed.dist, &sealed.release, &there.documents)?;
                let whole = there.missing.is_empty();
                if whole { "was there already".to_owned() } else { format!("was there already, without {}: put back", lost(&there)) }
            }
        };
        bench.reporter.done("published", title, note);
    }
    Ok((rehearsal, failures))
}

/// The files that a published release lost.
fn lost(there: &There) -> String {
    there.missing.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn gap(id: &ArtifactId, reason: &str) -> Failure {
    Failure::new(Class::NotProven, "gap", format!("is wanted and not proven: {reason}"))
        .about(id.to_string())
        .hint("prove it on a machine that can, or mark the target planned")
}

fn nowhere() -> Failure {
    Failure::new(Class::Usage, "no-registry", "the manifest names no registry to publish to")
        .hint("add `[publish.folder]` with `path = \"…\"`, or rehearse with `plimsoll rehearse`")
}

fn uncommitted(has_commit: bool) -> Failure {
    let what = if has_commit { "there are uncommitted changes" } else { "the project is not in git, or has no commit" };
    Failure::new(Class::Usage, "uncommitted", format!("{what}, and a release must be of a commit"))
        .hint("commit or stash them; `plimsoll release --dry-run` works with them. Files that go through a filter of git count until `git status` has looked at them")
}
