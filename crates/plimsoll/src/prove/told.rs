//! What a person is told of evidence that did not pass: where it ran, what it said, who is to blame and what to do.

use plimsoll_inspect::{FloorReason, floor_reasons, inspect};
use plimsoll_model::{Class, Digest, Evidence, Failure, Means, Outcome, Plan};
use plimsoll_roots::missing_library;
use plimsoll_store::Store;

use super::{Subject, Trying, level, way_out};
use crate::foreign;

/// What a person is told of evidence that did not pass.
pub fn failure(plan: &Plan, trying: Trying<'_>, evidence: &Evidence) -> Failure {
    let mut failure = Failure::new(Class::NotProven, "probe-failed", "did not pass its probes").about(trying.about());
    let libc = evidence.root.libc.as_ref().map(|libc| format!(" ({libc})")).unwrap_or_default();
    failure = failure.cause("root", format!("{}{libc}", evidence.root.name));
    let mut hint = None;
    for result in &evidence.results {
        let (Outcome::Failed(reason) | Outcome::NotRun(reason)) = &result.outcome else { continue };
        if let Some(processor) = level::processor(result) {
            failure = failure.cause("processor", processor);
        }
        // Of a long script its name says more.
        let ran = result.ran.join(" ");
        let ran = if ran.lines().count() > 1 { format!("the script `{}`", result.probe) } else { ran };
        failure = failure.cause("ran", ran);
        if let Some(trouble) = trying.client().explain(result) {
            hint = hint.or_else(|| level::hint(result, trying, plan)).or_else(|| trouble.hint.clone());
            failure = failure.cause("because", trouble.message.clone());
            failure = trouble.causes.iter().fold(failure, |failure, cause| failure.cause(&cause.label, &cause.text));
            continue;
        }
        if let (Outcome::Failed(_), Some(library)) = (&result.outcome, missing_library(&result.said)) {
            failure.message = format!("needs {library}, which {} does not have", place(evidence));
        }
        failure = failure.cause("because", reason);
        let said = result.said.trim();
        failure = failure.cause("said", if said.is_empty() { "nothing".to_owned() } else { last_lines(said) });
        hint = hint
            .or_else(|| level::hint(result, trying, plan))
            .or_else(|| hint_for(&result.said, evidence))
            .or_else(|| way_out::hint(result, trying));
    }
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// The symbols behind the versions that a loader did not find, which its own words do not name: of the programs that artifacts are filled with, and of
/// whatever lies in what a command left, with its path.
pub fn blame(store: &Store, programs: &[Digest], subjects: &[Subject<'_>], evidence: &Evidence) -> Vec<String> {
    let said = evidence.results.iter().map(|result| result.said.as_str()).collect::<String>();
    if !said.contains("GLIBC_") {
        return Vec::new();
    }
    let is_missed = |reason: &FloorReason| said.contains(&format!("GLIBC_{}'", reason.version));
    let mut reasons = Vec::new();
    for digest in programs {
        let facts = store.read(*digest).ok().and_then(|bytes| inspect(&bytes).ok());
        reasons.extend(facts.iter().flat_map(floor_reasons).filter(is_missed).map(|reason| reason.describe()));
    }
    for subject in subjects {
        let found = foreign::demands(store, subject.artifact, subject.digest).into_iter();
        reasons.extend(found.filter(|(_, reason)| is_missed(reason)).map(|(path, reason)| format!("{path}: {}", reason.describe())));
    }
    reasons
}

/// The end of a long output; evidence keeps more.
fn last_lines(said: &str) -> String {
    const SHOWN: usize = 20;
    let lines = said.lines().collect::<Vec<_>>();
    match lines.len().checked_sub(SHOWN) {
        None | Some(0) => said.to_owned(),
        Some(more) => format!("({more} lines before)\n{}", lines[more..].join("\n")),
    }
}

/// What the loader's words call for.
fn hint_for(said: &str, evidence: &Evidence) -> Option<String> {
    // What fits any machine is linked to nothing.
    let target = evidence.trial.target.as_ref()?;
    if said.contains("GLIBC_") && said.contains("not found") {
        let floor = evidence.root.libc.as_ref().and_then(|libc| libc.strip_prefix("glibc ")).unwrap_or("of this root");
        return Some(format!("set glibc = \"{floor}\" or lower under [target.{target}] (builder = \"zig\"), or require a newer root"));
    }
    let library = missing_library(said)?;
    Some(if evidence.means.is_wine() {
        format!("link {library} statically, or have it proven on Windows, which has more than wine: native = true under its target")
    } else {
        format!("link {library} statically, or require a root that has it")
    })
}

/// What evidence was sought in: wine brings its own Windows.
fn place(evidence: &Evidence) -> String {
    match &evidence.means {
        means @ Means::Emulated { emulator, version } if means.is_wine() => format!("{emulator} {version}"),
        _ => format!("the root {}", evidence.root.name),
    }
}
