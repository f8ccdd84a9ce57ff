//! What a probe can do to the machine, as root too: nothing.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::project::Project;

/// A program that opens for writing whatever changes a machine, never writes, and tells what it could have done.
const LOOKER: &str = r#"//! Tells what of the machine is in reach.
use std::fs;
use std::path::Path;

fn below(folder: &Path, each: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder { below(&entry.path(), each) } else { each(&entry.path()) }
    }
}

fn main() {
    let mut found = Vec::new();
    let mut writes = |path: &Path| {
        if fs::File::options().write(true).open(path).is_ok() {
            found.push(format!("can write {}", path.display()));
        }
    };
    for folder in ["sys", "irq", "fs", "bus", "acpi", "scsi", "dynamic_debug", "driver"] {
        below(&Path::new("/proc").join(folder), &mut writes);
    }
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_file()) {
            writes(&entry.path());
        }
    }
    below(Path::new("/sys"), &mut writes);
    for name in ["kcore", "keys", "timer_list", "kmsg", "sysrq-trigger", "mtrr"] {
        if fs::File::open(Path::new("/proc").join(name)).is_ok() {
            found.push(format!("can read /proc/{name}"));
        }
    }
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let value = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
    for (name, wanted) in [("CapEff:", "0"), ("CapPrm:", "0"), ("CapInh:", "0"), ("CapAmb:", "0"), ("NoNewPrivs:", "1")] {
        let value = value(name);
        if value.trim_start_matches('0') != wanted.trim_start_matches('0') {
            found.push(format!("{name} {value}"));
        }
    }
    if value("Uid:").split_whitespace().any(|number| number == "0") {
        found.push("is root".to_owned());
    }
    if std::env::args().any(|word| word.starts_with("stay")) {
        std::thread::sleep(std::time::Duration::from_secs(4));
    }
    found.truncate(20);
    println!("{}", if found.is_empty() { "nothing of the machine".to_owned() } else { found.join("\n") });
}
"#;

fn looker(words: &str) -> Project {
    let project = Project::required();
    project.write("app/src/main.rs", LOOKER);
    let probe =
        format!("[archive.app]\n[[archive.app.probe]]\nname = \"look\"\nrun = \"app {words}\"\nexpect = \"nothing of the machine\"\n");
    project.manifest(&probe);
    project.commit();
    project
}

#[test]
fn a_probe_changes_nothing_of_the_machine() {
    let project = looker("look");
    project.expect(&["prove"], 0);
}

/// What the kernel takes the probe for, seen from outside of all namespaces.
#[test]
fn a_probe_of_root_s_is_no_process_of_root_s() {
    let dropped = ["--reuid=65534", "--regid=65534", "--clear-groups", "bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"];
    if !Command::new("setpriv").args(dropped).status().is_ok_and(|status| status.success()) {
        test_needs::not_run(Some(test_needs::Need::Root), "nobody else can be had here who may make user namespaces");
        return;
    }
    let word = format!("stay{}", std::process::id());
    let project = looker(&word);
    let mut child = project.command(&["prove"]).spawn().unwrap();
    let began = Instant::now();
    let mut users = Vec::new();
    while users.is_empty() && began.elapsed() < Duration::from_secs(120) && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(50));
        for process in fs::read_dir("/proc").unwrap().flatten() {
            let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
            let is_probe = line.starts_with(b"/opt/plimsoll probe/") && line.ends_with(format!("\0{word}\0").as_bytes());
            let status = fs::read_to_string(process.path().join("status")).ok().filter(|_| is_probe);
            let user = status.and_then(|status| Some(status.lines().find(|line| line.starts_with("Uid:"))?.to_owned()));
            users.extend(user);
        }
    }
    assert!(child.wait().unwrap().success());
    assert!(!users.is_empty());
    for user in users {
        assert!(user.split_whitespace().skip(1).all(|number| number == "65534"), "{user}");
    }
}

#[test]
fn a_probe_gets_no_file_that_plimsoll_was_started_with() {
    let project = Project::required();
    let script = "for n in 7 8 9; do [ ! -e /proc/self/fd/$n ] || exit 3; done; app --version";
    project.scrubbed(&format!("[archive.app]\nprobe = [{{ script = '{script}' }}]\n"));
    let command = format!("exec 7</dev/null 8</dev/null 9</dev/null; exec {} prove", env!("CARGO_BIN_EXE_plimsoll"));
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &command]).current_dir(project.path()).env("PLIMSOLL_STORE", project.store());
    let output = shell.env("PLIMSOLL_DEBIAN_MIRROR", "http://127.0.0.1:9/debian").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
