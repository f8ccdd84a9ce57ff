//! [`Manifest`] + cargo's facts + source paths → [`Project`]: every rule that needs more than one key to be looked at. One file a subject;
//! each reports all that it finds and goes on with the rest.

pub(crate) mod around;
pub(crate) mod artifacts;
pub(crate) mod builder;
pub(crate) mod cargo;
pub(crate) mod command;
pub(crate) mod core_keys;
pub(crate) mod cores;
pub(crate) mod cpu;
pub(crate) mod details;
pub(crate) mod embeds;
pub(crate) mod file_names;
pub(crate) mod files;
pub(crate) mod floors;
pub(crate) mod foreign;
pub(crate) mod generate;
pub(crate) mod given;
pub(crate) mod identity;
pub(crate) mod order;
pub(crate) mod probes;
pub(crate) mod programs;
mod publish;
pub(crate) mod roots;
pub(crate) mod strip;
pub(crate) mod targets;
pub(crate) mod together;
pub(crate) mod users;
pub(crate) mod values;
pub(crate) mod versions;
pub(crate) mod workspaces;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use plimsoll_model::plan::{Gate, Gates};
use plimsoll_pack::LAST_EPOCH;

pub(crate) use builder::named as builder_named;
pub(crate) use identity::workspace_name;
pub(crate) use roots::root_sources;
pub(crate) use versions::versions;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::facts::CargoFacts;
use super::project::{Artifact, Project, Publish};
use super::written::{GateEntry, Manifest, Written};
use plimsoll_exec::git::lies_in_git;

/// Artifacts that are sound.
#[derive(Debug, Default)]
pub(crate) struct Artifacts {
    /// Sorted by kind and name.
    pub(crate) list: Vec<Artifact>,
    /// Whether these are all: where one was wrong, nothing is said about what is missing.
    pub(crate) complete: bool,
}

impl Artifacts {
    /// Those of one table; none if something in it is wrong.
    fn add(&mut self, sound: Option<Vec<Artifact>>) {
        match sound {
            Some(list) => self.list.extend(list),
            None => self.complete = false,
        }
    }
}

/// What a kind's check looks at besides the table of its artifact and the cores.
pub(crate) struct Context<'c> {
    /// The whole manifest.
    pub(crate) manifest: &'c Manifest,
    /// What the project wants of targets.
    pub(crate) project: &'c targets::Wishes,
    /// Paths of all sources.
    pub(crate) sources: &'c BTreeSet<String>,
    /// The release's version, for what has no core that gives it one; none if it is not known, which is told of the release.
    pub(crate) version: Option<semver::Version>,
}

/// The project; none when something that everything else hangs on is wrong. Whoever calls looks at `out` as well.
pub(crate) fn check(manifest: &Manifest, facts: &CargoFacts, sources: &BTreeSet<String>, out: &mut Diagnostics) -> Option<Project> {
    let wishes = targets::project_wishes(manifest, out);
    let mut cores = cores::Cores::read(manifest, facts, sources, out);
    let context = Context { manifest, project: &wishes, sources, version: None };
    let artifacts = artifacts::check(&context, facts, &mut cores, out);
    let targets = details::check(manifest, &wishes, &artifacts, &cores, out);
    let roots = root_sources(manifest, out);
    let version_giver = cores.version_giver().cloned();
    let mut used = cores.used(manifest, &artifacts, out);
    embeds::check(manifest, &artifacts, &mut used, out);
    let gates = Gates { before: gates(&manifest.before, "before", out), after: gates(&manifest.after, "after", out) };
    let identity = identity::check(manifest, facts, version_giver.as_ref(), &artifacts, &used, out);
    let publish = Publish { folder: folder(manifest.publish_folder.as_ref(), out), pypi: publish::pypi(manifest, out) };
    if let Some(table) = &manifest.versions {
        versions(table, out);
    }
    let epoch = epoch(manifest.epoch.as_ref(), out);
    let (name, version) = identity?;
    let tests = together::check(manifest, &artifacts, sources, &version, out);
    let made = generate::Made { artifacts: &artifacts, version: &version };
    let generators = generate::check(manifest, &made, &mut used, out);
    let prebuilt = given::prebuilt(manifest, &given::Builds { artifacts: &artifacts, cores: &used, version: &version }, out);
    let previous = given::previous(manifest, out);
    Some(Project {
        name,
        version,
        epoch,
        targets,
        cores: used,
        artifacts: artifacts.list,
        tests,
        generators,
        prebuilt,
        previous,
        roots,
        gates,
        publish,
    })
}

/// Gates of one list, in the order of the document.
fn gates(entries: &[GateEntry], list: &str, out: &mut Diagnostics) -> Vec<Gate> {
    let mut gates = Vec::<Gate>::new();
    let mut taken = BTreeMap::<&str, &GateEntry>::new();
    for entry in entries {
        let name = entry.name.value.as_str();
        if values::name(&entry.name, "a gate", out).is_none() {
            continue;
        }
        if let Some(earlier) = taken.insert(name, entry) {
            let message = format!("two gates in `gates.{list}` are called `{name}`");
            out.push(Diagnostic::new("duplicate-gate", &entry.name.span, message).context(&earlier.name.span, "the first one"));
        } else if values::filled(&entry.command, "command", "a gate that runs nothing would always succeed", out) {
            gates.push(Gate { name: name.to_owned(), command: entry.command.value.clone() });
        }
    }
    gates
}

fn folder(written: Option<&Written<String>>, out: &mut Diagnostics) -> Option<String> {
    let written = written?;
    if written.value.trim().is_empty() || written.value.contains('\0') {
        out.push(Diagnostic::new("bad-path", &written.span, "`publish.folder.path` is not a path").label("empty"));
        return None;
    }
    if lies_in_git(Path::new(&written.value)) {
        let inside = Diagnostic::new("bad-path", &written.span, "`publish.folder.path` lies in a repository's own folder");
        out.push(inside.label("git alone writes there"));
        return None;
    }
    if stays_inside(&written.value) {
        let message = "`publish.folder.path` lies in the project, whose files it would be among";
        let hint = "name a folder outside of it, such as `../releases`";
        out.push(Diagnostic::new("registry-place", &written.span, message).label("inside").hint(hint));
        return None;
    }
    Some(written.value.clone())
}

/// Whether a path is one of the project's own by its words alone; where links lead is looked at before anything is published.
fn stays_inside(path: &str) -> bool {
    let mut depth = Some(0_usize);
    for part in path.split('/').filter(|part| !["", "."].contains(part)) {
        depth = if part == ".." { depth.and_then(|depth| depth.checked_sub(1)) } else { depth.map(|depth| depth + 1) };
    }
    !path.starts_with('/') && depth.is_some()
}

fn epoch(written: Option<&Written<i64>>, out: &mut Diagnostics) -> Option<u64> {
    let written = written?;
    let epoch = u64::try_from(written.value).ok().filter(|seconds| *seconds <= LAST_EPOCH);
    if epoch.is_none() {
        let message = format!("`epoch` must be seconds since 1970, from 0 to {LAST_EPOCH}, which is the end of 2107");
        out.push(Diagnostic::new("bad-epoch", &written.span, message).label("out of range").hint("zip can hold no later time"));
    }
    epoch
}
