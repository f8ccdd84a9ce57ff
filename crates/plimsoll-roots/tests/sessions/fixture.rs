//! A store, roots, and an artifact whose program is this test program.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use plimsoll_exec::bubblewrap::Isolation;
use plimsoll_exec::launcher::{Launcher, keeper};
use plimsoll_exec::locate::Toolbox;
use plimsoll_model::{Digest, Expectation, Outcome, Probe, ProbeResult, Start};
use plimsoll_roots::{ExecEnv, NetworkAccess, Placement, RootArchive, RootSource, Roots, Runtime, Session, Sources, Unavailable};
use test_needs::Need;

use crate::program::STEP;

/// What a test could not do without.
pub struct NotRun(pub Option<Need>, pub String);

/// The name of a root of files.
const SYSTEM: &str = "tiny:1";
/// The variable with the folder that tests keep roots in.
pub const TEST_FOLDER: &str = "PLIMSOLL_TEST_FOLDER";
/// The program of the artifact.
const PROGRAM: &str = "client";

pub struct Fixture {
    place: tempfile::TempDir,
    toolbox: Toolbox,
    pub isolation: Isolation,
    sources: Sources,
}

impl Fixture {
    pub fn new() -> Result<Self, NotRun> {
        // Signs by which the kernel parts the names of layers, and a space.
        let place = tempfile::Builder::new().prefix("a place, with: signs").tempdir().unwrap();
        for name in ["plimsoll probe/bin", "sessions", "roots"] {
            fs::create_dir_all(place.path().join(name)).unwrap();
        }
        let program = place.path().join("plimsoll probe/bin").join(PROGRAM);
        plimsoll_store::programs::write(&program, &fs::read("/proc/self/exe").unwrap()).unwrap();
        let env = BTreeMap::from([("PATH".into(), "/usr/bin:/bin:/usr/sbin:/sbin".into())]);
        let launcher = Launcher::new().unwrap().kept_by(keeper::program());
        let toolbox = Toolbox::new(place.path().join("tools"), place.path().join("memory.json"), env, launcher);
        let isolation = Isolation::examine(&toolbox).map_err(|error| NotRun(Some(Need::Bubblewrap), error.to_string()))?;
        let archive = place.path().join("system.tar");
        pack(&archive);
        let archive = RootArchive { place: archive.display().to_string(), sha256: Digest::of(&fs::read(&archive).unwrap()) };
        let sources = Sources { declared: [(SYSTEM.parse().unwrap(), RootSource::Archive(archive))].into(), ..Sources::default() };
        Ok(Self { place, toolbox, isolation, sources })
    }

    pub fn path(&self) -> &Path {
        self.place.path()
    }

    pub fn sessions(&self) -> PathBuf {
        self.path().join("sessions")
    }

    pub fn launcher(&self) -> &Launcher {
        self.toolbox.launcher()
    }

    /// The root of a few files that can be changed in a session.
    pub fn system(&self) -> ExecEnv {
        self.root(SYSTEM).unwrap_or_else(|reason| panic!("{reason}"))
    }

    pub fn root(&self, name: &str) -> Result<ExecEnv, Unavailable> {
        self.with_roots(&self.path().join("roots"), |roots| {
            let root = roots.open(&name.parse().unwrap(), &mut |_| {})?;
            Ok(ExecEnv { root, emulator: None, network: NetworkAccess::None })
        })
    }

    /// A distribution that other tests had made before, for `target`: to make one takes a mirror and a minute.
    ///
    /// With `everywhere` programs start programs, whatever the processor.
    pub fn made_before(&self, name: &str, target: &str, everywhere: bool) -> Result<ExecEnv, NotRun> {
        self.made(None, name, target, everywhere)
    }

    /// The same with a Python.
    pub fn with_python(&self, name: &str, target: &str) -> Result<ExecEnv, NotRun> {
        self.made(Some(Runtime::Python), name, target, false)
    }

    fn made(&self, runtime: Option<Runtime>, name: &str, target: &str, everywhere: bool) -> Result<ExecEnv, NotRun> {
        let absent = |reason: String| NotRun(None, reason);
        let roots = kept_roots().filter(|roots| roots.is_dir());
        let roots = roots.ok_or_else(|| absent("no test has made the roots of Debian".to_owned()))?;
        let (target, host) = (target.parse().unwrap(), "x86_64-unknown-linux-gnu".parse().unwrap());
        let got = self.with_roots(&roots, |roots| {
            let exec_env = roots.with_runtime(runtime, &name.parse().unwrap(), &target, &host, &mut |_| {})?;
            if everywhere { roots.everywhere(exec_env) } else { Ok(exec_env) }
        });
        got.map_err(|reason| absent(reason.to_string()))
    }

    /// Makes a root with a Python for other tests, if it is not there yet.
    pub fn make_with_python(&self, name: &str, target: &str, on_line: &mut dyn FnMut(&str)) -> Result<PathBuf, Unavailable> {
        let folder = kept_roots().ok_or_else(|| Unavailable::Failed(format!("neither {TEST_FOLDER} nor HOME is set")))?;
        let (target, host) = (target.parse().unwrap(), "x86_64-unknown-linux-gnu".parse().unwrap());
        self.with_roots(&folder, |roots| {
            let roots = Roots { debian_mirror: std::env::var("PLIMSOLL_DEBIAN_MIRROR").ok(), ..roots };
            roots.with_runtime(Some(Runtime::Python), &name.parse().unwrap(), &target, &host, on_line)
        })?;
        Ok(folder)
    }

    fn with_roots<T>(&self, folder: &Path, of: impl FnOnce(Roots<'_>) -> Result<T, Unavailable>) -> Result<T, Unavailable> {
        let patience = plimsoll_store::Patience::default();
        let network = plimsoll_fetch::Network::new(Some(plimsoll_fetch::Offline::Asked), plimsoll_fetch::Patience::default());
        let roots = Roots {
            folder: folder.to_owned(),
            toolbox: &self.toolbox,
            isolation: Ok(&self.isolation),
            // Nothing is made here.
            debian_mirror: Some("http://127.0.0.1:9/debian".to_owned()),
            sources: self.sources.clone(),
            network,
            patience: &patience,
            now: 0,
        };
        of(roots)
    }

    /// A session; the machine may have no way to one.
    pub fn begin<'a>(&'a self, exec_env: &'a ExecEnv) -> Result<Session<'a>, NotRun> {
        let session = Session::begin(exec_env, Some(&self.isolation), self.launcher(), &self.sessions());
        session.map_err(|reason| NotRun(Some(Need::MountNamespaces), reason.to_string()))
    }

    pub fn step(&self, session: &mut Session<'_>, probe: &Probe) -> ProbeResult {
        let installed = self.path().join("plimsoll probe");
        session.step(Placement { installed: &installed, programs: &[PathBuf::from("bin")], given: None }, probe)
    }

    pub fn step_as_package_manager(&self, session: &mut Session<'_>, probe: &Probe) -> ProbeResult {
        let installed = self.path().join("plimsoll probe");
        session.step_as_package_manager(Placement { installed: &installed, programs: &[PathBuf::from("bin")], given: None }, probe)
    }

    /// Has the artifact's program do something; what it says.
    pub fn run(&self, session: &mut Session<'_>, words: &[&str]) -> String {
        let result = self.step(session, &client(words));
        assert_eq!(result.outcome, Outcome::Passed, "{words:?}: {result:?}");
        result.said.trim_end().to_owned()
    }

    /// What lies in the roots, by path.
    pub fn roots(&self) -> BTreeMap<PathBuf, String> {
        let mut found = BTreeMap::new();
        let mut waiting = vec![self.path().join("roots")];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let data = fs::symlink_metadata(&path).unwrap();
                let content = match fs::read_link(&path) {
                    Ok(target) => target.display().to_string(),
                    Err(_) if data.is_file() => Digest::of(&fs::read(&path).unwrap()).to_string(),
                    Err(_) => String::new(),
                };
                let owner = (data.uid(), data.gid());
                found.insert(path.clone(), format!("{:o} {owner:?} {} {content}", data.mode(), data.mtime()));
                if data.is_dir() {
                    waiting.push(path);
                }
            }
        }
        found
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let left = fs::read_dir(self.sessions()).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
            assert!(left.is_empty(), "{left:?} is left");
        }
    }
}

/// Where tests keep roots.
fn kept_roots() -> Option<PathBuf> {
    let folder = std::env::var_os(TEST_FOLDER).map(PathBuf::from);
    let folder = folder.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/plimsoll-tests")));
    folder.map(|folder| folder.join("store/v1/roots"))
}

/// A probe that has the artifact's program do something.
pub fn client(words: &[&str]) -> Probe {
    probe(Start::Run([PROGRAM, STEP].iter().chain(words).map(|word| (*word).to_owned()).collect()))
}

pub fn script(text: &str) -> Probe {
    probe(Start::Script(text.to_owned()))
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

/// A system that can just start this program.
fn pack(archive: &Path) {
    let mut tar = tar::Builder::new(fs::File::create(archive).unwrap());
    let mut add = |path: &str, mode: u32, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(mode);
        tar.append_data(&mut header, path, bytes).unwrap();
    };
    for path in mapped_files() {
        add(path.strip_prefix('/').unwrap(), 0o755, &fs::read(&path).unwrap());
    }
    // The name that the program calls its loader by.
    let loader = PathBuf::from("/lib64/ld-linux-x86-64.so.2");
    if let Ok(bytes) = fs::read(&loader) {
        add("lib64/ld-linux-x86-64.so.2", 0o755, &bytes);
    }
    add("etc/settings", 0o644, b"as it was\n");
    add("usr/share/doc/readme", 0o644, b"read me\n");
    add("usr/share/doc/more/readme", 0o644, b"and me\n");
    tar.finish().unwrap();
}

/// The libraries of this process.
fn mapped_files() -> BTreeSet<String> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let paths = maps.lines().filter_map(|line| line.split_whitespace().nth(5));
    paths.filter(|path| path.contains(".so")).map(str::to_owned).collect()
}
