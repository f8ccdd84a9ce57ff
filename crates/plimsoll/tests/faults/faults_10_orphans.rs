//! What a probe in no namespace of its own starts: it ends with the probe, and with a plimsoll that was killed.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::project::{Project, TARGET};

/// More than a loaded machine takes.
const MOST: Duration = Duration::from_secs(120);

/// A duration for sleep(1) that no other process has.
fn own(number: u32) -> String {
    format!("{}", 400_000 + number * 1_000_000 + std::process::id() % 100_000)
}

/// A project whose probe is a script, on the machine itself.
fn scrubbed(script: &str, more: &str) -> Project {
    let project = Project::required();
    probe(&project, script, more);
    project
}

fn probe(project: &Project, script: &str, more: &str) {
    let manifest = format!(
        "targets = [\"{TARGET}\"]\n[target.{TARGET}]\nbuilder = \"native\"\nroots = [\"scrubbed\"]\n[archive.app]\n[[archive.app.probe]]\n\
         name = \"starts-others\"\nscript = '''{script}'''\n{more}\n"
    );
    project.write("app/plimsoll.toml", &manifest);
    project.commit();
}

/// How many processes sleep for one of these durations.
fn asleep(durations: &[String]) -> usize {
    let is_one = |line: &[u8]| durations.iter().any(|duration| line == format!("sleep\0{duration}\0").as_bytes());
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok()).filter(|line| is_one(line)).count()
}

fn until(what: impl Fn() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < MOST {
        if what() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

fn wake(durations: &[String]) {
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        if durations.iter().any(|duration| line == format!("sleep\0{duration}\0").as_bytes()) {
            let _ = Command::new("kill").arg("-9").arg(process.file_name()).status();
        }
    }
}

#[test]
fn what_a_probe_started_does_not_outlive_a_plimsoll_that_was_killed() {
    let durations = [own(1), own(2), own(3)];
    let [waits, apart, twice] = &durations;
    let script = format!("setsid sleep {apart} & (setsid sh -c 'sleep {twice} & exit' &); sleep {waits}");
    let project = scrubbed(&script, "timeout = \"10m\"");
    let mut child = project.command(&["prove"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let up = until(|| asleep(&durations) == 3 || child_has_ended(child.id()));
    let running = asleep(&durations);
    child.kill().unwrap();
    child.wait().unwrap();
    let gone = until(|| asleep(&durations) == 0);
    wake(&durations);
    assert!(up && running == 3, "{running} of 3 were started");
    assert!(gone, "what the probe started is still there");
}

fn child_has_ended(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.rsplit(')').next().is_some_and(|rest| !rest.trim_start().starts_with(['Z', 'X']) && !rest.is_empty())
}

#[test]
fn what_left_the_group_of_a_probe_ends_with_it() {
    let durations = [own(4)];
    let script = format!("(setsid sh -c 'sleep {} >/dev/null 2>&1 & exit' &); sleep 0.5; echo ready", durations[0]);
    let project = scrubbed(&script, "expect = \"ready\"");
    project.expect(&["prove"], 0);
    let gone = until(|| asleep(&durations) == 0);
    wake(&durations);
    assert!(gone, "a process that left the probe's group is still there");
}

#[test]
fn a_probe_s_end_is_told_as_it_was() {
    let project = Project::required();
    for (script, more, wanted) in [
        ("exit 3", "expect = { status = 3 }", 0),
        ("kill -SEGV $$", "", 1),
        ("kill -TERM $$", "", 1),
        ("kill -PIPE $$", "", 1),
        ("trap \"\" TERM; while :; do sleep 0.1; done", "timeout = \"1s\"", 1),
    ] {
        probe(&project, script, more);
        let said = project.expect(&["prove"], wanted);
        let told = match script {
            "kill -SEGV $$" => "SIGSEGV",
            "kill -TERM $$" => "SIGTERM",
            "kill -PIPE $$" => "SIGPIPE",
            script if script.starts_with("trap") => "did not end within 1 s",
            _ => "",
        };
        assert!(said.contains(told), "{script}: {said}");
    }
}
