//! `plimsoll release`: the whole way for real, into the registries that the manifest names.

mod places;

use plimsoll_model::plan::Compile;
use plimsoll_model::{ArtifactId, Class, Failure};

use self::places::{Index, Places};
use super::rehearse::summary;
use super::{Bench, Common, Ending, Outcome, paint, paint_output};
use crate::host_tools;
use crate::kinds;
use crate::pipeline::{self, Rehearsal};
use crate::preflight::{Preflight, can_upload};
use crate::project::{self, Loaded};
use crate::prove::Extent;
use crate::publish::{
    self, Channel, ChannelAccount, FolderChannel, Ledger, LedgerEntry, Publication, PypiChannel, Waiting, Witness, WriteAccount,
};
use crate::report::publication::{self, PublicationDocument};
use crate::report::rehearsal::RehearsalDocument;
use crate::report::{self, Event, plans, print_json};
use crate::run_context::RunContext;
use crate::seal::{self, Sealed};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Do everything but the writes to registries, and say what they would be; ends as the release would if that refuses.
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(arguments: &Arguments, common: &Common) -> Outcome {
    let bench = common.bench()?;
    let project = common.open(&bench)?;
    let plan = project.plan()?;
    let places = Places::of(&project, &plan.name, &host_tools::toolbox(&bench.store, &bench.launcher))?;
    let uncommitted = (plan.source.dirty || plan.source.commit.is_none()).then(|| uncommitted(plan.source.commit.is_some()));
    let refusals = match (arguments.dry_run, uncommitted) {
        (false, Some(uncommitted)) => return Err(uncommitted.into()),
        (false, None) => {
            places.refusal().map_or(Ok(()), Err)?;
            bind(&project, false, &bench)?;
            Vec::new()
        }
        // What only a later commit or tag will change is told at the end, beside all writes.
        (true, uncommitted) => {
            bind(&project, true, &bench)?;
            uncommitted.into_iter().chain(places.refusal()).chain(bind(&project, false, &bench).err()).collect()
        }
    };
    bench.reporter.warn(project.warnings());
    bench.reporter.warn(plans::warnings(&plan));
    bench.reporter.warn(kinds::notes(&project, &plan));
    let context = RunContext { remember_gates: false, ..RunContext::new(&project, &bench.store, &bench.launcher, &bench.cores)? };
    // A release takes no gap, so whatever is missing stands in its way.
    let all = plan.nodes.keys().cloned().collect();
    bench.reporter.warn(Preflight::look(&context, &plan, &all).warnings(true)?);
    can_upload(&context, &plan, &all)?;
    let (dist, from_source) = (project.dist(), project.from_source.clone());
    let rehearsal = pipeline::rehearse(&context, &plan, &all, (&dist, from_source, Extent::FirstStep), &bench.reporter);
    let published = rehearsal.and_then(|mut rehearsal| {
        // The package that users install carries these, so they must describe what is published.
        let sealed = rehearsal.sealed.as_ref().map(|sealed| sealed.release.document());
        rehearsal.failures.extend(kinds::at_release(&project, sealed, &plan)?);
        let failures = in_the_way(&rehearsal, &bench)?;
        let Some(sealed) = rehearsal.sealed.as_ref().filter(|_| failures.is_empty()) else { return Ok((rehearsal, failures, None)) };
        let (failures, publication) = publish(sealed, &places, arguments.dry_run, &bench);
        Ok((rehearsal, failures, publication))
    });
    drop(bench.reporter);
    bench.listener.finish();
    let (rehearsal, mut failures, publication) = published?;
    failures.extend(refusals);
    if common.json {
        print_json(&RehearsalDocument { publication, ..RehearsalDocument::new(&plan, &rehearsal, &failures) })?;
    } else {
        let mut text = summary(&plan, &rehearsal, common);
        if let Some(publication) = publication.filter(|publication| publication.dry_run) {
            text.end().append(&publication::render(&publication.channels, paint_output()));
        }
        let printed = report::print(&text);
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
        Compile::Command { .. } | Compile::File { .. } | Compile::Files { .. } => None,
    });
    let names = packages.chain([project.name.to_string()]).collect::<Vec<_>>();
    match versions {
        Some(spec) => plimsoll_version::bind(root, spec, &names, &project.version, !dry_run, &bench.launcher),
        None => plimsoll_version::bind_usual(root, &names, &project.version, &bench.launcher),
    }
}

/// Everything that stands in the way of publishing: what failed, and every gap.
fn in_the_way(rehearsal: &Rehearsal, bench: &Bench) -> Result<Vec<Failure>, Failure> {
    if bench.launcher.is_cancelled() {
        return Err(Failure::interrupted());
    }
    let elsewhere = rehearsal.elsewhere();
    let gaps = elsewhere.iter().map(|(id, reason)| gap(id, reason));
    Ok(rehearsal.failures.iter().cloned().chain(gaps).collect())
}

/// Publishes, or looks at what would be written; gives back what failed, and what was done.
fn publish(sealed: &Sealed, places: &Places, dry_run: bool, bench: &Bench) -> (Vec<Failure>, Option<PublicationDocument>) {
    let (document, store) = (sealed.release.document(), &bench.store);
    let beside = match store.temporary_folder() {
        Ok(beside) => beside,
        Err(error) => return (vec![error.into()], None),
    };
    let (stop, tell) = (|| bench.launcher.is_cancelled(), |text: String| bench.reporter.tell(Event::Warning(text)));
    let folder = places.folder.as_deref().map(|folder| FolderChannel::new(folder, &document.name, &document.version, store.patience()));
    let index = places.index.as_ref().map(|Index { repository, uploader, network }| {
        let waiting = Waiting { patience: publish::pypi::PATIENCE, stop: &stop, tell: &tell };
        PypiChannel::new(&sealed.release, repository.clone(), uploader, network, beside.path(), waiting)
    });
    let folder = folder.as_ref().map(|channel| channel as &dyn Channel);
    let channels = folder.into_iter().chain(index.as_ref().map(|channel| channel as &dyn Channel)).collect::<Vec<_>>();
    let publication = match Publication::prepare(&sealed.release, &sealed.dist, &channels) {
        Ok(publication) => publication,
        Err(failures) => return (failures, None),
    };
    let ledger = Ledger::of(&store.folder(), publication.edition().id());
    let earlier = ledger.entries();
    if let Some((title, note)) = publication::earlier(&earlier, ledger.path()) {
        bench.reporter.done("known", title, note);
    }
    let (accounts, failures) = if dry_run {
        let accounts = publication.outlook();
        accounts.iter().for_each(|account| bench.reporter.done("would", publication::intention(account), "dry run: nothing was written"));
        (accounts, publication.refusals())
    } else {
        write(publication, sealed, &ledger, bench)
    };
    (failures, Some(PublicationDocument::new(dry_run, &ledger, earlier, accounts)))
}

/// Publishes and keeps the record of it.
fn write(publication: Publication<'_>, sealed: &Sealed, ledger: &Ledger, bench: &Bench) -> (Vec<ChannelAccount>, Vec<Failure>) {
    let mut unrecorded = None;
    let mut record = |account: &ChannelAccount, write: &WriteAccount, to: &str| {
        let entry = LedgerEntry::new(project::now(), (&account.channel, &account.place), write, to);
        unrecorded = ledger.append(&entry).err().or(unrecorded.take());
    };
    let stop = || bench.launcher.is_cancelled();
    let published = publication.run(&mut Witness { stop: &stop, record: &mut record });
    if let Some(failure) = unrecorded {
        let warning = format!("what was published is not in the ledger, and nothing depends on that: {failure}");
        bench.reporter.tell(Event::Warning(warning));
    }
    for account in published.accounts.iter().filter(|account| account.is_complete()) {
        bench.reporter.done("published", account.place.clone(), publication::outcome(account));
    }
    let adopt = |edition: publish::Edition| seal::adopt(&bench.store, &sealed.dist, &sealed.release, edition.documents());
    let unadopted = published.adopted.filter(|_| published.failure.is_none()).map_or(Ok(()), adopt);
    (published.accounts, published.failure.into_iter().chain(unadopted.err()).collect())
}

fn gap(id: &ArtifactId, reason: &str) -> Failure {
    Failure::new(Class::NotProven, "gap", format!("is wanted and not proven: {reason}"))
        .about(id.to_string())
        .hint("prove it on a machine that can, or mark the target planned")
}

fn uncommitted(has_commit: bool) -> Failure {
    let what = if has_commit { "there are uncommitted changes" } else { "the project is not in git, or has no commit" };
    Failure::new(Class::Usage, "uncommitted", format!("{what}, and a release must be of a commit"))
        .hint("commit or stash them; `plimsoll release --dry-run` shows the rest. Files that go through a filter of git count until `git status` has looked at them")
}
