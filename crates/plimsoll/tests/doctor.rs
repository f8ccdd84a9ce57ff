//! `plimsoll doctor --install` on a machine of scripts: what is asked, what is called, and what is said where it fails.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests start the command and fail")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A machine that lacks one standard library; its rustup notes what it is called with.
struct FakeMachine {
    folder: TempDir,
}

impl FakeMachine {
    fn new(rustup: &str) -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap() };
        let sysroot = machine.at("sysroot").display().to_string();
        fs::create_dir_all(machine.at("sysroot/lib/rustlib/x86_64-unknown-linux-gnu/lib")).unwrap();
        fs::create_dir_all(machine.at("project")).unwrap();
        fs::write(machine.at("project/plimsoll.toml"), "targets = [\"x86_64-unknown-linux-musl\"]\n").unwrap();
        let rustc =
            format!("case \"$1\" in -vV) echo 'host: x86_64-unknown-linux-gnu';; --print) echo '{sysroot}';; *) echo rustc 1.95.0;; esac");
        let rustup =
            format!("case \"$*\" in --version) echo rustup 1.28.2; exit;; esac\necho \"$*\" >>{}\n{rustup}", machine.notes().display());
        for (name, script) in [
            ("cargo", "echo cargo 1.95.0"),
            ("rustc", &rustc),
            ("rustup", &rustup.replace("@SYSROOT@", &sysroot)),
            ("git", "echo git version 2.39.5"),
            ("cc", "echo 'cc (Debian) 12.2.0'"),
            ("zig", "echo 0.17.0"),
            ("cargo-zigbuild", "echo cargo-zigbuild 0.24.0"),
            ("patchelf", "echo patchelf 0.19.3"),
            ("bwrap", "echo bubblewrap 0.8.0"),
            ("mmdebstrap", "echo mmdebstrap 1.3.5"),
            ("python3", "case $1 in -m) echo pip 23.0;; *) echo Python 3.11.2;; esac"),
        ] {
            let path = machine.at("bin").join(name);
            fs::create_dir_all(machine.at("bin")).unwrap();
            fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        machine
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn notes(&self) -> PathBuf {
        self.at("notes")
    }

    /// What rustup was called with.
    fn called(&self) -> String {
        fs::read_to_string(self.notes()).unwrap_or_default()
    }

    /// Runs `doctor` with nobody to answer; gives back the exit code and what was said.
    fn doctor(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
            .arg("doctor")
            .args(arguments)
            .current_dir(self.at("project"))
            .env_clear()
            .envs([("PATH", self.at("bin")), ("PLIMSOLL_STORE", self.at("store")), ("HOME", self.at(""))])
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), said)
    }
}

#[test]
fn without_a_terminal_nobody_consents_and_nothing_is_called() {
    let machine = FakeMachine::new("exit 9");
    let (code, said) = machine.doctor(&["--install"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("rustup target add x86_64-unknown-linux-musl") && said.contains("there is no terminal to ask on"), "{said}");
    assert!(said.contains("add --yes"), "{said}");
    assert_eq!(machine.called(), "");
}

#[test]
fn with_yes_rustup_is_called_once_with_just_these_words() {
    let machine = FakeMachine::new("/bin/mkdir -p @SYSROOT@/lib/rustlib/$3/lib");
    let (code, said) = machine.doctor(&["--install", "--yes"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(machine.called(), "target add x86_64-unknown-linux-musl\n");
    // What is there now is not asked for again.
    let (code, said) = machine.doctor(&["--install"]);
    assert_eq!((code, machine.called().lines().count()), (Some(0), 1), "{said}");
}

#[test]
fn what_rustup_says_is_said() {
    let machine = FakeMachine::new("echo 'error: could not download file from the mirror' >&2; exit 1");
    let (code, said) = machine.doctor(&["--install", "--yes"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("could not download file from the mirror"), "{said}");
    assert!(said.contains("rustup target add x86_64-unknown-linux-musl"), "{said}");
}

#[test]
fn a_manifest_that_cannot_be_read_is_told_below_what_was_found_and_nothing_is_installed_for_it() {
    let machine = FakeMachine::new("exit 9");
    let usual = format!("build {}-unknown-linux-gnu", std::env::consts::ARCH);
    let wrong: [(&[u8], &str); 4] = [
        (b"targets = [\"x86_64-unknown-linux-musl\"", "plimsoll.toml:1:"),
        (b"targts = [\"x86_64-unknown-linux-musl\"]\n", "did you mean `targets`?"),
        (b"targets = [\"x86_64-unknown-linux-mulls\"]\n", "plimsoll.toml: there is no target `x86_64-unknown-linux-mulls`"),
        (b"name = \"\xff\"\n", "plimsoll.toml: is not UTF-8"),
    ];
    for (text, told) in wrong {
        fs::write(machine.at("project/plimsoll.toml"), text).unwrap();
        let (code, said) = machine.doctor(&[]);
        assert_eq!(code, Some(2), "{said}");
        let places = [said.find(&usual), said.rfind(told)];
        assert!(places[0].is_some() && places[0] < places[1], "{told}: {said}");
        let (code, said) = machine.doctor(&["--json"]);
        let document = serde_json::from_str::<serde_json::Value>(&said).unwrap();
        assert_eq!((code, &document["failures"][0]["class"]), (Some(2), &"usage".into()), "{said}");
        assert!(document["tools"].is_array(), "{said}");
        let (code, said) = machine.doctor(&["--install", "--yes"]);
        assert!(code == Some(2) && said.contains(told), "{told}: {said}");
        assert_eq!(machine.called(), "");
    }
}
