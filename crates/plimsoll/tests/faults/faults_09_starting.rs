//! Starting programs, and stopping: what waits for another process can be left, and a program that was just written can be started.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::project::{Project, TARGET};

/// More than a loaded machine takes.
const MOST: Duration = Duration::from_secs(120);

/// Runs a command while somebody else holds `lock`, sends it the signal of Ctrl-C when it says that it waits, and demands that it then ends
/// as interrupted commands do.
fn interrupted_while_waiting(project: &Project, arguments: &[&str], lock: &Path) {
    let held = if lock.is_dir() { File::open(lock) } else { File::create(lock) }.unwrap();
    held.lock().unwrap();
    let mut child = project.command(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let said = Arc::new(Mutex::new(String::new()));
    let mut errors = child.stderr.take().unwrap();
    std::thread::spawn({
        let said = Arc::clone(&said);
        move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = errors.read(&mut bytes) {
                said.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..read]));
            }
        }
    });
    let began = Instant::now();
    let mut is_waiting = false;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if !is_waiting && said.lock().unwrap().contains("waiting for another plimsoll") {
            is_waiting = true;
            let pid = child.id().to_string();
            assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        }
        if began.elapsed() > MOST {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let said = said.lock().unwrap().clone();
    assert!(is_waiting, "{arguments:?} did not say that it waits: {said}");
    assert_eq!(status.and_then(|status| status.code()), Some(130), "{arguments:?}: {said}");
}

#[test]
fn who_waits_for_a_root_that_another_makes_can_leave() {
    let project = Project::required();
    let manifest = format!("targets = [\"{TARGET}\"]\n[target.{TARGET}]\nbuilder = \"native\"\nroots = [\"debian:12\"]\n");
    project.write("app/plimsoll.toml", &manifest);
    project.commit();
    let roots = project.store().join("v1/roots");
    fs::create_dir_all(&roots).unwrap();
    let lock = roots.join(format!("debian-12-{}.lock", std::env::consts::ARCH));
    interrupted_while_waiting(&project, &["prove"], &lock);
}

#[test]
fn who_waits_for_the_registry_can_leave() {
    let project = Project::required();
    project.manifest("[publish.folder]\npath = \"../registry\"\n");
    project.commit();
    fs::create_dir_all(project.folder.path().join("registry/app")).unwrap();
    interrupted_while_waiting(&project, &["release"], &project.folder.path().join("registry/app/.lock"));
}

#[test]
fn who_waits_for_another_change_of_the_version_can_leave() {
    let project = Project::required();
    project.manifest("[version]\nsource = \"Cargo.toml\"\n");
    project.commit();
    interrupted_while_waiting(&project, &["version", "set", "0.4.0"], &project.path());
}
