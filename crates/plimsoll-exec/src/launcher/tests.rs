//! Real programs: nothing here depends on how fast they are.

use std::num::NonZeroUsize;

use super::*;

fn shell(script: &str) -> Launch {
    Launch::new("/bin/sh", "/").args(["-c", script]).env([("PATH", "/usr/bin:/bin")])
}

fn launcher() -> Launcher {
    Launcher::new().unwrap()
}

/// A process that is gone or a zombie does not count: who reaps orphans differs from machine to machine.
fn alive(pid: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    status.rsplit(')').next().is_some_and(|rest| !matches!(rest.trim().chars().next(), None | Some('Z' | 'X')))
}

/// KILL is sent, not awaited, where a process is no child of ours.
fn gone_soon(pid: &str) -> bool {
    (0..500).any(|_| {
        thread::sleep(Duration::from_millis(10));
        !alive(pid)
    })
}

#[test]
fn output_status_and_signal_are_reported() {
    let finished = launcher().output(&shell("echo out; echo err >&2; exit 3")).unwrap();
    assert_eq!((finished.status, finished.signal, finished.ended), (Some(3), None, Ended::Exited));
    assert_eq!((finished.stdout_text().as_str(), finished.stderr_text().as_str()), ("out\n", "err\n"));
    let killed = launcher().output(&shell("kill -SEGV $$")).unwrap();
    assert_eq!((killed.status, killed.signal), (None, Some(11)));
}

#[test]
fn the_environment_is_only_what_is_given_and_there_is_no_input() {
    let launch = Launch::new("/usr/bin/env", "/").env([("ONLY", "this")]);
    assert_eq!(launcher().output(&launch).unwrap().stdout_text(), "ONLY=this\n");
    assert!(launcher().output(&Launch::new("/bin/cat", "/")).unwrap().stdout.is_empty());
}

#[test]
fn missing_programs_and_folders_are_told_apart() {
    let run = |program: &str, cwd: &str| launcher().output(&Launch::new(program, cwd).env([("PATH", "/usr/bin:/bin")]));
    assert!(matches!(run("no-such-program", "/"), Err(LaunchError::NotFound { .. })));
    assert!(matches!(run("/no/such/program", "/"), Err(LaunchError::NotFound { .. })));
    assert!(matches!(run("true", "/no/such/folder"), Err(LaunchError::WorkingFolder { .. })));
    assert!(matches!(run("/etc/passwd", "/"), Err(LaunchError::Start { .. })));
}

#[test]
fn a_deadline_ends_grandchildren_too() {
    let mut pid = String::new();
    let launch = shell("sleep 1000 & echo $!; wait").deadline(Duration::from_millis(300));
    let finished = launcher().run(&launch, &mut |_, line| pid = line.to_owned()).unwrap();
    assert_eq!(finished.ended, Ended::TimedOut);
    assert!(!pid.is_empty() && gone_soon(&pid));
}

#[test]
fn who_ignores_term_is_killed() {
    let finished = launcher().output(&shell("trap '' TERM; while :; do sleep 0.1; done").deadline(Duration::from_millis(100))).unwrap();
    assert_eq!((finished.ended, finished.signal), (Ended::TimedOut, Some(9)));
}

#[test]
fn much_output_stays_bounded() {
    for (keep, ending) in [(Keep::Tail, "end\n"), (Keep::Head, " .\n")] {
        let mut launch = shell("yes \"$(printf %99s .)\" | head -c 104857600; echo end");
        (launch.capture_limit, launch.keep) = (1000, keep);
        let finished = launcher().output(&launch).unwrap();
        assert!(finished.succeeded() && finished.truncated);
        assert_eq!(finished.stdout.len(), 1000);
        assert!(finished.stdout.ends_with(ending.as_bytes()), "{keep:?}");
    }
}

#[test]
fn until_ends_a_program_that_would_not_end() {
    let mut launch = shell("printf 'now rea'; sleep 0.1; printf 'dy'; sleep 1000");
    launch.until = Some("ready".to_owned());
    assert_eq!(launcher().output(&launch).unwrap().ended, Ended::Until);
}

#[test]
fn cancelling_from_another_thread_ends_the_child_and_refuses_the_next() {
    let launcher = launcher();
    let (said, heard) = mpsc::channel();
    thread::scope(|scope| {
        let run = scope.spawn(|| launcher.run(&shell("echo up; sleep 1000"), &mut |_, line| said.send(line.to_owned()).unwrap()));
        assert_eq!(heard.recv().unwrap(), "up");
        launcher.cancel();
        assert_eq!(run.join().unwrap().unwrap().ended, Ended::Cancelled);
    });
    assert!(matches!(launcher.output(&shell("true")), Err(LaunchError::Cancelled)));
}

#[test]
fn a_grandchild_that_holds_the_pipe_does_not_hold_us() {
    let finished = launcher().output(&shell("sleep 1000 & echo done")).unwrap();
    assert_eq!((finished.stdout_text().as_str(), finished.truncated), ("done\n", false));
    // One that left the process group cannot be killed with it; its pipe is given up.
    let mut pid = String::new();
    let escaped = shell("setsid sh -c 'echo $$; exec sleep 30' & sleep 0.5; echo done");
    let finished = launcher().run(&escaped, &mut |_, line| pid = if pid.is_empty() { line.to_owned() } else { pid.clone() }).unwrap();
    assert!(finished.truncated && finished.stdout_text().ends_with("done\n"));
    launcher().output(&shell(&format!("kill {pid}"))).unwrap();
}

#[test]
fn a_panic_while_reading_leaves_no_child() {
    let launcher = launcher();
    let pid = std::sync::Mutex::new(String::new());
    let run = || {
        launcher.run(&shell("echo $$; sleep 1000"), &mut |_, line| {
            *pid.lock().unwrap() = line.to_owned();
            std::panic::resume_unwind(Box::new(()));
        })
    };
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err());
    let pid = pid.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    assert!(!pid.is_empty() && gone_soon(&pid));
}

#[test]
fn make_draws_from_the_budget_and_one_core_is_enough() {
    if !std::path::Path::new("/usr/bin/make").exists() {
        test_needs::not_run(Some(test_needs::Need::Make), "there is no /usr/bin/make");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let rule = "all: a b c d\na b c d:\n\t@echo start; sleep 0.2; echo end\n";
    std::fs::write(folder.path().join("Makefile"), rule).unwrap();
    for total in [1, 3] {
        let cores = Cores::new(NonZeroUsize::new(total).unwrap()).unwrap();
        let core = cores.acquire(&|| false).unwrap();
        let mut launch = Launch::new("/usr/bin/make", folder.path()).env([("PATH", "/usr/bin:/bin")]);
        launch.cores = Some(cores.clone());
        let (mut running, mut most) = (0_i32, 0);
        let mut count = |_, line: &str| {
            running += if line == "start" { 1 } else { -1 };
            most = most.max(running);
        };
        let finished = launcher().run(&launch, &mut count).unwrap();
        assert!(finished.succeeded() && finished.stderr.is_empty(), "{}", finished.stderr_text());
        assert_eq!(most, i32::try_from(total).unwrap());
        drop(core);
        assert_eq!(cores.try_acquire_up_to(10).len(), total);
    }
}

#[test]
fn tokens_of_a_killed_child_come_back_and_others_get_no_descriptor() {
    let cores = Cores::new(NonZeroUsize::new(4).unwrap()).unwrap();
    let _core = cores.acquire(&|| false).unwrap();
    // The descriptor's number is read from the variable as make reads it; dd takes two bytes from it.
    let take = "r=${MAKEFLAGS##*auth=}; r=${r%%,*}; echo $r; dd bs=1 count=2 <&$r 2>/dev/null; kill -9 $$";
    let mut launch = Launch::new("/bin/bash", "/").args(["-c", take]).env([("PATH", "/usr/bin:/bin")]);
    launch.cores = Some(cores.clone());
    let finished = launcher().output(&launch).unwrap();
    let said = finished.stdout_text();
    let (descriptor, tokens) = said.split_once('\n').unwrap();
    assert_eq!((finished.signal, tokens), (Some(9), "++"));
    assert_eq!(cores.try_acquire_up_to(10).len(), 3);
    let open = launcher().output(&shell(&format!("[ ! -e /proc/self/fd/{descriptor} ]"))).unwrap();
    assert_eq!(open.status, Some(0));
}

/// Whoever cancels between the start of a child and its registration finds nobody to wake.
#[test]
fn a_child_that_was_started_just_before_cancelling_is_ended_too() {
    let launcher = launcher();
    let launch = shell("sleep 1000");
    let child = launcher.start(&launch, None, None).unwrap();
    launcher.cancel();
    let finished = launcher.accompany(child, None, (&launch, Instant::now()), &mut |_, _| {}).unwrap();
    assert_eq!(finished.ended, Ended::Cancelled);
}

#[test]
fn a_program_that_is_still_written_is_started_when_it_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("program");
    std::fs::copy("/bin/true", &path).unwrap();
    let writer = std::fs::File::options().append(true).open(&path).unwrap();
    thread::scope(|scope| {
        let run = scope.spawn(|| launcher().output(&Launch::new(&path, "/")));
        thread::sleep(Duration::from_millis(100));
        drop(writer);
        assert!(run.join().unwrap().unwrap().succeeded());
    });
}
