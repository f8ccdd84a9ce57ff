//! What a run amounts to: passed, failed and why, in words that name the cause. Pure.

use plimsoll_model::{Outcome, Probe};

use plimsoll_exec::launcher::{Ended, Finished};

/// Phrases by which loaders and shells say why a program does not start or stay alive.
const TELLING: [&str; 10] = [
    "err:module:import_dll Library",
    "' not found (required by",
    "error while loading shared libraries",
    "symbol lookup error",
    "Error loading shared library",
    "Error relocating",
    "cannot execute",
    "undefined symbol",
    "Illegal instruction",
    "panicked at",
];

/// Longer names are no names of libraries.
const LONGEST_NAME: usize = 255;

/// The library that a loader did not find, by the loader's own sentence: glibc's (elf/rtld.c), musl's (ldso/dynlink.c) or wine's (ntdll's
/// import_dll). Programs may print such sentences too, so it explains a failure and never decides one.
pub fn missing_library(said: &str) -> Option<&str> {
    missing_libraries(said).next()
}

/// All of them, in the order in which they were told.
pub(super) fn missing_libraries(said: &str) -> impl Iterator<Item = &str> {
    let named = |line: &'_ str| -> Option<(usize, usize)> {
        let after = |phrase: &str| line.find(phrase).map(|at| at + phrase.len());
        let until = |start: usize, phrase: &str| line[start..].find(phrase).map(|length| (start, start + length));
        let glibc = || until(after("error while loading shared libraries: ")?, ": cannot open shared object file");
        let musl = || until(after("Error loading shared library ")?, ": ");
        let wine = || until(after("err:module:import_dll Library ")?, " (which is needed by ");
        glibc().or_else(musl).or_else(wine)
    };
    let names = said.lines().filter_map(move |line| named(line).map(|(start, end)| &line[start..end]));
    names.filter(|name| !name.is_empty() && name.len() <= LONGEST_NAME && !name.contains(char::is_control))
}

/// Signals by number where all of Linux's processors but three agree (signal(7)), and macOS for the ones that end programs by a fault.
const SIGNALS: [(i32, &str); 15] = [
    (1, "SIGHUP"),
    (2, "SIGINT"),
    (3, "SIGQUIT"),
    (4, "SIGILL"),
    (5, "SIGTRAP"),
    (6, "SIGABRT"),
    (7, "SIGBUS"),
    (8, "SIGFPE"),
    (9, "SIGKILL"),
    (11, "SIGSEGV"),
    (13, "SIGPIPE"),
    (14, "SIGALRM"),
    (15, "SIGTERM"),
    (25, "SIGXFSZ"),
    (31, "SIGSYS"),
];

/// `SIGSEGV`, or `signal 40`.
pub fn signal_name(signal: i32) -> String {
    let known = SIGNALS.iter().find(|(number, _)| *number == signal);
    known.map_or_else(|| format!("signal {signal}"), |(_, name)| (*name).to_owned())
}

/// How a run ended, seen through what it ran in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    pub(super) status: Option<i32>,
    pub(super) signal: Option<i32>,
}

/// In a PID namespace the first process ends with 128 + n for a child that signal n ended. So does a shell.
pub(super) fn end_of(finished: &Finished, in_namespace: bool, expected: i32) -> End {
    match finished.status {
        Some(status @ 129..=192) if in_namespace && status != expected => End { status: None, signal: Some(status - 128) },
        status => End { status, signal: finished.signal },
    }
}

/// Judges a run by its probe's expectation. `said` is what the loader's words are looked for in.
pub(super) fn judge(probe: &Probe, finished: &Finished, end: End, said: &str) -> Outcome {
    let failed = |what: String| Outcome::Failed(telling(said).map_or_else(|| what.clone(), |words| format!("{what}: {words}")));
    let how = match (end.status, end.signal) {
        (_, Some(signal)) => format!("ended by {}", signal_name(signal)),
        (Some(status), None) => format!("exit status {status}"),
        (None, None) => "no exit status".to_owned(),
    };
    let outputs = format!("{}\n{}", finished.stdout_text(), finished.stderr_text());
    let missing = probe.expect.output.as_deref().filter(|wanted| !outputs.contains(wanted));
    match (finished.ended, &probe.until) {
        (Ended::Cancelled, _) => Outcome::NotRun("interrupted".to_owned()),
        (Ended::TimedOut, Some(until)) => failed(format!("did not say `{until}` within {} s", probe.timeout)),
        (Ended::TimedOut, None) => failed(format!("did not end within {} s", probe.timeout)),
        (Ended::Exited, Some(until)) => failed(format!("{how} before it said `{until}`")),
        (Ended::Exited, None) if end.signal.is_some() => failed(how),
        (Ended::Exited, None) if end.status != Some(probe.expect.status) => failed(format!("{how}, expected {}", probe.expect.status)),
        _ => match missing {
            Some(wanted) => failed(format!("the output does not contain `{wanted}`")),
            None => Outcome::Passed,
        },
    }
}

/// The line that explains most, without the program's own name in front.
fn telling(said: &str) -> Option<String> {
    let line = TELLING.iter().find_map(|phrase| said.lines().find(|line| line.contains(phrase)))?;
    Some(line.trim().chars().take(400).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use plimsoll_model::{Expectation, Start};

    use super::*;

    fn probe(status: i32, output: Option<&str>, until: Option<&str>) -> Probe {
        Probe {
            name: "p".to_owned(),
            start: Start::Run(vec!["x".to_owned()]),
            env: BTreeMap::new(),
            setup: None,
            tty: false,
            until: until.map(str::to_owned),
            timeout: 5,
            expect: Expectation { status, output: output.map(str::to_owned) },
        }
    }

    fn finished(status: Option<i32>, signal: Option<i32>, ended: Ended, stdout: &str) -> Finished {
        Finished { status, signal, stdout: stdout.into(), stderr: Vec::new(), truncated: false, duration: Duration::ZERO, ended }
    }

    fn outcome(probe: &Probe, finished: &Finished, said: &str) -> Outcome {
        judge(probe, finished, end_of(finished, true, probe.expect.status), said)
    }

    #[test]
    fn status_output_and_signal_decide() {
        let exited = |status, text| finished(Some(status), None, Ended::Exited, text);
        assert_eq!(outcome(&probe(0, Some("1.2"), None), &exited(0, "x 1.2.3"), ""), Outcome::Passed);
        assert_eq!(outcome(&probe(3, None, None), &exited(3, ""), ""), Outcome::Passed);
        let failures = [
            (probe(0, Some("1.3"), None), exited(0, "x 1.2.3"), "the output does not contain `1.3`"),
            (probe(0, None, None), exited(1, ""), "exit status 1, expected 0"),
            (probe(0, None, None), exited(139, ""), "ended by SIGSEGV"),
            (probe(0, None, None), finished(None, Some(6), Ended::Exited, ""), "ended by SIGABRT"),
            (probe(0, None, None), finished(None, Some(9), Ended::TimedOut, ""), "did not end within 5 s"),
            (probe(0, None, Some("up")), exited(0, ""), "exit status 0 before it said `up`"),
        ];
        for (probe, finished, reason) in failures {
            assert_eq!(outcome(&probe, &finished, ""), Outcome::Failed(reason.to_owned()));
        }
        assert_eq!(outcome(&probe(139, None, None), &exited(139, ""), ""), Outcome::Passed);
        assert_eq!(outcome(&probe(0, None, Some("up")), &finished(None, Some(15), Ended::Until, "up"), ""), Outcome::Passed);
        let cancelled = finished(None, Some(15), Ended::Cancelled, "");
        assert_eq!(outcome(&probe(0, None, None), &cancelled, ""), Outcome::NotRun("interrupted".to_owned()));
    }

    #[test]
    fn each_loader_names_the_library_that_it_did_not_find() {
        let glibc =
            "hm\n/opt/x y: error while loading shared libraries: libz.so.1: cannot open shared object file: No such file or directory\n";
        assert_eq!(missing_library(glibc), Some("libz.so.1"));
        let musl = "Error loading shared library libz.so.1: No such file or directory (needed by /opt/x)\nError relocating /opt/x: f: symbol not found";
        assert_eq!(missing_library(musl), Some("libz.so.1"));
        let wine = "0024:err:module:import_dll Library cryptbase.dll (which is needed by L\"Z:\\\\x\\\\buoy.exe\") not found";
        assert_eq!(missing_library(wine), Some("cryptbase.dll"));
        for other in [
            "",
            "error while loading shared libraries: /opt/libz.so: invalid ELF header",
            "x: error while loading shared libraries: ",
            "Error loading shared library : ",
            "err:module:import_dll Library ",
            "\u{e9}rror loading shared libraries: \u{1f6a2}",
        ] {
            assert_eq!(missing_library(other), None, "{other}");
        }
    }

    #[test]
    fn the_loaders_words_are_in_the_reason() {
        let said = "starting\n/opt/x: /lib/libc.so.6: version `GLIBC_2.36' not found (required by /opt/x)\n";
        let finished = finished(Some(1), None, Ended::Exited, "");
        let Outcome::Failed(reason) = outcome(&probe(0, None, None), &finished, said) else { panic!("passed") };
        assert!(reason.starts_with("exit status 1, expected 0: ") && reason.contains("version `GLIBC_2.36' not found"), "{reason}");
    }
}
