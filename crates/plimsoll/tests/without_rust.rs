//! A project that make builds, on a machine without Rust.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests start the command, and fail")]

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use test_needs::Need;

/// The fixture that make builds, wanted for this machine alone, and a machine that has all but Rust.
struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let programs = folder.path().join("bin");
        all_but_rust(&programs);
        let has = |name: &str| programs.join(name).is_file();
        if !test_needs::met(&[Need::X86_64Linux, Need::CCompiler, Need::Make, Need::Git]) {
            return None;
        }
        for (name, need) in [("cc", Need::CCompiler), ("make", Need::Make), ("git", Need::Git)] {
            if !has(name) {
                test_needs::not_run(Some(need), &format!("{name} is neither in /usr/bin nor in /bin"));
                return None;
            }
        }
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tender");
        let project = Self { folder };
        std::fs::create_dir(project.path()).unwrap();
        for name in ["Makefile", "tender.c"] {
            std::fs::copy(fixture.join(name), project.path().join(name)).unwrap();
        }
        let manifest = "name = \"tender\"\nversion = \"1.0.0\"\ntargets = [\"x86_64-unknown-linux-gnu\"]\nepoch = 1700000000\n\n\
             [target.x86_64-unknown-linux-gnu]\nroots = [\"scrubbed\"]\n\n\
             [core.tender]\ncommand = \"make -s out/tender\"\noutput = \"out\"\nbinaries = [\"tender\"]\n\n[archive.tender]\n";
        std::fs::write(project.path().join("plimsoll.toml"), manifest).unwrap();
        Some(project)
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    fn plimsoll(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command.args(arguments).current_dir(self.path()).env_clear();
        command.env("PATH", self.folder.path().join("bin")).env("HOME", self.home()).env("PLIMSOLL_STORE", self.home().join("store"));
        command.env("PLIMSOLL_DEBIAN_MIRROR", "http://127.0.0.1:9/debian").output().unwrap()
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }
}

/// A folder with a link to every program of the system, but for those that Rust comes with.
fn all_but_rust(folder: &Path) {
    std::fs::create_dir(folder).unwrap();
    let mut taken = ["rustc", "cargo", "rustup"].map(std::ffi::OsString::from).into_iter().collect::<BTreeSet<_>>();
    for system in ["/usr/bin", "/bin"] {
        for program in std::fs::read_dir(system).into_iter().flatten() {
            let program = program.unwrap();
            if taken.insert(program.file_name()) {
                symlink(program.path(), folder.join(program.file_name())).unwrap();
            }
        }
    }
}

#[test]
fn what_commands_build_needs_no_rust() {
    let Some(project) = Project::new() else { return };
    let output = project.plimsoll(&["rehearse", "--json"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let document: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(document["fetched_back"].as_array().unwrap().len(), 1, "{said}");
    let shown = project.plimsoll(&["doctor"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(!shown.contains("rustc") && !shown.contains("rustup"), "{shown}");
    assert!(shown.contains("the project's own command"), "{shown}");
}

#[test]
fn what_cargo_builds_says_where_rust_comes_from() {
    let Some(project) = Project::new() else { return };
    std::fs::write(project.path().join("Cargo.toml"), "[package]\nname = \"tender\"\nversion = \"1.0.0\"\n").unwrap();
    let output = project.plimsoll(&["plan"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("no usable Rust toolchain was found") && said.contains("install Rust from https://rustup.rs"), "{said}");
}
