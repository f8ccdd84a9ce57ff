//! What is kept from step to step, and what is not touched.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use plimsoll_model::Outcome;
use plimsoll_roots::session::Kept;

use crate::fixture::{Fixture, NotRun, client, script};

pub fn a_step_sees_what_the_one_before_wrote(place: &Fixture) -> Result<(), NotRun> {
    let exec_env = place.system();
    let session = &mut place.begin(&exec_env)?;
    assert_eq!(session.kept(), Kept::Root);
    for path in ["/usr/new", "/etc/settings", "/new", "/tmp/new", "/tmp/home/new", "new"] {
        place.run(session, &["write", path, path]);
    }
    place.run(session, &["folder", "/var/lib/thing"]);
    place.run(session, &["remove", "/usr/share/doc/more"]);
    place.run(session, &["mode", "/usr/share/doc/readme", "600"]);
    for path in ["/usr/new", "/etc/settings", "/new", "/tmp/new", "/tmp/home/new", "new", "/tmp/work folder/new"] {
        assert!(path.ends_with(&place.run(session, &["read", path])), "{path}");
    }
    assert_eq!(place.run(session, &["list", "/usr/share/doc"]), "readme");
    assert_eq!(place.run(session, &["list", "/var/lib"]), "thing");
    // What was removed can be made anew, and does not come back.
    place.run(session, &["folder", "/usr/share/doc/more"]);
    assert_eq!(place.run(session, &["list", "/usr/share/doc/more"]), "");
    // The artifact is no step's to change.
    let refused = place.step(session, &client(&["write", "/opt/plimsoll probe/bin/client", ""]));
    assert!(matches!(refused.outcome, Outcome::Failed(_)), "{refused:?}");
    Ok(())
}

pub fn the_root_stays_as_it_is(place: &Fixture) -> Result<(), NotRun> {
    for exec_env in [place.system(), place.root("sandbox").unwrap()] {
        let before = place.roots();
        let session = &mut place.begin(&exec_env)?;
        let libraries = place.run(session, &["list", "/etc"]);
        place.run(session, &["write", "/etc/settings", "other"]);
        place.run(session, &["mode", "/etc", "711"]);
        place.run(session, &["remove", "/etc"]);
        assert_eq!(before, place.roots(), "{libraries}");
        let again = &mut place.begin(&exec_env)?;
        assert_eq!(place.run(again, &["list", "/etc"]), libraries);
    }
    Ok(())
}

pub fn sessions_know_nothing_of_each_other(place: &Fixture) -> Result<(), NotRun> {
    let exec_env = place.system();
    let (one, other) = (&mut place.begin(&exec_env)?, &mut place.begin(&exec_env)?);
    place.run(one, &["write", "/etc/settings", "one"]);
    assert_eq!(place.run(other, &["read", "/etc/settings"]), "as it was");
    place.run(other, &["write", "/etc/settings", "other"]);
    place.run(other, &["write", "/tmp/other", ""]);
    assert_eq!(place.run(one, &["read", "/etc/settings"]), "one");
    assert!(!place.run(one, &["list", "/tmp"]).contains("other"));
    Ok(())
}

pub fn a_sandbox_is_writable_too(place: &Fixture) -> Result<(), NotRun> {
    let exec_env = place.root("sandbox").unwrap();
    let session = &mut place.begin(&exec_env)?;
    assert_eq!(session.kept(), Kept::Root);
    place.run(session, &["write", "/usr/new", "new"]);
    place.run(session, &["remove", "/etc/hosts"]);
    assert_eq!(place.run(session, &["read", "/usr/new"]), "new");
    assert!(!place.run(session, &["list", "/etc"]).contains("hosts"));
    Ok(())
}

pub fn only_scripts_have_the_sandbox_s_shell(place: &Fixture) -> Result<(), NotRun> {
    let exec_env = place.root("sandbox").unwrap();
    let session = &mut place.begin(&exec_env)?;
    let write = place.step(session, &script("echo from a script > /usr/note; : > \"$HOME/note\""));
    if let Outcome::NotRun(reason) = write.outcome {
        return Err(NotRun(Some(test_needs::Need::Bubblewrap), reason));
    }
    assert_eq!(write.outcome, Outcome::Passed, "{write:?}");
    assert_eq!(place.run(session, &["read", "/usr/note"]), "from a script");
    let without = place.step(session, &client(&["read", "/bin/sh"]));
    assert!(matches!(without.outcome, Outcome::Failed(_)), "{without:?}");
    assert_eq!(place.step(session, &script("read -r line < /usr/note; [ \"$line\" = 'from a script' ]")).outcome, Outcome::Passed);
    Ok(())
}

pub fn scrubbed_keeps_its_working_folder(place: &Fixture) -> Result<(), NotRun> {
    let exec_env = place.root("scrubbed").unwrap();
    let session = &mut place.begin(&exec_env)?;
    assert_eq!(session.kept(), Kept::WorkingFolder);
    place.run(session, &["write", "note", "kept"]);
    assert_eq!(place.run(session, &["read", "note"]), "kept");
    Ok(())
}

pub fn steps_have_no_rights(place: &Fixture) -> Result<(), NotRun> {
    let exec_env = place.system();
    let session = &mut place.begin(&exec_env)?;
    let status = place.run(session, &["status"]);
    let value = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    for name in ["CapEff:", "CapPrm:", "CapInh:", "CapAmb:"] {
        assert_eq!(value(name), "0000000000000000", "{name}");
    }
    assert_eq!(value("NoNewPrivs:"), "1");
    if place.isolation.own_user {
        assert!(value("Uid:").split_whitespace().all(|number| number == "65534"));
    }
    for refused in [["device", "/etc/null"].as_slice(), &["owner", "/etc/settings", "0"], &["write", "/proc/sys/kernel/core_pattern", "x"]]
    {
        let result = place.step(session, &client(refused));
        assert!(matches!(result.outcome, Outcome::Failed(_)), "{refused:?}: {result:?}");
    }
    // A bit like others: no layer honours it, and nobody else gets at the file.
    place.run(session, &["write", "/usr/tool", "x"]);
    place.run(session, &["mode", "/usr/tool", "4755"]);
    let folder = fs::read_dir(place.sessions()).unwrap().next().unwrap().unwrap();
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o077, 0);
    Ok(())
}

pub fn a_user_s_paths_are_any(place: &Fixture) -> Result<(), NotRun> {
    let path = place.path().display().to_string();
    assert!(path.contains([',']) && path.contains(':') && path.contains(' '), "{path}");
    let exec_env = place.system();
    place.run(&mut place.begin(&exec_env)?, &["write", "/usr/x", ""]);
    Ok(())
}

/// Some tens of milliseconds. The limit is for machines that are busy with others.
pub fn an_empty_session_is_quick(place: &Fixture) -> Result<(), NotRun> {
    let exec_env = place.system();
    drop(place.begin(&exec_env)?);
    let began = Instant::now();
    let rounds = 10;
    for _ in 0..rounds {
        drop(place.begin(&exec_env)?);
    }
    let empty = began.elapsed() / rounds;
    let session = &mut place.begin(&exec_env)?;
    place.run(session, &["write", "/x", ""]);
    let began = Instant::now();
    for _ in 0..rounds {
        place.run(session, &["read", "/x"]);
    }
    println!("an empty session: {empty:?}; a step: {:?}", began.elapsed() / rounds);
    assert!(empty < Duration::from_secs(2), "{empty:?}");
    assert_eq!(fs::read_dir(place.sessions()).unwrap().count(), 1);
    Ok(())
}
