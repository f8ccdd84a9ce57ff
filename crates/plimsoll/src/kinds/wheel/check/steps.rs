//! What must work of a wheel: it installs, what it needs is there, its modules are found, and its programs and commands run.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{Expectation, Probe, Start, WheelPlan};

use crate::kinds::shell_words::quoted;
use crate::kinds::wheel::script;

/// Seconds in which pip must have installed it; an emulated one takes its time.
const PATIENCE: u32 = 300;

/// The steps of a wheel by itself, those that the manifest declares last.
pub(super) fn of(plan: &WheelPlan, commands: &[String], declared: impl IntoIterator<Item = Probe>) -> Vec<Probe> {
    let declared = declared.into_iter().map(of_client).collect::<Vec<_>>();
    let mut taken = declared.iter().map(|probe| probe.name.clone()).collect::<BTreeSet<_>>();
    let started = |command: &str| declared.iter().any(|probe| starts(probe, command));
    let mut steps = vec![step(script::INSTALL, Vec::new(), &mut taken), step(script::CHECK, Vec::new(), &mut taken)];
    if !plan.modules.is_empty() {
        steps.push(step(script::IMPORT, plan.modules.clone(), &mut taken));
    }
    for command in commands.iter().filter(|command| !started(command)) {
        let words = quoted(&[command.clone(), "--help".to_owned()]);
        steps.push(Probe { start: run(words), ..step(command, Vec::new(), &mut taken) });
    }
    steps.into_iter().chain(declared).collect()
}

/// The steps of wheels that are installed together with packages of others.
pub(crate) fn together(requirements: &BTreeSet<String>, declared: Vec<Probe>) -> Vec<Probe> {
    let declared = declared.into_iter().map(of_client).collect::<Vec<_>>();
    let mut taken = declared.iter().map(|probe| probe.name.clone()).collect::<BTreeSet<_>>();
    let first = [step(script::INSTALL, requirements.iter().cloned().collect(), &mut taken), step(script::CHECK, Vec::new(), &mut taken)];
    first.into_iter().chain(declared).collect()
}

fn step(name: &str, arguments: Vec<String>, taken: &mut BTreeSet<String>) -> Probe {
    let mut free = name.to_owned();
    let mut number = 1_u32;
    while !taken.insert(free.clone()) {
        number += 1;
        free = format!("{name}-{number}");
    }
    Probe {
        name: free,
        start: Start::Client { name: name.to_owned(), arguments },
        env: BTreeMap::new(),
        setup: None,
        tty: false,
        until: None,
        timeout: PATIENCE,
        expect: Expectation { status: 0, output: None },
    }
}

/// Where an installed program lies is the client's business.
fn of_client(probe: Probe) -> Probe {
    match &probe.start {
        Start::Run(words) => Probe { start: run(quoted(words)), ..probe },
        Start::Script(_) | Start::Client { .. } => probe,
    }
}

fn run(words: String) -> Start {
    Start::Client { name: script::RUN.to_owned(), arguments: vec![words] }
}

fn starts(probe: &Probe, command: &str) -> bool {
    let first = quoted(&[command.to_owned()]);
    match &probe.start {
        Start::Client { name, arguments } if name == script::RUN => {
            arguments.first().is_some_and(|words| words == &first || words.starts_with(&format!("{first} ")))
        }
        _ => false,
    }
}
