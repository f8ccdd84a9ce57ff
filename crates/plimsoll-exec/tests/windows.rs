//! Programs of Windows, started there or under wine: `scripts/test windows-command` builds and runs this.
#![cfg(windows)]

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use plimsoll_exec::cores::Cores;
use plimsoll_exec::launcher::{Ended, Launch, LaunchError, Launcher};

/// More than anything here takes that is not waited for in vain.
const SOON: Duration = Duration::from_secs(20);

/// Has [`sleeper`] sleep.
const SLEEPS: &str = "PLIMSOLL_TEST_SLEEPS";

/// With a search path, since that of wine leads to a library that its own programs need.
fn cmd(words: &str) -> Launch {
    let shell = PathBuf::from(r"C:\windows\system32\cmd.exe");
    let path = std::env::var_os("PATH").unwrap_or_default();
    Launch::new(shell, r"C:\").args(["/d", "/c", words]).env([("PATH", path), (SLEEPS, "1".into())])
}

/// This program, as one that takes long.
fn slow() -> String {
    format!("{} --exact sleeper", std::env::current_exe().unwrap().display())
}

/// What other tests start; by itself it shows nothing.
#[test]
fn sleeper() {
    if std::env::var_os(SLEEPS).is_some() {
        std::thread::sleep(Duration::from_secs(100));
    }
}

#[test]
fn what_a_program_says_and_how_it_ends_is_told() {
    let launcher = Launcher::new().unwrap();
    let said = launcher.output(&cmd("echo %SAYS%& exit 3").env([("SAYS", "this")])).unwrap();
    assert_eq!((said.stdout_text().trim(), said.status, said.ended), ("this", Some(3), Ended::Exited));
    let bare = launcher.output(&cmd("if defined USERNAME (echo known) else (echo unknown)")).unwrap();
    assert_eq!(bare.stdout_text().trim(), "unknown", "nothing of this process's environment");
    let missing = launcher.output(&Launch::new("no-such-program", r"C:\")).unwrap_err();
    assert!(matches!(missing, LaunchError::NotFound { .. }), "{missing:?}");
}

/// Who still had the pipe would be waited for.
#[test]
fn at_a_deadline_all_that_was_started_ends() {
    let launcher = Launcher::new().unwrap();
    let began = Instant::now();
    let late = launcher.output(&cmd(&format!("{0} & {0}", slow())).deadline(Duration::from_secs(1))).unwrap();
    assert_eq!((late.ended, late.truncated), (Ended::TimedOut, false), "{}", late.stdout_text());
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[test]
fn what_a_program_leaves_behind_ends_with_it() {
    let launcher = Launcher::new().unwrap();
    let began = Instant::now();
    let left = launcher.output(&cmd(&format!("start /b {}", slow()))).unwrap();
    assert_eq!((left.ended, left.truncated), (Ended::Exited, false), "{}", left.stdout_text());
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[test]
fn an_interruption_reaches_what_runs() {
    let launcher = Launcher::new().unwrap();
    let other = launcher.clone();
    let running = std::thread::spawn(move || other.output(&cmd(&slow())));
    std::thread::sleep(Duration::from_secs(1));
    let began = Instant::now();
    launcher.cancel();
    assert_eq!(running.join().unwrap().unwrap().ended, Ended::Cancelled);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[test]
fn the_budget_of_cores_has_a_name_and_is_neither_exceeded_nor_lost() {
    let cores = Cores::new(NonZeroUsize::new(3).unwrap()).unwrap();
    let held = cores.try_acquire_up_to(10);
    assert_eq!(held.len(), 3);
    assert!(cores.acquire(&|| true).unwrap().is_none() && cores.try_acquire().unwrap().is_none());
    drop(held);
    let core = cores.try_acquire().unwrap();
    let launch = Launch { cores: Some(cores.clone()), ..cmd("echo %CARGO_MAKEFLAGS%") };
    let said = Launcher::new().unwrap().output(&launch).unwrap().stdout_text();
    assert!(said.contains("--jobserver-auth=plimsoll-"), "{said}");
    assert_eq!(cores.try_acquire_up_to(10).len(), 2);
    drop(core);
}
