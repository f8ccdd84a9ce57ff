//! What to do about a probe that did not pass, where neither a loader nor a client has said what is wrong.

use plimsoll_model::{Outcome, Probe, ProbeResult, Start};

use super::Trying;

/// Phrases by which programs say that they want a terminal.
const TERMINAL: [&str; 7] = [
    "not a terminal",
    "not a tty",
    "no tty",
    "Inappropriate ioctl for device",
    "No such device or address (os error 6)",
    "TERM environment variable not set",
    "unknown terminal type",
];

/// A hint, if one is known.
pub(super) fn hint(result: &ProbeResult, trying: Trying<'_>) -> Option<String> {
    let step = trying.trial.steps.iter().find(|step| step.name == result.probe)?;
    let label = trying.subjects.first().map(|subject| subject.id.label().to_owned())?;
    let said = result.said.to_lowercase();
    if !step.tty && TERMINAL.iter().any(|phrase| said.contains(&phrase.to_lowercase())) {
        return Some(format!("it asks for a terminal, and gets one with tty = true: {}", declared(&label, step, ", tty = true")));
    }
    let program = usual(step).filter(|_| matches!(result.outcome, Outcome::Failed(_)))?;
    Some(format!(
        "`{program} --version` is only what is tried unless the manifest says another way to see that it works: {}; if {program} is not for users, \
         leave it out: `binaries = [\"…\"]` of its core names those that are",
        declared(&label, &Probe { start: Start::Run(vec![program.to_owned(), "--help".to_owned()]), ..step.clone() }, "")
    ))
}

/// The program of a probe that the manifest does not declare.
fn usual(step: &Probe) -> Option<&str> {
    match &step.start {
        Start::Run(words) => match words.as_slice() {
            [program, argument] if argument == "--version" && step.until.is_none() => Some(program),
            _ => None,
        },
        Start::Script(_) | Start::Client { .. } => None,
    }
}

/// A probe as the manifest would declare it.
fn declared(label: &str, step: &Probe, more: &str) -> String {
    let start = match &step.start {
        Start::Run(words) => format!("run = {:?}", words.join(" ")),
        Start::Script(_) | Start::Client { .. } => "script = \"…\"".to_owned(),
    };
    format!("under [{label}] `probe = {{ {start}{more} }}`")
}
