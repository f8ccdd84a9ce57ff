//! The test program: lists the tests, runs those that it is asked for, and tells apart what passed, what failed and what did not run.
//!
//! Whoever drives it starts it once to list and once for each test. So the list looks into PATH only, and programs are tried out for the one test
//! that is to run.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use test_needs::{Need, Require};

use crate::catalogue::{TESTS, Test};
use crate::checks::{Checks, Outcome};
use crate::testbed::Testbed;

/// Prints which tests cannot run here.
const REASONS: &str = "--reasons";

/// Variables that a test runner and cargo set for a test of a package. The command under test is started by users, who have none of them.
const OF_THE_RUNNER: [&str; 9] = [
    "CARGO",
    "CARGO_CRATE_NAME",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_LINKS",
    "CARGO_MANIFEST_PATH",
    "CARGO_PRIMARY_PACKAGE",
    "LD_LIBRARY_PATH",
    "OUT_DIR",
    "RUST_RECURSION_COUNT",
];
const FAMILIES_OF_THE_RUNNER: [&str; 4] = ["CARGO_PKG_", "CARGO_BIN_EXE_", "NEXTEST_", "__NEXTEST_"];

/// Runs the test program.
#[must_use]
pub fn main() -> ExitCode {
    let require = match Require::from_environment() {
        Ok(require) => require,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    if std::env::args().nth(1).as_deref() == Some(REASONS) {
        for (test, reason) in TESTS.iter().filter_map(|test| Some((test, left_out(test, &require, Need::absent)?))) {
            println!("{}: {reason}", test.name);
        }
        return ExitCode::SUCCESS;
    }
    let arguments = Arguments::from_args();
    if !arguments.list && std::env::var_os("NEXTEST").is_some() {
        return restart();
    }
    libtest_mimic::run(&arguments, trials(TESTS, &require, Need::absent)).exit_code()
}

fn trials(tests: &'static [Test], require: &Require, absent: impl Fn(Need) -> Option<String>) -> Vec<Trial> {
    let trial = |test: &'static Test| {
        let is_ignored = left_out(test, require, &absent).is_some();
        Trial::test(test.name, move || run(test)).with_ignored_flag(is_ignored)
    };
    tests.iter().map(trial).collect()
}

/// Why a test is left out: it lacks something, and nothing demands that it fails for that.
fn left_out(test: &Test, require: &Require, absent: impl Fn(Need) -> Option<String>) -> Option<String> {
    let lacking = test.needs.iter().filter_map(|need| Some((*need, absent(*need)?))).collect::<Vec<_>>();
    let (need, reason) = lacking.first()?;
    let demanded = lacking.iter().any(|(need, _)| require.covers(Some(*need)));
    (!demanded).then(|| format!("{}: {reason}", need.name()))
}

/// Runs a test, or says why it did not run to whoever counts.
fn run(test: &Test) -> Result<(), Failed> {
    if let Some((need, reason)) = test_needs::lacking(test.needs) {
        return Ok(test_needs::told(test.name, Some(need), &reason)?);
    }
    let mut checks = Checks::default();
    let ended = Testbed::new(&workspace()).and_then(|testbed| (test.run)(&testbed, &mut checks));
    match checks.verdict(ended)? {
        Outcome::Passed(count) => println!("{}: {count} checks hold", test.name),
        Outcome::NotRun(need, reason) => {
            println!("{}: not run: {reason}", test.name);
            test_needs::told(test.name, need, &reason)?;
        }
    }
    Ok(())
}

/// This program again in the same process, in the environment that the runner was started in.
fn restart() -> ExitCode {
    let own = match std::env::current_exe() {
        Ok(own) => own,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let mut command = Command::new(&own);
    command.args(std::env::args_os().skip(1)).env_remove("NEXTEST");
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if OF_THE_RUNNER.contains(&text.as_ref()) || FAMILIES_OF_THE_RUNNER.iter().any(|family| text.starts_with(family)) {
            command.env_remove(&name);
        }
    }
    eprintln!("error: {}: {}", own.display(), command.exec());
    ExitCode::from(2)
}

/// The folder that holds the workspace.
fn workspace() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(_: &Testbed, _: &mut Checks) -> Result<(), crate::Trouble> {
        Ok(())
    }

    const NEEDY: &[Test] =
        &[Test { name: "of-beams", needs: &[Need::Git, Need::Elixir], run: looked }, Test { name: "of-nothing", needs: &[], run: looked }];

    fn ignored(require: &str) -> Vec<bool> {
        let without_elixir = |need| (need == Need::Elixir).then(|| "elixir is not installed".to_owned());
        trials(NEEDY, &require.parse().unwrap(), without_elixir).iter().map(Trial::has_ignored_flag).collect()
    }

    #[test]
    fn a_test_whose_need_is_missing_is_ignored_with_the_reason() {
        assert_eq!(ignored(""), [true, false]);
        assert_eq!(ignored("git"), [true, false]);
        let reason = left_out(&NEEDY[0], &Require::default(), |need| Some(format!("no {}", need.name())));
        assert_eq!(reason.as_deref(), Some("git: no git"));
    }

    #[test]
    fn what_is_demanded_is_not_ignored_but_runs_and_fails() {
        assert_eq!(ignored("elixir"), [false, false]);
        assert_eq!(ignored("all"), [false, false]);
    }
}
