//! What `doctor` tells is what builds and proves this project, and what `init` writes can be rehearsed where it was written.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::project::{Project, TARGET};

/// rustup's launchers: the toolchain is that of the folder's file, and one that is not there is installed unless that is forbidden. A folder of
/// programs is started.
const LAUNCHER: &str = r#"
name=${0##*/}
pinned=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml 2>/dev/null)
folder=$(sed -n 's/^path = "\(.*\)"/\1/p' rust-toolchain.toml 2>/dev/null)
[ -z "$folder" ] || exec "$folder/bin/$name" "$@"
case $pinned in
    '') version=1.95.0;;
    nightly) version=1.97.0-nightly;;
    *) if [ "$RUSTUP_AUTO_INSTALL" = 0 ]; then
            echo "error: toolchain '$pinned-x86_64-unknown-linux-gnu' is not installed" >&2; exit 1
        fi
        echo "$pinned" >> "$HOME/installed"; version=9.9.9;;
esac
case "$1" in
    -vV) echo "host: x86_64-unknown-linux-gnu";;
    --print) echo "$HOME/sysroot";;
    *) echo "$name $version (0123456 2026-01-01)";;
esac
"#;

/// A machine of scripts, with a project in a folder of its own.
struct FakeMachine {
    folder: TempDir,
}

impl FakeMachine {
    /// With these programs in place of those that complete a machine; an empty one is not there.
    fn new(other: &[(&str, &str)]) -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap() };
        for target in ["x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl"] {
            fs::create_dir_all(machine.at("sysroot/lib/rustlib").join(target).join("lib")).unwrap();
        }
        fs::create_dir_all(machine.at("project")).unwrap();
        fs::create_dir_all(machine.at("bin")).unwrap();
        let usual = [
            ("cargo", LAUNCHER),
            ("rustc", LAUNCHER),
            ("rustup", "case \"$*\" in --version) echo rustup 1.29.0;; 'toolchain list') echo nightly-x86_64-unknown-linux-gnu;; esac"),
            ("git", "echo git version 2.39.5"),
            ("cc", "echo 'cc (Debian) 12.2.0'"),
            ("zig", "echo 0.17.0"),
            ("cargo-zigbuild", "echo cargo-zigbuild 0.24.0"),
            ("patchelf", "echo patchelf 0.19.3"),
            ("bwrap", "case \"$*\" in --version) echo bubblewrap 0.8.0;; esac"),
            ("mmdebstrap", "echo mmdebstrap 1.3.5"),
            ("debootstrap", "echo debootstrap 1.0.128"),
            ("python3", "case $1 in -m) echo pip 23.0;; *) echo Python 3.11.2;; esac"),
        ];
        for (name, script) in usual.iter().chain(other) {
            machine.program(&machine.at("bin").join(name), script);
        }
        symlink("/bin/sed", machine.at("bin/sed")).unwrap();
        machine
    }

    fn program(&self, path: &Path, script: &str) {
        if script.is_empty() {
            return fs::remove_file(path).unwrap();
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn project(&self, name: &str, text: &str) {
        fs::write(self.at("project").join(name), text).unwrap();
    }

    /// Runs `doctor` in the project; gives back the exit code and what was said.
    fn doctor(&self) -> (Option<i32>, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
            .arg("doctor")
            .current_dir(self.at("project"))
            .env_clear()
            .envs([("PATH", self.at("bin")), ("PLIMSOLL_STORE", self.at("store")), ("HOME", self.at(""))])
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (output.status.code(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
    }
}

/// The line about something.
#[track_caller]
fn line<'t>(said: &'t str, about: &str) -> &'t str {
    said.lines().find(|line| line.contains(about)).unwrap_or_else(|| panic!("nothing of `{about}`: {said}"))
}

#[test]
fn the_pinned_toolchain_is_told() {
    let machine = FakeMachine::new(&[]);
    machine.project("plimsoll.toml", "targets = [\"x86_64-unknown-linux-gnu\"]\n");
    let (_, said) = machine.doctor();
    assert!(line(&said, " rustc ").contains("1.95.0"), "{said}");
    machine.project("rust-toolchain.toml", "[toolchain]\nchannel = \"nightly\"\n");
    let (code, said) = machine.doctor();
    for tool in [" rustc ", " cargo "] {
        assert!(line(&said, tool).contains("1.97.0 (toolchain nightly, as rust-toolchain.toml has it)"), "{said}");
    }
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_pinned_toolchain_that_is_not_there_is_named_and_not_installed() {
    // The older rustup installs whatever is asked for: its launchers are not asked.
    for (rustup, forbids) in [("1.29.0", true), ("1.27.1", false)] {
        let listed = format!("case \"$*\" in --version) echo rustup {rustup};; *) echo nightly-x86_64-unknown-linux-gnu;; esac");
        let launcher = if forbids { LAUNCHER.to_owned() } else { LAUNCHER.replace("[ \"$RUSTUP_AUTO_INSTALL\" = 0 ]", "false") };
        let machine = FakeMachine::new(&[("rustup", &listed), ("rustc", &launcher), ("cargo", &launcher)]);
        machine.project("plimsoll.toml", "targets = [\"x86_64-unknown-linux-gnu\"]\n");
        machine.project("rust-toolchain.toml", "[toolchain]\nchannel = \"1.70.0\"\n");
        let (code, said) = machine.doctor();
        assert_eq!(code, Some(3), "{said}");
        assert!(line(&said, " rustc ").contains("the toolchain 1.70.0, which"), "{said}");
        assert!(said.contains("rustup toolchain install 1.70.0"), "{said}");
        assert!(!machine.at("installed").exists(), "something was installed: {said}");
        machine.project("rust-toolchain.toml", "[toolchain]\nchannel = \"nightly\"\n");
        assert_eq!(machine.doctor().0, Some(0), "{said}");
    }
}

/// Cores in folders of their own are compiled with the toolchains that count there.
#[test]
fn each_workspace_of_a_project_is_asked_for_its_toolchain() {
    let machine = FakeMachine::new(&[]);
    let cores = "[core.one]\npath = \"one\"\n[core.two]\npath = \"two\"\n[archive.one]\n[archive.two]\n";
    machine.project("plimsoll.toml", &format!("name = \"x\"\ntargets = [\"x86_64-unknown-linux-gnu\"]\n{cores}"));
    for folder in ["one", "two"] {
        fs::create_dir(machine.at("project").join(folder)).unwrap();
    }
    machine.project("two/rust-toolchain.toml", "[toolchain]\nchannel = \"nightly\"\n");
    let (code, said) = machine.doctor();
    assert_eq!(code, Some(0), "{said}");
    machine.project("two/rust-toolchain.toml", "[toolchain]\nchannel = \"1.70.0\"\n");
    let (code, said) = machine.doctor();
    assert_eq!(code, Some(3), "{said}");
    assert!(
        line(&said, " rustc ").contains("the toolchain 1.70.0, which") && line(&said, " rustc ").contains("two/rust-toolchain.toml"),
        "{said}"
    );
    assert!(said.contains("rustup toolchain install 1.70.0") && !machine.at("installed").exists(), "{said}");
}

#[test]
fn a_folder_of_programs_that_the_project_names_is_not_started() {
    let machine = FakeMachine::new(&[]);
    let own = machine.at("project/own");
    for name in ["rustc", "cargo"] {
        machine.program(&own.join("bin").join(name), "echo x >> \"$HOME/started\"; echo rustc 6.6.6");
    }
    machine.project("plimsoll.toml", "targets = [\"x86_64-unknown-linux-gnu\"]\n");
    machine.project("rust-toolchain.toml", &format!("[toolchain]\npath = \"{}\"\n", own.display()));
    let (_, said) = machine.doctor();
    assert!(!machine.at("started").exists(), "{said}");
    assert!(line(&said, " rustc ").contains("1.95.0 (not the one that rust-toolchain.toml brings"), "{said}");
}

#[test]
fn a_library_for_the_beam_needs_the_roots_that_load_it() {
    let manifest = "targets = [\"x86_64-unknown-linux-gnu\", \"x86_64-unknown-linux-musl\"]\n[nif.counter]\nmodule = \"Counter\"\n";
    let machine = FakeMachine::new(&[("mmdebstrap", "")]);
    machine.project("plimsoll.toml", manifest);
    let (code, said) = machine.doctor();
    assert_eq!(code, Some(3), "debootstrap does not serve: {said}");
    assert!(
        line(&said, "BEAM of debian:12 for x86_64-unknown-linux-gnu").contains("mmdebstrap, which brings the Erlang and Elixir"),
        "{said}"
    );
    assert!(line(&said, "prove x86_64-unknown-linux-musl").contains("mmdebstrap"), "{said}");
    assert!(said.contains("mmdebstrap makes Debian roots"), "what to do: {said}");

    let machine = FakeMachine::new(&[]);
    machine.project("plimsoll.toml", manifest);
    let (code, said) = machine.doctor();
    assert_eq!(code, Some(0), "{said}");
    assert!(line(&said, "prove x86_64-unknown-linux-gnu").contains("the BEAM of debian:12, debian:13"), "{said}");

    let machine = FakeMachine::new(&[("zig", "")]);
    machine.project(
        "plimsoll.toml",
        &manifest.replace("[nif.counter]", "[target.x86_64-unknown-linux-musl]\nbuilder = \"native\"\n[nif.counter]"),
    );
    let (code, said) = machine.doctor();
    assert_eq!(code, Some(3), "{said}");
    assert!(line(&said, "BEAM of debian:13 for x86_64-unknown-linux-musl").contains("zig, which builds a BEAM for musl"), "{said}");
}

#[test]
fn a_declared_level_needs_the_emulated_processor() {
    let machine = FakeMachine::new(&[("mmdebstrap", "")]);
    let target = "targets = [\"x86_64-unknown-linux-gnu\"]\n";
    machine.project("plimsoll.toml", target);
    assert_eq!(machine.doctor().0, Some(0));
    machine.project("plimsoll.toml", &format!("{target}[core.app]\ncpu = \"x86-64-v3\"\n"));
    let (code, said) = machine.doctor();
    assert_eq!(code, Some(3), "{said}");
    assert!(line(&said, "prove x86_64-unknown-linux-gnu").contains("mmdebstrap, which brings qemu-x86_64"), "{said}");
}

#[test]
fn apt_waits_for_another_process() {
    let is_debian =
        fs::read_to_string("/etc/os-release").is_ok_and(|text| text.lines().any(|line| line == "ID=debian" || line == "ID=ubuntu"));
    let machine = FakeMachine::new(&[("mmdebstrap", ""), ("debootstrap", ""), ("git", "")]);
    let (_, said) = machine.doctor();
    let commands = said.lines().filter(|line| line.contains("apt-get")).collect::<Vec<_>>();
    assert_eq!(!commands.is_empty(), is_debian, "{said}");
    assert!(commands.iter().all(|line| line.contains("-o DPkg::Lock::Timeout=")), "{commands:?}");
}

/// A folder of links to this machine's programs, without some.
fn without(project: &Project, names: &[&str]) -> PathBuf {
    let folder = project.folder.path().join("programs");
    fs::create_dir(&folder).unwrap();
    for system in std::env::split_paths(&std::env::var_os("PATH").unwrap()) {
        for program in fs::read_dir(system).into_iter().flatten().flatten() {
            if !names.iter().any(|name| program.file_name() == *name) {
                // The first of a name counts, as in PATH.
                let _ = symlink(program.path(), folder.join(program.file_name()));
            }
        }
    }
    folder
}

#[test]
fn what_init_writes_is_the_same_on_every_machine_and_rehearsed_once_that_is_complete() {
    let project = Project::required();
    let run = |programs: &Path, arguments: &[&str]| {
        let output = project.command(arguments).env("PATH", programs).output().unwrap();
        (output.status.code(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
    };
    let bare = without(&project, &["zig", "cargo-zigbuild", "bwrap", "cc"]);
    fs::remove_file(project.path().join("plimsoll.toml")).unwrap();
    let (code, said) = run(&bare, &["init", "--target", TARGET]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("plimsoll doctor --install"), "{said}");
    let written = fs::read_to_string(project.path().join("plimsoll.toml")).unwrap();
    project.commit();
    let (code, said) = run(&bare, &["rehearse"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("nothing was started") && said.contains("doctor --install"), "{said}");
    fs::remove_dir_all(&bare).unwrap();
    let complete = without(&project, &[]);
    let (code, said) = run(&complete, &["init", "--force", "--target", TARGET]);
    assert_eq!((code, fs::read_to_string(project.path().join("plimsoll.toml")).unwrap()), (Some(0), written), "{said}");
}

#[test]
fn what_was_asked_for_and_cannot_be_built_here_is_told_before_the_first_rehearsal() {
    let project = Project::required();
    let programs = without(&project, &["zig", "cargo-zigbuild"]);
    let asked = ["init", "--force", "--target", TARGET, "--target", "riscv64gc-unknown-linux-gnu"];
    let output = project.command(&asked).env("PATH", &programs).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(line(&said, "for riscv64gc-unknown-linux-gnu").contains("zig"), "{said}");
    assert!(line(&said, "next:").contains("plimsoll doctor --install"), "{said}");
}
