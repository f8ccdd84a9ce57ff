//! The project's own chores: `cargo xtask boundaries | schemas | reference | summary`.
//!
//! Not part of any release: it may print, start programs and read the whole tree. Nothing in `crates/` may depend on it.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a tool of the project's own, run by a developer or by CI; the denials are for the crates that are released"
)]

mod boundaries;
mod documents;
#[cfg(feature = "reference")]
mod reference;
mod schemas;
mod summary;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Exit status of a check that did not run, as automake's test driver has it.
#[cfg(not(feature = "reference"))]
const NOT_RUN: u8 = 77;

const USAGE: &str = "usage: cargo xtask COMMAND

  boundaries           what may touch what, by the rules of DESIGN; long files and functions need a reason in xtask/long.toml
  schemas [--check]    JSON schemas of the documents, into docs/reference/schemas/
  reference [--check]  pages made from the command's own tables, into docs/reference/
  summary LANE|--each JUNIT FOLDER
                       what a report of nextest comes to, without the tests that told in FOLDER why they did not run:
                       a line for the lane (or each test), those that failed or did not run, and last `PASSED FAILED`
  slowest COUNT JUNIT…
                       the tests of these reports that took longest
";

fn main() -> ExitCode {
    let words = std::env::args().skip(1).collect::<Vec<_>>();
    let words = words.iter().map(String::as_str).collect::<Vec<_>>();
    let root = workspace_root();
    match words.as_slice() {
        ["boundaries"] => boundaries::run(&root),
        ["schemas"] => documents::settle(&root, &schemas::pages(), documents::Mode::Write),
        ["schemas", "--check"] => documents::settle(&root, &schemas::pages(), documents::Mode::Check),
        ["reference", rest @ ..] => reference(&root, rest),
        ["summary", lane, report, not_run] => summary::print(lane, Path::new(report), Path::new(not_run)),
        ["slowest", count, reports @ ..] => summary::print_slowest(count, reports),
        _ => usage(),
    }
}

#[cfg(feature = "reference")]
fn reference(root: &Path, rest: &[&str]) -> ExitCode {
    match rest {
        [] => documents::settle(root, &reference::pages(), documents::Mode::Write),
        ["--check"] => documents::settle(root, &reference::pages(), documents::Mode::Check),
        _ => usage(),
    }
}

#[cfg(not(feature = "reference"))]
fn reference(_: &Path, _: &[&str]) -> ExitCode {
    eprintln!("error: built without the feature `reference`");
    ExitCode::from(NOT_RUN)
}

fn usage() -> ExitCode {
    eprint!("{USAGE}");
    ExitCode::from(2)
}

/// The folder that holds the workspace: xtask is always run by cargo from within it.
fn workspace_root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}
