//! A small real project, built with the machine's own linker and proven in the sandbox.

#![allow(dead_code, reason = "each file of tests uses a part of it")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;
use test_needs::Need;

/// This machine's target.
pub const TARGET: &str = "x86_64-unknown-linux-gnu";

/// A project in a folder of its own, with a store.
pub struct Project {
    /// The folder around it.
    pub folder: TempDir,
}

impl Project {
    /// A program that tells its version, in git, with a manifest that needs no zig. None if this
    /// machine cannot run the tests, which was told.
    pub fn new() -> Option<Self> {
        test_needs::met(&[Need::X86_64Linux, Need::Bubblewrap]).then(Self::made)
    }

    /// The same, for tests that must not be left out: a machine that cannot run them fails them.
    pub fn required() -> Self {
        for need in [Need::X86_64Linux, Need::Bubblewrap] {
            assert_eq!(need.unusable(), None, "scripts/test installs it");
        }
        Self::made()
    }

    fn made() -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        project.write("app/Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.3.0\"\nedition = \"2024\"\n\n[workspace]\n");
        project.write("app/src/main.rs", "fn main() { println!(\"app {}\", env!(\"CARGO_PKG_VERSION\")); }\n");
        project.write("app/.gitignore", "/dist/\n/target/\n");
        project.manifest("");
        project.cargo(&["generate-lockfile"]);
        project.git(&["init", "-q"]);
        project.commit();
        project
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("app")
    }

    pub fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn manifest(&self, more: &str) {
        let text = format!("targets = [\"{TARGET}\"]\n{more}\n[target.{TARGET}]\nbuilder = \"native\"\n");
        self.write("app/plimsoll.toml", &text);
    }

    /// The same with the root that takes no time to make. Nothing is remembered of it, so that each run has evidence of its own.
    pub fn scrubbed(&self, more: &str) {
        self.manifest(more);
        let manifest = fs::read_to_string(self.path().join("plimsoll.toml")).unwrap();
        self.write("app/plimsoll.toml", &format!("{manifest}roots = [\"scrubbed\"]\n"));
    }

    pub fn run(&self, program: &str, arguments: &[&str]) {
        let status = Command::new(program).args(arguments).current_dir(self.path()).status().unwrap();
        assert!(status.success(), "{program} {arguments:?}");
    }

    pub fn cargo(&self, arguments: &[&str]) {
        self.run("cargo", &[&["--quiet", "--offline"], arguments].concat());
    }

    pub fn git(&self, arguments: &[&str]) {
        self.run("git", &[&["-c", "user.name=t", "-c", "user.email=t@example.org"], arguments].concat());
    }

    pub fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "x"]);
    }

    /// The command, still to be run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command.args(arguments).current_dir(self.path()).env("PLIMSOLL_STORE", self.store()).env("NO_COLOR", "1");
        // Each project has a store of its own, and an emulator for each is much to bring.
        command.env("PLIMSOLL_DEBIAN_MIRROR", "http://127.0.0.1:9/debian").env_remove("SOURCE_DATE_EPOCH");
        command
    }

    pub fn plimsoll(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs and demands the exit code; gives back what was said on both outputs.
    pub fn expect(&self, arguments: &[&str], code: i32) -> String {
        let output = self.plimsoll(arguments);
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        said
    }
}
