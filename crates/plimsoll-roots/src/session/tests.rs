//! Real programs in real roots. A test that lacks something of this machine is told as not run.

use std::os::unix::fs::PermissionsExt as _;

use plimsoll_model::{Expectation, Outcome, Probe, ProbeResult, RootName, Start};
use test_needs::Need;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use super::*;
use crate::{NetworkAccess, Root, Roots};
use plimsoll_exec::bubblewrap::NoIsolation;
use plimsoll_exec::launcher::Launch;
use plimsoll_exec::locate::Toolbox;

struct Fixture {
    folder: tempfile::TempDir,
    toolbox: Toolbox,
    isolation: Result<Isolation, NoIsolation>,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["plimsoll probe/bin", "scratch", "roots"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        let env = BTreeMap::from([("PATH".into(), "/usr/bin:/bin:/usr/sbin:/sbin".into())]);
        let launcher = Launcher::new().unwrap();
        let toolbox = Toolbox::new(folder.path().join("tools"), folder.path().join("memory.json"), env, launcher);
        let isolation = Isolation::examine(&toolbox);
        Self { folder, toolbox, isolation }
    }

    fn installed(&self) -> PathBuf {
        self.folder.path().join("plimsoll probe")
    }

    fn script(&self, name: &str, text: &str) {
        let path = self.installed().join("bin").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn compile(&self, name: &str, source: &str, options: &[&str]) -> bool {
        let Some(compiler) = self.toolbox.program("gcc") else {
            test_needs::not_run(Some(Need::CCompiler), "gcc is not installed");
            return false;
        };
        let file = self.folder.path().join(format!("{name}.c"));
        fs::write(&file, source).unwrap();
        let output = self.installed().join("bin").join(name);
        let launch = Launch { env: self.toolbox.env().clone(), ..Launch::new(compiler, "/") };
        let launch = launch.args([file.as_os_str(), "-o".as_ref(), output.as_os_str()]).args(options);
        let finished = self.toolbox.launcher().output(&launch).unwrap();
        assert!(finished.succeeded(), "{}", finished.stderr_text());
        true
    }

    fn root(&self, name: &str) -> Option<Root> {
        let name: RootName = name.parse().unwrap();
        let folder = self.folder.path().join("roots");
        let roots = Roots::offline(folder, &self.toolbox, self.isolation.as_ref());
        match roots.open(&name, &mut |_| {}) {
            Ok(root) => Some(root),
            Err(reason) => {
                test_needs::not_run(Some(Need::Bubblewrap), &reason.to_string());
                None
            }
        }
    }

    fn run(&self, root: &Root, probe: &Probe) -> ProbeResult {
        let (installed, scratch) = (self.installed(), self.folder.path().join("scratch"));
        let placement = Placement { installed: &installed, programs: &[PathBuf::from("bin")], given: None };
        let exec_env = ExecEnv { root: root.clone(), emulator: None, network: NetworkAccess::None };
        let result = run_in(&exec_env, self.isolation.as_ref().ok(), self.toolbox.launcher(), &scratch, placement, probe);
        assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0, "the scratch folder is left behind");
        result
    }
}

fn probe(start: Start) -> Probe {
    Probe {
        name: "p".to_owned(),
        start,
        env: BTreeMap::new(),
        setup: None,
        tty: false,
        until: None,
        timeout: 60,
        expect: Expectation { status: 0, output: None },
    }
}

fn run(words: &[&str]) -> Probe {
    probe(Start::Run(words.iter().map(|word| (*word).to_owned()).collect()))
}

fn script(text: &str) -> Probe {
    probe(Start::Script(text.to_owned()))
}

fn reason(result: &ProbeResult) -> &str {
    match &result.outcome {
        Outcome::Failed(reason) | Outcome::NotRun(reason) => reason,
        Outcome::Passed => panic!("passed: {}", result.said),
    }
}

const HELLO: &str = r#"#include <stdio.h>
int main(int c, char **v) { printf("hello %s\n", c > 1 ? v[1] : ""); return c > 2; }"#;

#[test]
fn scrubbed_clears_the_environment_and_uses_the_artifacts_own_programs() {
    let place = Fixture::new();
    place.script("show", "#!/bin/sh\nset\npwd\n/bin/ls -A . \"$HOME\"\n");
    let result = place.run(&Root::Scrubbed, &run(&["show"]));
    let here = place.folder.path().display().to_string();
    assert!(matches!(&result.outcome, Outcome::Passed), "{result:?}");
    assert_eq!(result.ran, ["/opt/plimsoll probe/bin/show"]);
    assert!(result.said.contains("PATH='/opt/plimsoll probe/bin'") && result.said.contains("/tmp/work folder"), "{}", result.said);
    assert!(!result.said.contains(&here) && !result.said.contains("CARGO"), "{}", result.said);
    assert_eq!(reason(&place.run(&Root::Scrubbed, &run(&["ls"]))), "the artifact holds no program `ls`");
    assert_eq!(reason(&place.run(&Root::Scrubbed, &run(&["../scratch"]))), "the artifact holds no program `../scratch`");
}

#[test]
fn setup_until_timeout_and_crash() {
    let place = Fixture::new();
    let root = &place.root("scrubbed").unwrap();
    place.script("serve", "#!/bin/sh\n/bin/cat note\necho listening on port\nexec /bin/sleep 1000\n");
    let mut serve = run(&["serve"]);
    (serve.setup, serve.until) = (Some("echo prepared > note".to_owned()), Some("listening".to_owned()));
    serve.expect.output = Some("prepared".to_owned());
    let served = place.run(root, &serve);
    assert_eq!(served.outcome, Outcome::Passed, "{served:?}");
    let mut silent = run(&["serve"]);
    (silent.setup, silent.timeout) = (serve.setup.clone(), 1);
    assert_eq!(reason(&place.run(root, &silent)), "did not end within 1 s");
    let mut unprepared = run(&["serve"]);
    unprepared.setup = Some("exit 7".to_owned());
    assert_eq!(reason(&place.run(root, &unprepared)), "the setup ended with exit status 7");
    place.script("crash", "#!/bin/sh\nkill -SEGV $$\n");
    let crashed = place.run(root, &run(&["crash"]));
    assert_eq!((reason(&crashed), crashed.signal), ("ended by SIGSEGV", Some(11)));
}

#[test]
fn a_sandbox_runs_what_needs_libc_only() {
    let place = Fixture::new();
    let Some(root) = place.root("sandbox") else { return };
    if !place.compile("hello", HELLO, &[]) {
        return;
    }
    let mut hello = run(&["hello", "world"]);
    hello.expect.output = Some("hello world".to_owned());
    let result = place.run(&root, &hello);
    assert_eq!(result.outcome, Outcome::Passed, "{result:?}");
    assert_eq!(result.ran, ["/opt/plimsoll probe/bin/hello", "world"]);
    let record = root.record(&"sandbox".parse().unwrap(), place.isolation.as_ref().ok());
    assert!(record.digest.is_some() && record.libc.is_some() && record.isolation.starts_with("bubblewrap "), "{record:?}");
    let again = place.root("sandbox").unwrap();
    assert_eq!(record.digest, again.record(&record.name, None).digest);
}

/// Takes away the folder that it is started in: as it is, for a link in its place, or by closing it.
const TAKER: &str = r#"#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
int main(int c, char **v) {
    char here[4096];
    if (!getcwd(here, sizeof here)) return 1;
    if (!strcmp(v[1], "closes")) return chmod(here, 0);
    if (rmdir(here)) return 2;
    return c > 1 && !strcmp(v[1], "links") ? symlink("/etc", here) : 0;
}"#;

#[test]
fn a_step_that_takes_the_working_folder_away_fails_the_next_and_is_named() {
    let place = Fixture::new();
    if !place.compile("taker", TAKER, &[]) {
        return;
    }
    let (folder, installed, programs) = (place.folder.path().join("scratch"), place.installed(), [PathBuf::from("bin")]);
    let placement = Placement { installed: &installed, programs: &programs, given: None };
    for root in ["scrubbed", "sandbox"] {
        let Some(root) = place.root(root) else { continue };
        let exec_env = ExecEnv { root, emulator: None, network: NetworkAccess::None };
        let begin = || Session::read_only(&exec_env, place.isolation.as_ref().ok(), place.toolbox.launcher(), &folder).unwrap();
        for how in ["removes", "links"] {
            let mut session = begin();
            let first = session.step(placement, &Probe { name: "cleans-up".to_owned(), ..run(&["taker", how]) });
            assert_eq!(first.outcome, Outcome::Passed, "{first:?}");
            for _ in 0..2 {
                let second = session.step(placement, &script("true"));
                assert!(
                    matches!(&second.outcome, Outcome::Failed(reason) if reason.contains("the step `cleans-up` before it")),
                    "{second:?}"
                );
            }
        }
        for how in ["removes", "closes"] {
            let probe = Probe { setup: Some(format!("taker {how}")), ..run(&["taker", "links"]) };
            let result = begin().step(placement, &probe);
            // Root may enter what is closed.
            let may = rustix::process::geteuid().is_root() && how == "closes" && result.outcome == Outcome::Passed;
            assert!(may || matches!(&result.outcome, Outcome::Failed(reason) if reason.contains("working folder")), "{result:?}");
        }
    }
}

#[test]
fn a_sandbox_names_the_library_that_is_missing() {
    let place = Fixture::new();
    let Some(root) = place.root("sandbox") else { return };
    let library = place.installed().join("bin/libabsent.so");
    fs::write(place.folder.path().join("absent.c"), "int absent(void) { return 0; }").unwrap();
    let (folder, source) = (library.parent().unwrap().display().to_string(), "int absent(void); int main(void) { return absent(); }");
    if !place.compile("libabsent.so", "int absent(void) { return 0; }", &["-shared", "-fPIC"]) {
        return;
    }
    place.compile("needy", source, &[&format!("-L{folder}"), "-labsent"]);
    fs::remove_file(library).unwrap();
    let result = place.run(&root, &run(&["needy"]));
    assert!(reason(&result).contains("libabsent.so: cannot open shared object file"), "{result:?}");
}

#[test]
fn a_sandbox_holds_nothing_of_the_host() {
    let place = Fixture::new();
    let Some(root) = place.root("sandbox") else { return };
    let host = place.folder.path().join("roots").display().to_string();
    let look = format!(
        r#"for path in /usr/bin/env /usr/share /home /root /etc/resolv.conf /var /sys /opt/x '{host}' "$HOME"/*; do
               [ ! -e "$path" ] || {{ echo "there is $path"; exit 1; }}
           done
           for folder in / /usr /lib /opt '/opt/plimsoll probe'; do
               (: > "$folder/x") 2>/dev/null && {{ echo "$folder is writable"; exit 1; }}
           done
           while read -r line; do case "$line" in *:*) interfaces="${{interfaces-}} ${{line%%:*}}";; esac; done < /proc/net/dev
           echo "network:$interfaces"; : > here; pwd; [ -w "$HOME" ]"#
    );
    let mut look = script(&look);
    look.expect.output = Some("/tmp/work folder".to_owned());
    let result = place.run(&root, &look);
    if let Outcome::NotRun(reason) = &result.outcome {
        test_needs::not_run(Some(Need::Bubblewrap), reason);
        return;
    }
    assert_eq!(result.outcome, Outcome::Passed, "{result:?}");
    assert!(result.said.contains("network: lo\n"), "{}", result.said);
}

#[test]
fn a_program_for_another_loader_did_not_start() {
    let place = Fixture::new();
    let Some(root) = place.root("sandbox") else { return };
    place.script("snake", "#!/usr/bin/python9\n");
    assert!(reason(&place.run(&root, &run(&["snake"]))).contains("did not start"));
}

#[test]
fn without_bubblewrap_nothing_is_claimed() {
    let place = Fixture::new();
    place.script("it", "#!/bin/sh\n");
    let Some(root) = place.root("sandbox") else { return };
    let (installed, scratch) = (place.installed(), place.folder.path().join("scratch"));
    let placement = Placement { installed: &installed, programs: &[], given: None };
    let result = run_in(
        &ExecEnv { root, emulator: None, network: NetworkAccess::None },
        None,
        place.toolbox.launcher(),
        &scratch,
        placement,
        &run(&["it"]),
    );
    assert_eq!(result.outcome, Outcome::NotRun("bubblewrap is not installed".to_owned()));
}

#[test]
fn a_distribution_that_nobody_locked_is_not_run_and_says_what_to_do() {
    let place = Fixture::new();
    if place.isolation.is_err() {
        test_needs::not_run(Some(Need::Bubblewrap), "it does not isolate here");
        return;
    }
    let folder = place.folder.path().join("roots");
    let roots = Roots::offline(folder, &place.toolbox, place.isolation.as_ref());
    let Err(Unavailable::Elsewhere(reason)) = roots.open(&"fedora:40".parse().unwrap(), &mut |_| {}) else { panic!("made") };
    // With an engine or without one.
    assert!(reason.contains("plimsoll root update fedora:40") || reason.contains("needs podman or docker for fedora:40"), "{reason}");
}
