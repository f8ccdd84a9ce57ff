//! `[test.NAME]`: artifacts that are installed together, and what must run then.

use std::collections::BTreeSet;

use plimsoll_model::Target;
use semver::Version;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::nearest::nearest;
use super::super::project::{Artifact, Test};
use super::super::template::Values;
use super::super::written::{Manifest, TestTable, Written};
use super::{Artifacts, details, given, probes, values};
use crate::kinds;

/// All tests that are sound.
pub(crate) fn check(manifest: &Manifest, artifacts: &Artifacts, version: &Version, out: &mut Diagnostics) -> Vec<Test> {
    manifest.test.iter().filter_map(|(name, table)| one((name, table), manifest, artifacts, version, out)).collect()
}

fn one(
    (written, table): (&Written<String>, &TestTable),
    manifest: &Manifest,
    artifacts: &Artifacts,
    version: &Version,
    out: &mut Diagnostics,
) -> Option<Test> {
    let label = format!("test.{}", written.value);
    let name = values::artifact_name(written, out);
    let installed = installed(written, table, &label, artifacts, out);
    let roots = table.roots.as_ref().map(|list| details::listed_roots(None, list, out));
    let (given, previous) = given::of_test(table, manifest, out);
    let (name, installed) = (name?, installed?);
    let binaries = installed.iter().flat_map(|artifact| artifact.binaries.iter().cloned()).collect::<Vec<_>>();
    let files = installed.iter().flat_map(|artifact| artifact.files.values().map(String::as_str));
    let declared = probes::Declared { probes: table.probe.as_ref(), label: &label, place: &written.span };
    let probes = declared.of_test(&binaries, files, out)?;
    let targets = targets(&installed);
    if targets.is_empty() {
        let message = format!("there is no target that all artifacts of `{label}` are wanted for");
        out.push_absence(Diagnostic::new("test-nowhere", &written.span, message).label("it would never run"));
        return None;
    }
    let steps = |target: &Option<Target>| {
        let values = Values { name: &name, version, target: target.as_ref() };
        probes.iter().map(|probe| probe.fill(values)).collect::<Vec<_>>()
    };
    if targets.contains(&None) && probes.iter().any(probes::ProbeTemplate::depends_on_target) {
        let message = format!("a probe of `{label}` says a target, and its artifacts fit every machine");
        out.push(Diagnostic::new("no-target", &written.span, message).hint("take {target}, {arch} and {os} out"));
        return None;
    }
    let steps = targets.iter().map(|target| (target.clone(), steps(target))).collect();
    let install = installed.iter().map(|artifact| (artifact.kind, artifact.name.clone())).collect();
    Some(Test { name: name.clone(), install, steps, roots, given, previous })
}

/// The artifacts that it names.
fn installed<'a>(
    written: &Written<String>,
    table: &TestTable,
    label: &str,
    artifacts: &'a Artifacts,
    out: &mut Diagnostics,
) -> Option<Vec<&'a Artifact>> {
    let Some(list) = table.install.as_ref().filter(|list| !list.value.is_empty()) else {
        let missing = Diagnostic::new("no-install", &written.span, format!("`{label}` installs nothing"));
        let hint = "add install = [\"archive.NAME\", …]; a command that needs nothing installed is a gate";
        out.push_absence(missing.label("`install` is missing or empty").hint(hint));
        return None;
    };
    let mut found: Vec<&Artifact> = Vec::new();
    let mut sound = artifacts.complete;
    for entry in &list.value {
        let Some(artifact) = artifacts.list.iter().find(|artifact| artifact.label() == entry.value) else {
            sound = false;
            if artifacts.complete {
                unknown(entry, artifacts, out);
            }
            continue;
        };
        if let Some(why) = refused(artifact, &found) {
            sound = false;
            out.push(Diagnostic::new("not-together", &entry.span, format!("`{}` {why}", entry.value)).label("in this test"));
            continue;
        }
        found.push(artifact);
    }
    sound.then_some(found)
}

/// Why an artifact cannot be installed beside those before it.
fn refused(artifact: &Artifact, before: &[&Artifact]) -> Option<String> {
    if before.iter().any(|other| other.kind == artifact.kind && other.name == artifact.name) {
        return Some("is installed twice".to_owned());
    }
    if before.iter().any(|other| other.name == artifact.name) {
        return Some("has the name of another, and each is installed in a folder of its name".to_owned());
    }
    let is_unpacked = artifact.targets.values().all(|shipment| kinds::client(&shipment.kind) == plimsoll_model::Client::Unpack);
    (!is_unpacked).then(|| "is loaded by a runtime, and cannot be installed beside others".to_owned())
}

fn unknown(entry: &Written<String>, artifacts: &Artifacts, out: &mut Diagnostics) {
    let labels = artifacts.list.iter().map(Artifact::label).collect::<Vec<_>>();
    let near = nearest(&entry.value, labels.iter().map(String::as_str));
    let hint = near.map_or_else(|| format!("artifacts: {}", labels.join(", ")), |near| format!("did you mean `{near}`?"));
    let shown = entry.value.chars().take(80).collect::<String>();
    out.push(Diagnostic::new("unknown-artifact", &entry.span, format!("there is no artifact `{shown}`")).hint(hint));
}

/// The targets that all of them are wanted for; none at all stands for any machine.
fn targets(installed: &[&Artifact]) -> BTreeSet<Option<Target>> {
    let mut common: Option<BTreeSet<&Target>> = None;
    for artifact in installed {
        let wanted = artifact.wanted().flat_map(|(target, shipment)| target.into_iter().chain(&shipment.only)).collect::<BTreeSet<_>>();
        let fits_any = artifact.wanted().any(|(target, shipment)| target.is_none() && shipment.only.is_empty());
        if !fits_any {
            common = Some(common.map_or_else(|| wanted.clone(), |common| common.intersection(&wanted).copied().collect()));
        }
    }
    match common {
        None => BTreeSet::from([None]),
        Some(targets) => targets.into_iter().cloned().map(Some).collect(),
    }
}
