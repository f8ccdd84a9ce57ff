//! What a test works with: the program under test, a kept store, and a scratch folder that goes away.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Trouble;

/// A test's place of work.
pub struct Testbed {
    /// The workspace.
    pub root: PathBuf,
    /// The program under test.
    pub plimsoll: PathBuf,
    /// The store that is kept between tests and runs: tools, roots and zig's cache are made once.
    pub store: PathBuf,
    scratch: TempDir,
}

/// What a program said.
#[derive(Debug)]
pub struct Said {
    /// Exit status; none where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Wall time.
    pub time: Duration,
}

impl Said {
    /// Everything that it printed.
    pub fn all(&self) -> String {
        format!("exit status {:?}\n{}{}", self.code, self.stdout, self.stderr)
    }

    /// Whether it ended well.
    pub fn well(&self) -> bool {
        self.code == Some(0)
    }
}

impl Testbed {
    /// Finds the program and makes the folders.
    pub fn new(root: &Path) -> Result<Self, Trouble> {
        let named = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
        let plimsoll = named("PLIMSOLL_BIN").unwrap_or_else(|| root.join("target/release/plimsoll"));
        let plimsoll = plimsoll.canonicalize().map_err(|error| Trouble::NotRun(format!("{}: {error}", plimsoll.display())))?;
        // Outside of the workspace: cargo would take a project below it for a forgotten member.
        let kept = named("PLIMSOLL_TEST_FOLDER")
            .or_else(|| Some(named("XDG_CACHE_HOME").or_else(|| Some(named("HOME")?.join(".cache")))?.join("plimsoll-tests")));
        let kept = kept.ok_or_else(|| Trouble::NotRun("neither PLIMSOLL_TEST_FOLDER nor HOME is set".to_owned()))?;
        fs::create_dir_all(&kept).map_err(Trouble::io(&kept))?;
        let kept = kept.canonicalize().map_err(Trouble::io(&kept))?;
        let scratch = tempfile::Builder::new().prefix("acceptance-").tempdir_in(&kept).map_err(Trouble::io(&kept))?;
        Ok(Self { root: root.to_owned(), plimsoll, store: kept.join("store"), scratch })
    }

    /// A new folder below the scratch folder.
    pub fn folder(&self, name: &str) -> Result<PathBuf, Trouble> {
        let path = self.scratch.path().join(name);
        fs::create_dir_all(&path).map_err(Trouble::io(&path))?;
        Ok(path)
    }

    /// A path below the scratch folder; nothing is made.
    pub fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// A store of the test's own, with the kept one's qemu, which every proof on x86-64 asks for. With `zig`, it has its tools and compiled C
    /// runtimes too.
    pub fn private_store(&self, name: &str, zig: bool) -> Result<PathBuf, Trouble> {
        let store = if zig { self.store_without_emulators(name)? } else { self.folder(name)? };
        self.lend(&format!("roots/tools-qemu-{}", std::env::consts::ARCH), &store)?;
        Ok(store)
    }

    /// A store of the test's own in which no root was made, with the kept one's tools and compiled C runtimes.
    pub fn store_without_emulators(&self, name: &str) -> Result<PathBuf, Trouble> {
        let store = self.folder(name)?;
        self.lend("tools", &store)?;
        self.lend("zig-cache", &store)?;
        Ok(store)
    }

    /// A part of the kept store in another one, as hard links.
    fn lend(&self, part: &str, store: &Path) -> Result<(), Trouble> {
        let (from, to) = (self.store.join("v1").join(part), store.join("v1").join(part));
        let parent = to.parent().unwrap_or(store);
        fs::create_dir_all(parent).map_err(Trouble::io(parent))?;
        if !from.is_dir() {
            return Ok(());
        }
        // Another test may work in the kept store: files that it makes and puts into place vanish under the copying.
        let mut copied = run(Command::new("cp").env("LC_ALL", "C").arg("-al").arg(&from).arg(&to))?;
        for _ in 0..4 {
            if copied.well() || !copied.stderr.contains("No such file or directory") {
                break;
            }
            fs::remove_dir_all(&to).map_err(Trouble::io(&to))?;
            copied = run(Command::new("cp").env("LC_ALL", "C").arg("-al").arg(&from).arg(&to))?;
        }
        if copied.well() { Ok(()) } else { Err(Trouble::Broken(copied.all())) }
    }

    /// A call of the program under test, with `store`.
    pub fn plimsoll(&self, store: &Path) -> Command {
        let mut command = Command::new(&self.plimsoll);
        command.env("PLIMSOLL_STORE", store).env("NO_COLOR", "1").env_remove("SOURCE_DATE_EPOCH").env_remove("RUSTC_WRAPPER");
        command
    }
}

/// Runs a command to its end, with nothing to read.
pub fn run(command: &mut Command) -> Result<Said, Trouble> {
    let started = Instant::now();
    let output = command.stdin(Stdio::null()).output().map_err(|error| missing(command, &error))?;
    Ok(Said {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        time: started.elapsed(),
    })
}

/// What it means that a program could not be started: where there is none, the test cannot run.
pub fn missing(command: &Command, error: &std::io::Error) -> Trouble {
    let what = format!("{}: {error}", command.get_program().display());
    if error.kind() == std::io::ErrorKind::NotFound { Trouble::NotRun(what) } else { Trouble::Broken(what) }
}

/// Runs a command of the test's own preparations, which must succeed.
pub fn expect_well(command: &mut Command) -> Result<Said, Trouble> {
    let said = run(command)?;
    if said.well() { Ok(said) } else { Err(Trouble::Broken(format!("{command:?}\n{}", said.all()))) }
}

/// PATH with `folder` first.
pub fn path_with(folder: PathBuf) -> Result<OsString, Trouble> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(folder).chain(std::env::split_paths(&path))).map_err(|error| Trouble::Broken(error.to_string()))
}

/// The program `name` in PATH, which the test has among its needs.
pub fn program(name: &str) -> Result<PathBuf, Trouble> {
    test_needs::program(name).ok_or_else(|| Trouble::NotRun(format!("{name} is not installed")))
}
