//! What users get: every kind's tables, each spread over its targets by its own kind, and what must hold between them.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{Name, Target};
use plimsoll_pack::Kind;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::facts::CargoFacts;
use super::super::project::Artifact;
use super::super::written::{ArtifactTable, Manifest, Written};
use super::cores::{Cores, Found};
use super::{Artifacts, Context, identity};
use crate::kinds;

/// All artifacts. If nothing is declared that has targets, there is the usual one of the only core, unless the project has no targets either.
pub(crate) fn check(context: &Context<'_>, facts: &CargoFacts, cores: &mut Cores<'_>, out: &mut Diagnostics) -> Artifacts {
    let manifest = context.manifest;
    let (for_any, for_targets) = manifest.artifacts.iter().partition::<Vec<_>, _>(|table| table.own.fits_any());
    let is_usual = for_targets.is_empty() && (for_any.is_empty() || manifest.targets.is_some());
    let usual = if is_usual { usual(cores, out) } else { None };
    let mut artifacts = Artifacts { list: Vec::new(), complete: true };
    for table in for_targets.into_iter().chain(&usual) {
        artifacts.add(kinds::check(table, context, cores, out));
    }
    if !for_any.is_empty() {
        // What has no core of its own has the version of those that there are.
        let version = identity::foreseen(manifest, facts, &artifacts, cores);
        let context = Context { version, ..*context };
        for table in for_any {
            artifacts.add(kinds::check(table, &context, cores, out));
        }
    }
    artifacts.complete &= !artifacts.list.is_empty();
    artifacts.list.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    no_name_twice(manifest, &artifacts.list, out);
    artifacts
}

fn usual(cores: &mut Cores<'_>, out: &mut Diagnostics) -> Option<ArtifactTable> {
    match cores.only(&(0..0), "the release", out) {
        Found::Core(name) => Some(kinds::usual(Written { value: name.to_string(), span: 0..0 })),
        Found::Wrong => None,
    }
}

/// Artifacts lie flat in one folder, on some systems one that does not tell capitals.
fn no_name_twice(manifest: &Manifest, artifacts: &[Artifact], out: &mut Diagnostics) {
    let mut taken = BTreeMap::<String, (&Artifact, &Option<Target>)>::new();
    let mut told = BTreeSet::<(Kind, &Name, Kind, &Name)>::new();
    for artifact in artifacts {
        for (target, shipment) in &artifact.targets {
            let Some((first, first_target)) = taken.get(&shipment.file_name.as_str().to_ascii_lowercase()) else {
                taken.insert(shipment.file_name.as_str().to_ascii_lowercase(), (artifact, target));
                continue;
            };
            if told.insert((first.kind, &first.name, artifact.kind, &artifact.name)) {
                let who = |artifact: &Artifact, target: Option<&Target>| match target {
                    Some(target) => format!("{} for {target}", artifact.label()),
                    None => artifact.label(),
                };
                let message = format!(
                    "two files are called `{}`: {} and {}",
                    shipment.file_name,
                    who(first, first_target.as_ref()),
                    who(artifact, target.as_ref())
                );
                let hint =
                    if first.label() == artifact.label() { "add {target} to `filename`" } else { "give one of them another `filename`" };
                out.push(Diagnostic::new("same-file-name", &place(manifest, artifact), message).label("taken already").hint(hint));
            }
        }
    }
}

/// Where an artifact's file name is decided.
fn place(manifest: &Manifest, artifact: &Artifact) -> std::ops::Range<usize> {
    let table = manifest.artifacts.iter().find(|table| table.kind() == artifact.kind && table.name.value == artifact.name.as_str());
    table.map_or(0..0, |table| table.own.file_name().unwrap_or(&table.name).span.clone())
}

/// Whether an artifact is to be shipped for a target, or for any.
pub(crate) fn is_wanted(artifact: &Artifact, target: Option<&Target>) -> bool {
    artifact.wanted().any(|(wanted, _)| wanted == target)
}
