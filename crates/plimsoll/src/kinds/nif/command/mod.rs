//! `plimsoll nif checksum` and `plimsoll nif module`: what the Elixir side of a package commits.

mod lines;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure, KindPlan, Plan, ReleaseDocument};
use plimsoll_pack::nif::ChecksumMap;
use plimsoll_pack::nif::checksums::{self, Comparison};

use crate::cli::{Common, Ending, Outcome, paint_output};
use crate::project::{self, Loaded};
use crate::report::{self, Text, print_json};
use plimsoll_store::{Store, durable, plain_file, platform};

use crate::{seal, shown};
use plimsoll_elixir::{Released, contradicting};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: NifCommand,
}

#[derive(Debug, clap::Subcommand)]
enum NifCommand {
    /// Write the map of checksums from the sealed bytes in dist/, for the package to carry.
    Checksum {
        /// Write nothing; fail where the committed file is another, and show the lines that differ.
        #[arg(long)]
        check: bool,
    },
    /// Print the lines that a module, or mix.exs, needs to fetch the libraries, as the manifest has them.
    Module,
}

pub(crate) fn run(arguments: &Arguments, common: &Common) -> Outcome {
    let bench = common.bench()?;
    let open = match arguments.command {
        NifCommand::Checksum { .. } => Loaded::open,
        // Who is told that the lines are wrong comes here for the right ones.
        NifCommand::Module => Loaded::open_contradicted,
    };
    let project = open(&common.root, &bench.store, &bench.launcher, project::epoch()?)?.sealing_into(common.named_dist.as_deref())?;
    drop(bench.reporter);
    bench.listener.finish();
    let plan = project.plan()?;
    match &arguments.command {
        NifCommand::Checksum { check } => checksum(&project, &plan, *check, &bench.store, common),
        NifCommand::Module => {
            let tag = project.versions.as_ref().map(|spec| spec.tag.clone()).unwrap_or_default();
            lines::print(&plan, &tag, lines::source_url(&project, &bench.launcher)?.as_deref())
        }
    }
}

/// The maps of a sealed release: file of the project → map.
fn maps(document: &ReleaseDocument, plan: &Plan) -> BTreeMap<String, ChecksumMap> {
    let mut maps = BTreeMap::<String, ChecksumMap>::new();
    for artifact in &document.artifacts {
        if let Some(KindPlan::Nif { nif }) = plan.artifacts.get(&artifact.id).map(|planned| &planned.kind) {
            maps.entry(checksums::file(nif.scheme, &nif.module)).or_default().insert(artifact.file_name.as_str(), artifact.sha256);
        }
    }
    maps
}

fn checksum(project: &Loaded, plan: &Plan, check: bool, store: &Store, common: &Common) -> Outcome {
    let document = seal::read(&project.dist())?.sealed(&project.dist())?;
    let unsound = shown::not_shown(&project.dist(), &document, store);
    if !unsound.is_empty() {
        let failure = Failure::new(Class::NotProven, "not-as-sealed", "the sealed release does not show what it claims");
        let failure = unsound.iter().fold(failure, |failure, (artifact, why)| failure.cause(artifact.as_str(), why));
        return Err(failure.about(project.dist().display().to_string()).hint("`plimsoll rehearse` seals anew").into());
    }
    let maps = maps(&document, plan);
    if maps.is_empty() {
        let failure = Failure::new(Class::NotProven, "no-nif", "the sealed release holds no library for the BEAM");
        return Err(failure.about(project.dist().display().to_string()).hint("`plimsoll rehearse` builds, proves and seals them").into());
    }
    let mut failures = Vec::new();
    for (name, map) in &maps {
        let path = project.root.join(name);
        if check {
            failures.extend(stale(&path, name, map)?);
        } else {
            write(&path, map)?;
        }
    }
    if common.json {
        print_json(&maps.iter().map(|(name, map)| (name, map.to_string())).collect::<BTreeMap<_, _>>())?;
    } else if failures.is_empty() {
        let mut text = Text::new(paint_output());
        for (name, map) in &maps {
            let archives = report::count(map.len(), "archive");
            text.good(if check { "as sealed" } else { "wrote" }).put(format!(" {name}: {archives}")).end();
        }
        report::print(&text)?;
    }
    if failures.is_empty() { Ok(Ending::Done) } else { Ok(Ending::Failed(failures)) }
}

/// Beside its place and renamed into it: a package must not carry half a map.
fn write(path: &Path, map: &ChecksumMap) -> Result<(), Failure> {
    let text = map.to_string();
    if plain_file::read_text(path).is_ok_and(|known| known == text) {
        return Ok(());
    }
    let folder = path.parent().map_or_else(|| PathBuf::from("."), Path::to_owned);
    let mut file = tempfile::NamedTempFile::new_in(&folder).map_err(|error| Failure::io(&folder, &error))?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(|error| Failure::io(path, &error))?;
    platform::set_mode_of_open(file.as_file(), 0o644).map_err(|error| Failure::io(path, &error))?;
    durable::replace(file, path).map_err(|error| Failure::io(path, &error))
}

/// How the committed file differs from what was sealed.
///
/// # Errors
/// Where it cannot be read.
fn stale(path: &Path, name: &str, map: &ChecksumMap) -> Result<Option<Failure>, Failure> {
    let hint = "run `plimsoll nif checksum` and commit the file";
    let failure = |message: &str| Failure::new(Class::NotProven, "checksum-stale", message).about(name.to_owned()).hint(hint);
    let text = match plain_file::read_text(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Some(failure("is not there"))),
        Err(error) => return Err(Failure::io(path, &error)),
    };
    Ok(match map.compare(&text) {
        Ok(Comparison::Same) => None,
        Ok(Comparison::Form) => Some(failure("has the right entries, and is not what would be written")),
        Ok(Comparison::Entries(differences)) => {
            let stale = failure("is not the map of the sealed archives");
            Some(differences.iter().fold(stale, |failure, difference| failure.cause("differs", difference.to_string())))
        }
        Err(error) => Some(failure("is no map of checksums").cause("because", error.to_string())),
    })
}

/// Everything at a release that the Elixir side would have wrong: what its modules promise, held against what is proven, and each map, held against
/// the sealed bytes.
///
/// # Errors
/// Where a file cannot be read.
pub(crate) fn at_release(project: &Loaded, sealed: Option<&ReleaseDocument>, plan: &Plan) -> Result<Vec<Failure>, Failure> {
    if !plan.artifacts.values().any(|artifact| matches!(artifact.kind, KindPlan::Nif { .. })) {
        return Ok(Vec::new());
    }
    let proven: BTreeSet<_> =
        sealed.into_iter().flat_map(|document| document.artifacts.iter().map(|artifact| artifact.id.clone())).collect();
    let tag = project.versions.as_ref().map(|spec| spec.tag.tag(&plan.version));
    let mismatches = contradicting(Released { plan, proven: &proven, tag: tag.as_deref() }, &project.facts.elixir);
    let hint = "users would be sent to files that are not there: prove them, or take the target out of both lists";
    let mut failures = mismatches
        .iter()
        .map(|mismatch| {
            let failure = Failure::new(Class::NotProven, "elixir-differs", format!("`{}` {}", mismatch.setting, mismatch.elixir));
            failure.about(mismatch.at.to_string()).cause("but", &mismatch.manifest).hint(hint)
        })
        .collect::<Vec<_>>();
    for (name, map) in sealed.map(|document| maps(document, plan)).unwrap_or_default() {
        failures.extend(stale(&project.root.join(&name), &name, &map)?);
    }
    Ok(failures)
}
