//! Steps that mean harm.

use std::fs;
use std::thread;
use std::time::Duration;

use plimsoll_model::Outcome;

use crate::fixture::{Fixture, NotRun, client};

pub fn nothing_stays_of_what_a_step_left(place: &Fixture) -> Result<(), NotRun> {
    let beside = place.path().join("beside");
    fs::create_dir(&beside).unwrap();
    fs::write(beside.join("file"), "mine").unwrap();
    let exec_env = place.system();
    {
        let session = &mut place.begin(&exec_env)?;
        let target = beside.display().to_string();
        for path in ["/usr/out", "/tmp/out", "out", "/etc/out"] {
            place.run(session, &["link", &target, path]);
        }
        for path in ["/usr/closed", "/tmp/closed"] {
            place.run(session, &["folder", &format!("{path}/inner/most")]);
            place.run(session, &["write", &format!("{path}/inner/file"), ""]);
            place.run(session, &["link", "../../../../../beside", &format!("{path}/inner/out")]);
            place.run(session, &["mode", &format!("{path}/inner"), "0"]);
            place.run(session, &["mode", path, "0"]);
        }
        place.run(session, &["mode", "/usr/share", "0"]);
        place.run(session, &["remove", "/etc/settings"]);
        place.run(session, &["mode", "/tmp", "0"]);
    }
    assert_eq!(fs::read_dir(place.sessions()).unwrap().count(), 0);
    assert_eq!(fs::read_to_string(beside.join("file")).unwrap(), "mine");
    Ok(())
}

pub fn what_a_step_started_ends_with_it(place: &Fixture) -> Result<(), NotRun> {
    let mark = mark("left");
    let exec_env = place.system();
    let session = &mut place.begin(&exec_env)?;
    place.run(session, &["leave", &mark]);
    assert!(gone_soon(&mark));
    place.run(session, &["write", "/usr/after", ""]);
    Ok(())
}

pub fn a_killed_step_leaves_nothing_mounted(place: &Fixture) -> Result<(), NotRun> {
    let mark = mark("killed");
    let exec_env = place.system();
    let session = &mut place.begin(&exec_env)?;
    place.run(session, &["write", "/usr/before", "before"]);
    let before = mounts();
    let result = thread::scope(|scope| {
        let step = scope.spawn(|| place.step(session, &client(&["sleep", &mark])));
        let pids = (0..1000).map(|_| processes(&mark)).inspect(|_| thread::sleep(Duration::from_millis(10))).find(|pids| !pids.is_empty());
        for pid in pids.unwrap() {
            let pid = rustix::process::Pid::from_raw(pid).unwrap();
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
        step.join().unwrap()
    });
    assert!(!matches!(result.outcome, Outcome::Passed), "{result:?}");
    assert!(gone_soon(&mark));
    assert_eq!(mounts(), before);
    assert!(!before.contains("overlay") || !before.contains("sessions/"), "{before}");
    assert_eq!(place.run(session, &["read", "/usr/before"]), "before");
    Ok(())
}

/// By a link in the place of a folder that is bound over, a step would have the next one write on the machine.
pub fn a_place_of_plimsoll_s_cannot_be_a_link(place: &Fixture) -> Result<(), NotRun> {
    let exec_env = place.system();
    let session = &mut place.begin(&exec_env)?;
    for (folder, moved) in [("/opt", "/moved"), ("/tmp", "/moved"), ("/opt/plimsoll probe", "/moved")] {
        let result = place.step(session, &client(&["rename", folder, moved]));
        assert!(matches!(result.outcome, Outcome::Failed(_)), "{folder}: {result:?}");
    }
    for folder in ["/opt", "/opt/plimsoll probe"] {
        let result = place.step(session, &client(&["remove", folder]));
        assert!(matches!(result.outcome, Outcome::Failed(_)), "{folder}: {result:?}");
    }
    place.run(session, &["read", "/etc/settings"]);
    Ok(())
}

/// A word by which processes of this test are told from others.
pub fn mark(name: &str) -> String {
    format!("{name}-{}-{:?}", std::process::id(), thread::current().id())
}

/// Processes of this program whose last word is the mark.
pub fn processes(mark: &str) -> Vec<i32> {
    let ends = format!("\0{mark}\0");
    let numbers = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let is_it = |pid: &i32| fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.ends_with(ends.as_bytes()));
    numbers.filter(is_it).collect()
}

pub fn gone_soon(mark: &str) -> bool {
    (0..500).any(|_| {
        thread::sleep(Duration::from_millis(10));
        processes(mark).is_empty()
    })
}

fn mounts() -> String {
    fs::read_to_string("/proc/self/mountinfo").unwrap()
}
