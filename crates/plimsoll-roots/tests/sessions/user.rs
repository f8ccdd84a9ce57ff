//! Who runs a test: root, or somebody else, in a process of his own if the test program is root's.

use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::ExitCode;

use plimsoll_exec::launcher::{Launch, Launcher};
use plimsoll_store::programs;
use test_needs::Need;

use crate::Case;
use crate::fixture::{Fixture, NotRun, TEST_FOLDER};

/// The word by which this program is told to run one test.
pub const CASE: &str = "__case";
/// How it ends if it could not.
const NOT_RUN: u8 = 77;

/// Who runs a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum User {
    Root,
    Nobody,
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Root => "as_root",
            Self::Nobody => "as_a_user",
        })
    }
}

impl User {
    pub fn run(self, name: &str, case: Case) -> Result<(), String> {
        let is_root = test_needs::lacking(&[Need::Root]).is_none();
        let ran = match (self, is_root) {
            (Self::Root, false) => Err(NotRun(Some(Need::Root), "not run by root".to_owned())),
            (Self::Nobody, true) => as_nobody(name),
            _ => Fixture::new().and_then(|fixture| case(&fixture)),
        };
        if let Err(NotRun(need, reason)) = ran {
            test_needs::not_run(need, &reason);
        }
        Ok(())
    }
}

fn as_nobody(name: &str) -> Result<(), NotRun> {
    if let Some((need, reason)) = test_needs::lacking(&[Need::UtilLinux]) {
        return Err(NotRun(Some(need), reason));
    }
    // Where everybody gets at it.
    let place = tempfile::tempdir().unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = place.path().join("sessions");
    programs::write(&program, &fs::read("/proc/self/exe").unwrap()).unwrap();
    let setpriv = ["--reuid=65534", "--regid=65534", "--clear-groups"].map(Into::into);
    let words = setpriv.into_iter().chain([program.into_os_string(), CASE.into(), name.into()]);
    let launch = Launch::new("setpriv", "/").args(words).env([("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")]);
    let launch = launch.env(std::env::var_os(TEST_FOLDER).map(|folder| (TEST_FOLDER, folder)));
    let finished = Launcher::new().unwrap().output(&launch).unwrap();
    let said = finished.stdout_text() + &finished.stderr_text();
    print!("{said}");
    if finished.status == Some(NOT_RUN.into()) {
        let (need, reason) = said.trim().split_once(": ").unwrap();
        return Err(NotRun(Need::ALL.into_iter().find(|known| known.name() == need), reason.to_owned()));
    }
    assert!(finished.succeeded(), "{said}");
    Ok(())
}

/// Runs one test in this process.
pub fn run_case(name: &str, cases: &[(&str, Case)]) -> ExitCode {
    let case = cases.iter().find(|(known, _)| *known == name).unwrap().1;
    match Fixture::new().and_then(|fixture| case(&fixture)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(NotRun(need, reason)) => {
            println!("{}: {reason}", need.map_or("no need", Need::name));
            ExitCode::from(NOT_RUN)
        }
    }
}
