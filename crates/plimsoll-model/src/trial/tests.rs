//! What evidence shows, and each way in which it does not.

use std::collections::BTreeMap;

use super::*;

use crate::plan::{PLAN_SCHEMA, Plan};

pub(crate) const BYTES: &[u8] = b"bytes";
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// A plan for one archive, which needs a level or declares none.
pub(crate) fn plan(cpu: Option<CpuLevel>) -> Plan {
    let artifact = serde_json::json!({
        "kind": "archive", "format": "tar.xz", "name": "a", "fits": { "one": TARGET }, "want": "wanted", "file_name": "a.tar.xz",
        "origin": { "packed": [{ "payload": "archive.a" }] }, "cpu": cpu,
    });
    let payload = serde_json::json!({ "target": TARGET, "products": { "a/x86_64-unknown-linux-gnu": ["a"] }, "holds": "programs" });
    let trial = serde_json::json!({
        "subjects": { "archive.a/x86_64-unknown-linux-gnu": { "file_name": "a.tar.xz", "binaries": ["a"] } }, "client": "unpack",
        "root": "sandbox", "target": TARGET, "cpu": cpu,
        "steps": [{ "name": "version", "start": { "run": ["a", "--version"] }, "timeout": 5, "expect": { "status": 0, "output": "a 1.0" } }],
    });
    let plan = serde_json::json!({
        "schema": PLAN_SCHEMA, "name": "a", "version": "1.0.0", "source": { "digest": Digest::of(b""), "dirty": false }, "epoch": 0,
        "targets": {}, "products": {}, "payloads": { "archive.a": payload },
        "artifacts": { "archive.a/x86_64-unknown-linux-gnu": artifact },
        "trials": { "archive.a/x86_64-unknown-linux-gnu/sandbox": trial }, "gates": {}, "nodes": {},
    });
    serde_json::from_value(plan).unwrap()
}

/// Evidence of the plan's archive, with these results of its probe.
pub(crate) fn evidence(plan: &Plan, results: &[(Option<CpuLevel>, Outcome)]) -> Evidence {
    let artifact = plan.artifacts.values().next().unwrap();
    let trial = plan.trials.values().next().unwrap();
    let outcomes = results.iter().map(|(_, outcome)| outcome.clone()).collect::<Vec<_>>();
    let about_nothing = crate::evidence::tests::evidence(Means::Native, &outcomes);
    let about = |(result, (cpu, _)): (ProbeResult, &(Option<CpuLevel>, Outcome))| ProbeResult {
        probe: trial.steps[0].name.clone(),
        definition: trial.steps[0].digest(),
        cpu: *cpu,
        ran: ["/opt/a", "--version"].map(str::to_owned).to_vec(),
        status: Some(0),
        said: "a 1.0.0\n".to_owned(),
        ..result
    };
    Evidence {
        subjects: BTreeMap::from([(artifact.file_name.clone(), Digest::of(BYTES))]),
        results: about_nothing.results.into_iter().zip(results).map(about).collect(),
        required: trial.digest(),
        plain_not_tried: cpu_of(trial, results).is_none().then(|| "there is no qemu".to_owned()),
        trial: trial.clone(),
        ..about_nothing
    }
}

/// The lesser processor that results are of, or should be.
fn cpu_of(trial: &Trial, results: &[(Option<CpuLevel>, Outcome)]) -> Option<CpuLevel> {
    trial.cpu.or_else(|| results.iter().find_map(|(cpu, _)| *cpu))
}

fn shown(cpu: Option<CpuLevel>, results: &[(Option<CpuLevel>, Outcome)]) -> Result<(), NotShown> {
    let evidence = evidence(&plan(cpu), results);
    evidence.shows(evidence.required)
}

#[test]
fn a_declared_level_is_required() {
    let (native, third) = ((None, Outcome::Passed), (Some(CpuLevel::V3), Outcome::Passed));
    assert_eq!(shown(Some(CpuLevel::V3), &[native.clone(), third.clone()]), Ok(()));
    let missing = NotShown::Missing("version on a plain x86-64-v3 processor".to_owned());
    assert_eq!(shown(Some(CpuLevel::V3), std::slice::from_ref(&native)), Err(missing));
    for other in [CpuLevel::V1, CpuLevel::V2, CpuLevel::V4] {
        let of_other = shown(Some(CpuLevel::V3), &[native.clone(), (Some(other), Outcome::Passed)]);
        assert!(matches!(of_other, Err(NotShown::Contradiction(_))), "{of_other:?}");
    }
    let not_run = (Some(CpuLevel::V3), Outcome::NotRun("no qemu".to_owned()));
    assert!(matches!(shown(Some(CpuLevel::V3), &[native, not_run]), Err(NotShown::NotPassed { .. })));
    assert!(matches!(shown(Some(CpuLevel::V3), &[third]), Err(NotShown::Missing(_))));
}

#[test]
fn what_failed_on_a_plain_processor_is_not_shown_and_what_was_not_tried_there_may_be() {
    let (native, plain) = ((None, Outcome::Passed), (Some(CpuLevel::V1), Outcome::Passed));
    assert_eq!(shown(None, std::slice::from_ref(&native)), Ok(()));
    assert_eq!(shown(None, &[native.clone(), plain.clone()]), Ok(()));
    assert!(matches!(shown(None, std::slice::from_ref(&plain)), Err(NotShown::Missing(_))));
    // All of it or nothing.
    let mut some = evidence(&self::plan(None), &[(None, Outcome::Passed), plain]);
    let second = Probe { name: "second".to_owned(), ..some.trial.steps[0].clone() };
    some.results.push(ProbeResult { probe: second.name.clone(), definition: second.digest(), ..some.results[0].clone() });
    some.trial.steps.push(second);
    some.required = some.trial.digest();
    assert_eq!(some.shows(some.required), Err(NotShown::Missing("second on a plain x86-64 processor".to_owned())));
    let died = (Some(CpuLevel::V1), Outcome::Failed("ended by SIGILL".to_owned()));
    let refused = shown(None, &[native, died]).unwrap_err().to_string();
    assert_eq!(refused, "probe `version on a plain x86-64 processor`: ended by SIGILL");
}

/// Evidence in which everything is as it was won, but for one change.
fn changed(change: impl FnOnce(&mut Evidence)) -> String {
    let mut evidence = evidence(&plan(None), &[(None, Outcome::Passed)]);
    let required = evidence.required;
    change(&mut evidence);
    evidence.shows(required).unwrap_err().to_string()
}

#[test]
fn what_contradicts_itself_shows_nothing() {
    type Change = fn(&mut Evidence);
    let changes: [(Change, &str); 15] = [
        (|evidence| evidence.plain_not_tried = None, "there is no result of probe `version on a plain x86-64 processor`"),
        (|evidence| evidence.results[0].said = "a 1.1.0\n".to_owned(), "told as passed, and did not say `a 1.0`"),
        (|evidence| evidence.root.digest = None, "a root has a digest"),
        (|evidence| evidence.results[0].status = Some(1), "told as passed, and ended with exit status 1, where 0 is expected"),
        (|evidence| evidence.results[0].status = None, "told as passed, and has no exit status"),
        (|evidence| evidence.results[0].signal = Some(11), "told as passed, and was ended by signal 11"),
        (|evidence| evidence.results[0].ran = vec!["/opt/a".to_owned(), "--help".to_owned()], "told as passed, and ran something else"),
        (|evidence| evidence.results[0].definition = Digest::of(b"other"), "its trial has no probe `version` of this definition"),
        (|evidence| evidence.results[0].probe = "other".to_owned(), "its trial has no probe `other` of this definition"),
        (|evidence| evidence.results.push(evidence.results[0].clone()), "it has two results of probe `version`"),
        (|evidence| evidence.results.clear(), "there is no result of probe `version`"),
        (|evidence| evidence.means = Means::Inspected, "nothing was run, only looked at"),
        (|evidence| evidence.root.name = "debian:12".parse().unwrap(), "it ran in debian:12, and its trial asks for sandbox"),
        (|evidence| evidence.trial.steps[0].expect.status = 1, "and holds the trial"),
        (|evidence| evidence.required = Digest::of(b"other"), "it is of another trial"),
    ];
    for (change, said) in changes {
        let told = changed(change);
        assert!(told.contains(said), "{said}: {told}");
    }
}

#[test]
fn a_machine_has_no_digest_and_the_system_that_wine_runs_in_has_one() {
    let won = |means: &Means, digest: Option<Digest>| {
        let mut evidence = evidence(&plan(None), &[(None, Outcome::Passed)]);
        (evidence.trial.root, evidence.root.name) = ("scrubbed".parse().unwrap(), "scrubbed".parse().unwrap());
        (evidence.means, evidence.root.digest, evidence.required) = (means.clone(), digest, evidence.trial.digest());
        evidence.shows(evidence.required)
    };
    let wine = Means::Emulated { emulator: Means::WINE.to_owned(), version: "10.0".to_owned() };
    let digest = Some(Digest::of(b"wine's system"));
    assert_eq!(won(&Means::Native, None), Ok(()));
    assert_eq!(won(&wine, digest), Ok(()));
    for (means, digest) in [(Means::Native, digest), (wine, None)] {
        assert!(matches!(won(&means, digest), Err(NotShown::Contradiction(_))), "{means:?}");
    }
}

#[test]
fn an_empty_trial_and_an_emulated_one_show_nothing() {
    let mut empty = evidence(&plan(None), &[]);
    empty.trial.steps.clear();
    empty.required = empty.trial.digest();
    assert_eq!(empty.shows(empty.required), Err(NotShown::NothingRequired));

    let mut emulated = evidence(&plan(None), &[(None, Outcome::Passed)]);
    emulated.means = Means::Emulated { emulator: "qemu-x86_64".to_owned(), version: "10.0".to_owned() };
    assert_eq!(emulated.shows(emulated.required), Ok(()));
    emulated.trial.native = true;
    emulated.required = emulated.trial.digest();
    assert_eq!(emulated.shows(emulated.required), Err(NotShown::Emulated("version".to_owned())));
}

#[test]
fn what_is_stopped_once_it_has_said_enough_ends_in_any_way() {
    let mut stopped = evidence(&plan(None), &[(None, Outcome::Passed)]);
    stopped.trial.steps[0].until = Some("listening".to_owned());
    stopped.required = stopped.trial.digest();
    stopped.results[0].said = "a 1.0, listening\n".to_owned();
    stopped.results[0].definition = stopped.trial.steps[0].digest();
    for (status, signal) in [(None, Some(15)), (Some(0), None), (None, None)] {
        (stopped.results[0].status, stopped.results[0].signal) = (status, signal);
        assert_eq!(stopped.shows(stopped.required), Ok(()));
    }
    stopped.results[0].said = "a 1.0\n".to_owned();
    assert!(stopped.shows(stopped.required).unwrap_err().to_string().contains("did not say `listening`"));
    // Of much that was printed only the end is told.
    stopped.results[0].said = "more\n".repeat(1000);
    assert_eq!(stopped.shows(stopped.required), Ok(()));
}

#[test]
fn a_trial_says_nothing_of_the_sources() {
    let (one, mut other) = (plan(None), plan(None));
    other.source.digest = Digest::of(b"another README");
    let digest = |plan: &Plan| plan.trials.values().next().unwrap().digest();
    assert_ne!(one.id(), other.id());
    assert_eq!(digest(&one), digest(&other));
}

#[test]
fn a_reader_of_a_plan_of_another_schema_says_what_to_do() {
    let plan = plan(None);
    assert_eq!(Plan::parse(&crate::document_json(&plan)).unwrap(), plan);
    let of = |schema: u32| Plan::parse(&crate::document_json(&Plan { schema, ..plan.clone() })).unwrap_err().to_string();
    assert!(of(1).contains("schema 1") && of(1).contains("`plimsoll plan --json` of this version"), "{}", of(1));
    assert!(of(3).contains("schema 3") && of(3).contains("use the plimsoll that made it"), "{}", of(3));
    assert!(Plan::parse(b"{}").unwrap_err().to_string().contains("not a plan: missing field `schema`"));
}
