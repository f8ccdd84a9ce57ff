//! A BEAM that evaluates what only Elixir can tell of a project: in a place that has the BEAM's own files, the project's sources to read, no network,
//! nothing of the user's home, and nothing that can be written but a folder for temporary files which is gone afterwards.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_model::{RootName, Target};

use super::versions::BeamRoot;
use crate::enter::Layout;
use crate::{DistributionRoot, Roots, Runtime, Unavailable, distribution};
use plimsoll_exec::bubblewrap::Isolation;
use plimsoll_exec::launcher::{Finished, Keep, Launch, Launcher};
use plimsoll_exec::locate::Toolbox;

/// Where the sources are seen.
const SOURCES: &str = "/plimsoll/src";
/// Where the script is seen.
const SCRIPT: &str = "/plimsoll/script.exs";
/// Folders of this machine that hold the system's own programs and libraries; Nix and Guix have all of theirs in one place.
const SYSTEM: [&str; 9] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store", "/etc/ld.so.cache"];
/// Roots whose BEAM serves if that of this machine does not, the usual one first.
const ROOTS: [&str; 2] = ["debian:12", "debian:13"];

/// A BEAM with Elixir.
#[derive(Debug, Clone)]
pub struct Evaluator {
    place: Place,
    identity: String,
}

#[derive(Debug, Clone)]
enum Place {
    /// This machine's own, with the folders that hold it.
    Machine { folders: BTreeSet<PathBuf>, search: OsString },
    /// That of a root.
    Root(DistributionRoot),
}

/// What is evaluated.
#[derive(Debug, Clone, Copy)]
pub struct Evaluation<'a> {
    /// A folder of this machine with the sources.
    pub sources: &'a Path,
    /// The project's folder in it.
    pub project: &'a Path,
    /// The file of the script.
    pub script: &'a Path,
    /// What the script is given.
    pub arguments: &'a [String],
    /// How long it may take.
    pub patience: Duration,
    /// Bytes that are kept of what it prints, the last ones.
    pub most: usize,
}

impl Roots<'_> {
    /// The BEAM of a root, which is made if it is not there yet; `on_line` hears of it.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn make_evaluator(&self, name: &RootName, host: &Target, on_line: &mut dyn FnMut(&str)) -> Result<Evaluator, Unavailable> {
        let (recipe, _) = Runtime::Beam.recipe(name, host, host.os()).map_err(Unavailable::Elsewhere)?;
        self.isolation()?;
        distribution::obtain(self, &recipe, on_line).map(Evaluator::of_root)
    }
}

/// Roots that evaluate, if their Elixir is one that `fits`.
fn fitting(fits: &dyn Fn(&str) -> bool) -> impl Iterator<Item = RootName> {
    let names = ROOTS.into_iter().filter_map(|name| name.parse::<RootName>().ok());
    names.filter(move |name| BeamRoot::of(name).is_some_and(|root| fits(root.elixir)))
}

impl Evaluator {
    /// What evaluates without anything being made first, with an Elixir that `fits`: this machine's BEAM, else that of a root which was made before in
    /// the folder `roots`.
    pub fn find(toolbox: &Toolbox, roots: &Path, host: &Target, fits: &dyn Fn(&str) -> bool) -> Option<Self> {
        let kept = |name: RootName| {
            let (recipe, _) = Runtime::Beam.recipe(&name, host, host.os()).ok()?;
            distribution::kept(roots, &recipe)
        };
        Self::of_machine(toolbox, fits).or_else(|| fitting(fits).find_map(kept).map(Self::of_root))
    }

    /// The root to be made for an Elixir that `fits`; none if no root has one.
    pub fn root(fits: &dyn Fn(&str) -> bool) -> Option<RootName> {
        fitting(fits).next()
    }

    fn of_root(root: DistributionRoot) -> Self {
        Self { identity: format!("root {}", root.digest), place: Place::Root(root) }
    }

    /// The `elixir` and `erl` of PATH, if what they belong to can be found.
    fn of_machine(toolbox: &Toolbox, fits: &dyn Fn(&str) -> bool) -> Option<Self> {
        let (elixir, erlang) = homes(toolbox).filter(|(elixir, erlang)| is_elixir(elixir) && is_erlang(erlang))?;
        let about = elixir_app(&elixir);
        let version = fs::read_to_string(about).ok()?.lines().find(|line| line.contains("vsn")).unwrap_or_default().trim().to_owned();
        // `{vsn,"1.14.0"},`
        if !fits(version.split('"').nth(1).unwrap_or_default()) {
            return None;
        }
        let identity = format!("machine {} {} {version}", elixir.display(), erlang.display());
        let is_shown = |folder: &PathBuf| SYSTEM.iter().any(|system| folder.starts_with(system));
        let own = [&elixir, &erlang].into_iter().filter(|folder| !is_shown(folder)).cloned();
        let search = [erlang.join("bin"), elixir.join("bin"), "/usr/bin".into(), "/bin".into()];
        let search = std::env::join_paths(search).ok()?;
        Some(Self { place: Place::Machine { folders: own.collect(), search }, identity })
    }

    /// What the result depends on of it.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// Runs the script to its end, or to the end of patience.
    ///
    /// # Errors
    /// [`Unavailable`], if it could not be started.
    pub fn run(&self, evaluation: Evaluation<'_>, isolation: &Isolation, launcher: &Launcher) -> Result<Finished, Unavailable> {
        let failed = |what: String| Unavailable::Failed(what);
        let (mut layout, search) = match &self.place {
            Place::Root(root) => {
                let layout = Layout::of_distribution(root).map_err(|error| failed(format!("cannot lay out the root: {error}")))?;
                (layout, OsString::from("/usr/bin:/bin"))
            }
            Place::Machine { folders, search } => (of_machine(folders), search.clone()),
        };
        layout.show(&[(evaluation.sources.to_owned(), SOURCES.into()), (evaluation.script.to_owned(), SCRIPT.into())]);
        layout.temporary();
        let sources = layout.sources();
        let mut words = isolation.unsharing();
        words.extend(layout.words());
        words.push("--chdir".into());
        words.push(Path::new(SOURCES).join(evaluation.project).into_os_string());
        let environment: [(&str, OsString); 9] = [
            ("PATH", search),
            ("HOME", "/tmp".into()),
            ("TMPDIR", "/tmp".into()),
            ("LANG", "C.UTF-8".into()),
            ("LC_ALL", "C.UTF-8".into()),
            ("MIX_ENV", "prod".into()),
            ("HEX_OFFLINE", "1".into()),
            ("ERL_CRASH_DUMP_BYTES", "0".into()),
            // File names are UTF-8 whatever the locale; what waits uses no core.
            ("ELIXIR_ERL_OPTIONS", "+fnu +sbwt none".into()),
        ];
        words.extend(environment.into_iter().flat_map(|(name, value)| ["--setenv".into(), name.into(), value]));
        words.extend(["--", "elixir", SCRIPT].map(OsString::from));
        words.extend(evaluation.arguments.iter().map(OsString::from));
        let mut launch = isolation.enter(words, &sources).deadline(evaluation.patience);
        (launch.capture_limit, launch.keep) = (evaluation.most, Keep::Tail);
        launcher.output(&launch).map_err(|error| failed(error.to_string()))
    }
}

/// The system's own files, read-only, and the folders of Erlang and Elixir if they lie elsewhere.
fn of_machine(folders: &BTreeSet<PathBuf>) -> Layout {
    let mut layout = Layout::empty();
    for system in SYSTEM.map(Path::new) {
        match fs::read_link(system) {
            Ok(target) => layout.link(&target, system),
            Err(_) if system.exists() => layout.show(&[(system.to_owned(), system.to_owned())]),
            Err(_) => {}
        }
    }
    layout.show(&folders.iter().map(|folder| (folder.clone(), folder.clone())).collect::<Vec<_>>());
    layout
}

/// The folders of Elixir and of Erlang: from where the programs lie, else as they say themselves, since version managers put a launcher in their place.
fn homes(toolbox: &Toolbox) -> Option<(PathBuf, PathBuf)> {
    let (elixir, erl) = (toolbox.program("elixir")?, toolbox.program("erl")?);
    let home = |program: &Path| program.canonicalize().ok()?.parent()?.parent().map(Path::to_owned);
    let found = home(&elixir).zip(home(&erl)).filter(|(elixir, erlang)| is_elixir(elixir) && is_erlang(erlang));
    found.or_else(|| asked(toolbox, &elixir))
}

fn asked(toolbox: &Toolbox, elixir: &Path) -> Option<(PathBuf, PathBuf)> {
    let words = ["-e", "IO.puts([:code.lib_dir(:elixir), 10, :code.root_dir()])"];
    let launch = Launch { env: toolbox.env().clone(), ..Launch::new(elixir, "/") };
    let finished = toolbox.launcher().output(&launch.args(words).deadline(Duration::from_secs(20))).ok()?;
    let said = finished.succeeded().then(|| finished.stdout_text())?;
    let mut lines = said.lines().map(|line| Path::new(line.trim()));
    let elixir = lines.next()?.parent()?.parent()?.canonicalize().ok()?;
    Some((elixir, lines.next()?.canonicalize().ok()?))
}

fn elixir_app(home: &Path) -> PathBuf {
    home.join("lib/elixir/ebin/elixir.app")
}

fn is_elixir(home: &Path) -> bool {
    elixir_app(home).is_file() && home.join("bin/elixir").is_file()
}

fn is_erlang(home: &Path) -> bool {
    home.join("bin/erl").is_file() && home.join("releases").is_dir()
}
