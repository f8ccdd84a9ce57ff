//! What the NIF tests work with: libraries that are really built, archives that are really packed, and programs run by the command's own launcher.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use plimsoll::kinds::nif::{End, LoadAs, Probe, Report, Trouble as NifTrouble, consumer, judge, probe};
use plimsoll_exec::launcher::{Ended, Launch, Launcher};
use plimsoll_model::NifScheme;
use plimsoll_model::{Digest, Target};
use plimsoll_pack::{MemoryBlobs, MemoryScratch, Mode, NifSpec, Spec, Tree, pack};

use crate::testbed::{self, Testbed};
use crate::{Trouble, project};

/// The module of the example.
pub const MODULE: &str = "NifCounter.Native";

/// How long a library may take to load here. Mix compiles within it too.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Names the folder of the library's sources, for the command too.
pub const LIBRARY: &str = "PLIMSOLL_RUSTLER_PRECOMPILED";

/// What it names.
pub fn theirs() -> Option<PathBuf> {
    std::env::var_os(LIBRARY).filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

/// A place of work with Elixir in it.
pub struct Beam<'a> {
    pub testbed: &'a Testbed,
    pub launcher: Launcher,
    /// `nif_probe.escript`.
    pub script: PathBuf,
    /// Our own consumer, as one of ERL_LIBS; empty if the library itself is used.
    pub libraries: PathBuf,
    /// The folder of the library's sources that [`LIBRARY`] names: mix compiles it with the package, it downloads by the gateway, and tells failures in
    /// its own words.
    pub theirs: Option<PathBuf>,
    /// Elixir's own compiled code.
    pub elixir: String,
}

/// A run, read and judged.
pub struct Ran {
    pub report: Report,
    pub verdict: Result<(), NifTrouble>,
    pub output: String,
}

impl Ran {
    /// The failure's code; empty where there is none.
    pub fn code(&self) -> &'static str {
        self.verdict.as_ref().err().map_or("", NifTrouble::code)
    }

    /// All that there is to show.
    pub fn all(&self) -> String {
        let failure = self.verdict.as_ref().err().map(|trouble| format!("{:?}", trouble.failure())).unwrap_or_default();
        format!("{failure}\n{}", self.output)
    }
}

impl<'a> Beam<'a> {
    pub fn new(testbed: &'a Testbed) -> Result<Self, Trouble> {
        let launcher = Launcher::new().map_err(|error| Trouble::Broken(error.to_string()))?;
        let script = testbed.path(probe::FILE);
        project::write(&script, probe::SOURCE)?;
        let libraries = testbed.folder("libraries")?;
        for (name, text) in consumer::PROGRAMS {
            project::write(&testbed.path(name), text)?;
        }
        let theirs = theirs();
        if theirs.is_none() {
            let ebin = testbed.folder("libraries/rustler_precompiled/ebin")?;
            let scheme = NifScheme::RustlerPrecompiled;
            project::write(&ebin.join("rustler_precompiled.app"), &consumer::library_resource(scheme))?;
            let words = consumer::library_words(scheme, &testbed.path("").display().to_string(), &ebin.display().to_string());
            testbed::expect_well(Command::new(&words[0]).args(&words[1..]))?;
        }
        let told = testbed::expect_well(Command::new("elixir").args(["-e", "IO.write :code.lib_dir(:elixir)"]))?;
        Ok(Self { testbed, launcher, script, libraries, theirs, elixir: format!("{}/ebin", told.stdout.trim()) })
    }

    /// Runs words in a folder, with only these variables and the machine's PATH.
    pub fn run(&self, words: &[String], folder: &Path, environment: Vec<(String, String)>, limit: Duration) -> Result<Ran, Trouble> {
        let mut variables = environment.into_iter().collect::<BTreeMap<_, _>>();
        for name in ["PATH", "CARGO_HOME", "RUSTUP_HOME"] {
            if let Ok(value) = std::env::var(name) {
                variables.insert(name.to_owned(), value);
            }
        }
        let launch = Launch::new(&words[0], folder).args(&words[1..]).env(variables).deadline(limit);
        let finished = self.launcher.output(&launch).map_err(|error| Trouble::Broken(error.to_string()))?;
        let (stdout, stderr) = (finished.stdout_text(), finished.stderr_text());
        let end = match (finished.ended, finished.status, finished.signal) {
            (Ended::TimedOut, ..) => End::TimedOut(limit.as_secs()),
            (_, Some(status), _) => End::Exited(status),
            (_, None, signal) => End::Signal(signal_name(signal.unwrap_or_default())),
        };
        let report = Report::read(&stdout);
        Ok(Ran { verdict: judge(&report, &end, &stderr), report, output: format!("{words:?}: {end:?}\n{stdout}{stderr}") })
    }

    /// Whether a run failed as it should: by our own consumer's code, and by the library's own words where that is used.
    pub fn refused(&self, ran: &Ran, code: &str) -> bool {
        if self.theirs.is_none() {
            return ran.code() == code;
        }
        let words = match code {
            "nif-checksum" => "the integrity check failed because the checksum of files does not match",
            "nif-checksum-map" => "the precompiled NIF file does not exist in the checksum file",
            "nif-download" => "couldn't fetch NIF from https://",
            "nif-no-target" => "precompiled NIF is not available for this target",
            _ => "",
        };
        !ran.output.contains("Exited(0)") && ran.output.contains(words)
    }

    /// Has a BEAM load an archive.
    pub fn load(&self, probe: &Probe, limit: Duration) -> Result<Ran, Trouble> {
        let environment = probe::environment().map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let into = PathBuf::from(&probe.into);
        if into.exists() {
            fs::remove_dir_all(&into).map_err(Trouble::io(&into))?;
        }
        self.run(&probe.words(&self.script.display().to_string()), self.testbed.path("").as_path(), environment, limit)
    }

    /// A probe of an archive as a synthetic module.
    pub fn probe(&self, archive: &Path, module: &str) -> Result<Probe, Trouble> {
        let name = archive.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let ours = self.libraries.join("rustler_precompiled/ebin");
        Ok(Probe {
            load_as: LoadAs::Synthetic,
            archive: archive.display().to_string(),
            digest: Some(Digest::of(&fs::read(archive).map_err(Trouble::io(archive))?)),
            member: name.trim_end_matches(".tar.gz").to_owned(),
            tree: false,
            module: module.parse().map_err(|error: plimsoll::kinds::nif::InvalidModuleName| Trouble::Broken(error.to_string()))?,
            into: self.testbed.path("into").display().to_string(),
            calls: Vec::new(),
            code_paths: std::iter::once(self.elixir.clone()).chain(ours.exists().then(|| ours.display().to_string())).collect(),
        })
    }
}

/// The names that matter here.
fn signal_name(signal: i32) -> String {
    let name =
        [(4, "SIGILL"), (6, "SIGABRT"), (7, "SIGBUS"), (9, "SIGKILL"), (11, "SIGSEGV")].into_iter().find(|(number, _)| *number == signal);
    name.map_or_else(|| format!("signal {signal}"), |(_, name)| name.to_owned())
}

/// The NIF of this machine's gnu target for a crate's library.
pub fn archive_name(library: &str, version: &str, nif_version: &str) -> String {
    format!("lib{library}-v{version}-nif-{nif_version}-{}.so.tar.gz", project::host())
}

/// Packs a library under `name`, by the command's own packer.
pub fn packed(library: &Path, name: &str, folder: &Path) -> Result<PathBuf, Trouble> {
    let broken = |error: &dyn std::error::Error| Trouble::Broken(error.to_string());
    let file_name = name.parse().map_err(|error| broken(&error as &dyn std::error::Error))?;
    let spec = NifSpec::new(file_name, 1_700_000_000).map_err(|error| broken(&error))?;
    let (mut tree, mut blobs) = (Tree::new(), MemoryBlobs::new());
    let hashed = blobs.insert(fs::read(library).map_err(Trouble::io(library))?);
    let member = spec.member().unwrap_or_default().parse().map_err(|error| broken(&error as &dyn std::error::Error))?;
    tree.insert_file(member, hashed.digest(), hashed.size(), Mode::Regular).map_err(|error| broken(&error))?;
    let mut bytes = Vec::new();
    pack(&Spec::Nif(spec), &tree, &blobs, &MemoryScratch, NonZeroU32::MIN, &mut bytes).map_err(|error| broken(&error))?;
    let path = folder.join(name);
    fs::write(&path, bytes).map_err(Trouble::io(&path))?;
    Ok(path)
}

/// Builds a crate's library with cargo, as it is.
pub fn built(testbed: &Testbed, folder: &Path, library: &str, target: &str) -> Result<PathBuf, Trouble> {
    let out = testbed.path("cargo-target");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--locked", "--target", target, "--target-dir"]).arg(&out).current_dir(folder);
    testbed::expect_well(cargo.env_remove("RUSTFLAGS"))?;
    Ok(out.join(target).join("release").join(format!("lib{library}.so")))
}

/// A target, as the model has it.
pub fn target(triple: &str) -> Result<Target, Trouble> {
    triple.parse().map_err(|error: plimsoll_model::target::InvalidTarget| Trouble::Broken(error.to_string()))
}
