//! `[test.NAME]`: artifacts that are installed together, and what must run then.

use std::collections::BTreeSet;

use plimsoll_model::{Client, Target};
use semver::Version;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::nearest::nearest;
use super::super::project::{Artifact, Test};
use super::super::template::Values;
use super::super::written::{Manifest, ProbeTable, Probes, Run, TestTable, Timeout, Written};
use super::around::Around;
use super::{Artifacts, details, given, order, probes, values};
use crate::kinds;

/// Seconds that `run` of a test has.
const SHORT_FORM_SECONDS: i64 = 300;

/// All tests that are sound.
pub(crate) fn check(
    manifest: &Manifest,
    artifacts: &Artifacts,
    sources: &BTreeSet<String>,
    version: &Version,
    out: &mut Diagnostics,
) -> Vec<Test> {
    order::check(manifest, out);
    manifest.test.iter().filter_map(|(name, table)| one((name, table), (manifest, artifacts, sources), version, out)).collect()
}

fn one(
    (written, table): (&Written<String>, &TestTable),
    (manifest, artifacts, sources): (&Manifest, &Artifacts, &BTreeSet<String>),
    version: &Version,
    out: &mut Diagnostics,
) -> Option<Test> {
    let label = format!("test.{}", written.value);
    let name = values::artifact_name(written, out);
    let installed = installed(written, table, &label, artifacts, out);
    let roots = table.roots.as_ref().map(|list| details::listed_roots(None, list, out));
    let (given, previous) = given::of_test(table, manifest, out);
    let client = installed.as_ref().and_then(|installed| installed.first()).and_then(|artifact| client(artifact));
    let around = Around::read((written, table), client, (manifest, artifacts, sources), out);
    let (name, installed, client) = (name?, installed?, client?);
    let probes = declared((written, table), &label, (client, &installed), out)?;
    let targets = targets(&installed);
    if targets.is_empty() {
        let message = format!("there is no target that all artifacts of `{label}` are wanted for");
        out.push_absence(Diagnostic::new("test-nowhere", &written.span, message).label("it would never run"));
        return None;
    }
    let around = around?;
    let steps = |target: &Option<Target>| {
        let values = Values { name: &name, version, target: target.as_ref() };
        kinds::steps_together(client, &around.requirements, probes.iter().map(|probe| probe.fill(values)).collect())
    };
    if targets.contains(&None) && probes.iter().any(probes::ProbeTemplate::depends_on_target) {
        let message = format!("a probe of `{label}` says a target, and its artifacts fit every machine");
        out.push(Diagnostic::new("no-target", &written.span, message).hint("take {target}, {arch} and {os} out"));
        return None;
    }
    let roots = targets.iter().filter_map(|target| {
        let plans = installed.iter().flat_map(|artifact| artifact.targets.values().map(|shipment| &shipment.kind));
        let roots = roots.clone().or_else(|| kinds::roots_together(client, manifest, target.as_ref(), plans))?;
        Some((target.clone(), roots))
    });
    let roots = roots.collect();
    let steps = targets.iter().map(|target| (target.clone(), steps(target))).collect();
    let install = installed.iter().map(|artifact| (artifact.kind, artifact.name.clone())).collect();
    let Around { requirements, files, after } = around;
    Some(Test { name, install, client, steps, roots, requirements, files, after, given, previous })
}

/// The probes that are written, or the one that `run` stands for.
fn declared(
    (written, table): (&Written<String>, &TestTable),
    label: &str,
    (client, installed): (Client, &[&Artifact]),
    out: &mut Diagnostics,
) -> Option<Vec<probes::ProbeTemplate>> {
    let short = table.run.as_ref().map(|run| Probes { span: run.span.clone(), list: vec![short(run)] });
    if let (Some(run), Some(probes)) = (&table.run, &table.probe) {
        let both = Diagnostic::new("run-and-probe", &probes.span, format!("`{label}` has both `run` and `probe`"));
        out.push(both.context(&run.span, "the other one").hint("make `run` the first of the probes"));
        return None;
    }
    let binaries = installed.iter().flat_map(|artifact| artifact.binaries.iter().map(String::as_str));
    let files = installed.iter().flat_map(|artifact| artifact.files.values().map(String::as_str));
    let programs = binaries.chain(files).collect::<BTreeSet<_>>();
    let declared = probes::Declared { probes: short.as_ref().or(table.probe.as_ref()), label, place: &written.span };
    declared.of_test(Some(&programs).filter(|_| !kinds::starts_anything(client)), out)
}

/// One probe, which has the time that whole suites take.
fn short(run: &Written<Run>) -> ProbeTable {
    let timeout = Written { value: Timeout::Seconds(SHORT_FORM_SECONDS), span: run.span.clone() };
    ProbeTable { span: run.span.clone(), run: Some(run.clone()), timeout: Some(timeout), ..ProbeTable::default() }
}

/// The way an artifact is installed, for whatever target.
fn client(artifact: &Artifact) -> Option<Client> {
    artifact.targets.values().next().map(|shipment| kinds::client(&shipment.kind))
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
        let Some(artifact) = named(entry, artifacts, out) else {
            sound = false;
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

/// The artifact of a label, or the only one of a name.
fn named<'a>(entry: &Written<String>, artifacts: &'a Artifacts, out: &mut Diagnostics) -> Option<&'a Artifact> {
    let of_name = artifacts.list.iter().filter(|artifact| artifact.name.as_str() == entry.value).collect::<Vec<_>>();
    let exact = artifacts.list.iter().find(|artifact| artifact.label() == entry.value);
    match (exact, of_name.as_slice()) {
        (Some(artifact), _) => Some(artifact),
        (None, [artifact]) => Some(artifact),
        (None, []) => {
            if artifacts.complete {
                unknown(entry, artifacts, out);
            }
            None
        }
        (None, several) => {
            let labels = several.iter().map(|artifact| artifact.label()).collect::<Vec<_>>().join(", ");
            let message = format!("`{}` is the name of several artifacts", entry.value);
            out.push(Diagnostic::new("unknown-artifact", &entry.span, message).label("which of them?").hint(format!("one of {labels}")));
            None
        }
    }
}

/// Why an artifact cannot be installed beside those before it.
fn refused(artifact: &Artifact, before: &[&Artifact]) -> Option<String> {
    if before.iter().any(|other| other.kind == artifact.kind && other.name == artifact.name) {
        return Some("is installed twice".to_owned());
    }
    let own = client(artifact)?;
    if own == Client::Beam {
        return Some("is loaded by a runtime, and cannot be installed beside others".to_owned());
    }
    if let Some(other) = before.iter().find(|other| client(other) != Some(own)) {
        return Some(format!("is {}, and `{}` is not: one test installs in one way", installed_by(own), other.label()));
    }
    let in_one_folder = own == Client::Unpack && before.iter().any(|other| other.name == artifact.name);
    in_one_folder.then(|| "has the name of another, and each is installed in a folder of its name".to_owned())
}

/// What becomes of an artifact, for people.
const fn installed_by(client: Client) -> &'static str {
    match client {
        Client::Unpack => "unpacked",
        Client::Beam => "loaded by a runtime",
        Client::Venv => "installed by pip",
    }
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
