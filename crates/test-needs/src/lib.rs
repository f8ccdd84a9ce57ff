//! What tests need of the machine that they run on, and what becomes of a test whose need is not met: it is told as not run, and never as
//! passed.
//!
//! `PLIMSOLL_REQUIRE` names needs, separated by commas, or `all`: a test that lacks one of them fails. `PLIMSOLL_NOT_RUN` is a folder into which
//! a test that cannot run writes why, in a file of its own name: a test runner knows no third outcome, so whoever reads its report takes these
//! out of the passed ones. Where nobody reads the folder, because the variable is not set, such a test fails.
#![allow(clippy::disallowed_methods, reason = "of tests only: it looks at the machine and starts programs")]

mod need;
mod require;

pub use need::{Need, newest_of_llvm, program};
pub use require::{Require, UnknownNeed};

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The variable with the needs that must be met.
pub const REQUIRE: &str = "PLIMSOLL_REQUIRE";
/// The variable with the folder of reasons.
pub const NOT_RUN: &str = "PLIMSOLL_NOT_RUN";

/// Whether all needs of the test that calls it are met. If not, the test must return at once: it was told as not run.
///
/// # Panics
/// If the need must be met, or nobody would learn that the test did not run.
#[must_use]
pub fn met(needs: &[Need]) -> bool {
    lacking(needs).is_none_or(|(need, reason)| {
        not_run(Some(need), &reason);
        false
    })
}

/// A need that is not met, and why; if there are several, one that must be met.
#[must_use]
pub fn lacking(needs: &[Need]) -> Option<(Need, String)> {
    let require = Require::from_environment().unwrap_or_default();
    first_of(&require, needs.iter().filter_map(|need| Some((*need, need.unusable()?))).collect())
}

fn first_of(require: &Require, mut lacking: Vec<(Need, String)>) -> Option<(Need, String)> {
    lacking.sort_by_key(|(need, _)| !require.covers(Some(*need)));
    lacking.into_iter().next()
}

/// Tells that the test that calls it cannot run, for a reason that it found itself; without a need if that is none of the machine's.
///
/// # Panics
/// As [`met`].
pub fn not_run(need: Option<Need>, reason: &str) {
    if let Err(message) = told(&running_test(), need, reason) {
        panic!("{message}");
    }
}

/// Writes down that the test `name` did not run.
///
/// # Errors
/// With the test's failure: if the need must be met (one without a name is required by `all` alone), or nobody would learn of it.
pub fn told(name: &str, need: Option<Need>, reason: &str) -> Result<(), String> {
    let require = Require::from_environment().map_err(|error| error.to_string())?;
    let folder = std::env::var_os(NOT_RUN).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    told_in(&require, folder.as_deref(), name, need, reason)
}

fn told_in(require: &Require, folder: Option<&Path>, name: &str, need: Option<Need>, reason: &str) -> Result<(), String> {
    let what = need.map_or_else(|| reason.to_owned(), |need| format!("{}: {reason}", need.name()));
    if require.covers(need) {
        return Err(format!("cannot run, and {REQUIRE} demands it: {what}"));
    }
    let Some(folder) = folder else {
        return Err(format!("cannot run: {what}\n{NOT_RUN} names no folder in which that would be told apart from a pass"));
    };
    let path = folder.join(file_name(name));
    let line = format!("{}\n", what.split_whitespace().collect::<Vec<_>>().join(" "));
    std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, line)).map_err(|error| format!("{}: {error}", path.display()))
}

/// The file for a test: its name, without what a file's name may not have.
#[must_use]
pub fn file_name(test: &str) -> String {
    test.replace('/', "%")
}

/// The test's name as its report has it: `BINARY NAME` under nextest, its thread's name under libtest.
fn running_test() -> String {
    let variable = |name: &str| std::env::var(name).ok();
    match (variable("NEXTEST_BINARY_ID"), variable("NEXTEST_TEST_NAME")) {
        (Some(binary), Some(test)) => format!("{binary} {test}"),
        _ => std::thread::current().name().unwrap_or("a test").to_owned(),
    }
}

/// PATH, with the folders that a user's often lacks.
fn search_path() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(|folder| Path::new(OsStr::new(folder)).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_run_is_written_down_or_fails() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("not-run");
        let none = Require::default();
        let test = "plimsoll::bin/x a::b";
        told_in(&none, Some(&folder), test, Some(Need::Elixir), "elixir is\nnot installed").unwrap();
        let text = std::fs::read_to_string(folder.join("plimsoll::bin%x a::b")).unwrap();
        assert_eq!(text, "elixir: elixir is not installed\n");

        let unheard = told_in(&none, None, test, None, "no answer").unwrap_err();
        assert!(unheard.contains("no answer") && unheard.contains(NOT_RUN), "{unheard}");
        for list in ["elixir", "git, elixir", "all"] {
            let require = list.parse::<Require>().unwrap();
            let demanded = told_in(&require, Some(&folder), test, Some(Need::Elixir), "elixir is not installed").unwrap_err();
            assert!(demanded.contains("elixir is not installed") && demanded.contains(REQUIRE), "{demanded}");
        }
        let git = "git".parse::<Require>().unwrap();
        assert_eq!(told_in(&git, Some(&folder), test, Some(Need::Elixir), "x"), Ok(()));
        assert_eq!(told_in(&git, Some(&folder), test, None, "x"), Ok(()));
    }

    #[test]
    fn of_several_a_demanded_need_is_told() {
        let both = || vec![(Need::Git, "no git".to_owned()), (Need::Elixir, "no elixir".to_owned())];
        assert_eq!(first_of(&"elixir".parse().unwrap(), both()), Some((Need::Elixir, "no elixir".to_owned())));
        assert_eq!(first_of(&Require::default(), both()), Some((Need::Git, "no git".to_owned())));
        assert_eq!(first_of(&Require::default(), vec![]), None);
    }

    #[test]
    fn the_running_test_is_told_by_its_name() {
        assert!(running_test().ends_with("the_running_test_is_told_by_its_name"), "{}", running_test());
    }
}
