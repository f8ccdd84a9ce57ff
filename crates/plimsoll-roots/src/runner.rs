//! Running one probe of an installed artifact in a root.
//!
//! A crash or a missing library of the program is a failed probe; what this machine cannot do is `NotRun`. Nothing of the builder's machine
//! enters the result: paths are told as they are inside of a root, also for `scrubbed`.

mod refusal;
mod said;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, Instant};

use plimsoll_model::{Outcome, Probe, ProbeResult, Start};

use self::refusal::{is_busy, refusal};
use self::said::Said;
use super::emulator::{self, Death, Emulator, commands, prefix};
use super::enter::{HOME, INSTALLED, Layout, WORK};
use super::libc;
use super::verdict::{End, end_of, judge};
use super::{ExecEnv, Root, Unavailable};
use plimsoll_exec::bubblewrap::Isolation;
use plimsoll_exec::launcher::{Ended, Finished, Keep, Launch, Launcher, Stream};

/// Bytes of each output in which the expected text is looked for.
const CAPTURE: usize = 1024 * 1024;
/// How often a program is started again that the kernel found still written to.
const MOST_STARTS: u32 = 20;
const BUSY_PAUSE: Duration = Duration::from_millis(100);
/// Entries of an artifact that are looked through for a program.
const MOST_ENTRIES: usize = 200_000;

/// An installed artifact, and where to run it.
#[derive(Debug, Clone, Copy)]
pub struct Placement<'a> {
    /// The folder into which it was installed as a user would; its path should hold a space, for the sake of `scrubbed`.
    pub installed: &'a Path,
    /// An existing folder for what probes write; each probe gets a fresh one in it, removed afterwards.
    pub scratch: &'a Path,
    /// Folders with programs, relative to `installed`; they come first in PATH.
    pub programs: &'a [PathBuf],
}

/// A command as the root sees it.
struct Command {
    words: Vec<OsString>,
    env: BTreeMap<String, String>,
    needs_shell: bool,
}

/// Runs a probe. An error of the machine, a missing bubblewrap, or an emulator that is too old to be believed is [`Outcome::NotRun`].
pub fn run_in(
    exec_env: &ExecEnv,
    isolation: Option<&Isolation>,
    launcher: &Launcher,
    placement: Placement<'_>,
    probe: &Probe,
) -> ProbeResult {
    let mut result = ProbeResult {
        probe: probe.name.clone(),
        definition: probe.digest(),
        cpu: None,
        ran: words_of(probe),
        outcome: Outcome::NotRun(String::new()),
        status: None,
        signal: None,
        said: String::new(),
        milliseconds: 0,
    };
    let scratch = match Scratch::new(placement.scratch) {
        Ok(scratch) => scratch,
        Err(error) => {
            result.outcome = Outcome::NotRun(format!("cannot make a scratch folder: {error}"));
            return result;
        }
    };
    let start = exec_env.emulator.as_ref().map(Emulator::start).unwrap_or_default();
    let scratch = scratch.folder.path();
    let mut run = Run {
        root: &exec_env.root,
        emulator: exec_env.emulator.as_ref(),
        start,
        network: exec_env.network,
        isolation,
        launcher,
        placement,
        probe,
        scratch,
        began: Instant::now(),
    };
    let prepared = run.prepare();
    // What an emulator takes to get ready is not the program's time.
    run.began = Instant::now();
    match prepared.and_then(|()| run.attempt(&mut result)) {
        Ok(()) => {}
        Err(Stopped::Unavailable(reason)) => result.outcome = Outcome::NotRun(reason.to_string()),
        Err(Stopped::Failed(reason)) => result.outcome = Outcome::Failed(reason),
    }
    if let Outcome::Failed(reason) = &result.outcome
        && let Some(doubt) = run.doubt(&result)
    {
        result.outcome = Outcome::NotRun(format!("{doubt} ({reason})"));
    }
    result.milliseconds = u64::try_from(run.began.elapsed().as_millis()).unwrap_or(u64::MAX);
    result
}

/// A run that did not come to the point of being judged.
enum Stopped {
    Unavailable(Unavailable),
    Failed(String),
}

struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    fn new(parent: &Path) -> std::io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("probe ").tempdir_in(parent)?;
        for name in [WORK, HOME] {
            fs::create_dir(folder.path().join(name))?;
        }
        Ok(Self { folder })
    }
}

struct Run<'a> {
    root: &'a Root,
    emulator: Option<&'a Emulator>,
    start: emulator::Start,
    network: bool,
    isolation: Option<&'a Isolation>,
    launcher: &'a Launcher,
    placement: Placement<'a>,
    probe: &'a Probe,
    scratch: &'a Path,
    began: Instant,
}

impl Run<'_> {
    /// What an emulator needs before anything runs under it.
    fn prepare(&mut self) -> Result<(), Stopped> {
        let failed = |what: String| Stopped::Unavailable(Unavailable::Failed(what));
        let Some(emulator) = self.emulator.filter(|_| self.start.outer.is_empty()) else { return Ok(()) };
        if self.probe.setup.is_some() || matches!(self.probe.start, Start::Script(_)) {
            if self.start.shell.is_none() {
                return Err(failed("a script under an emulator needs Debian's bash-static, which mmdebstrap brings".to_owned()));
            }
            let own =
                self.placement.programs.iter().map(|folder| (self.placement.installed.join(folder), Path::new(INSTALLED).join(folder)));
            let mut folders = own.collect::<Vec<_>>();
            if let (Root::Distribution(root), Emulator::Qemu(_)) = (self.root, emulator) {
                let own = |name| Some((libc::inside(&root.folder, name)?, Path::new("/").join(name)));
                folders.extend(["usr/bin", "bin"].into_iter().filter_map(own));
            }
            let written = commands::write(&self.scratch.join(commands::FOLDER), &self.start, &folders);
            written.map_err(|error| failed(format!("cannot write the commands of a script: {error}")))?;
        }
        if let Emulator::Wine(wine) = emulator {
            let shown =
                prefix::fresh(&wine.prefix, self.scratch).map_err(|error| failed(format!("cannot copy a prefix of wine: {error}")))?;
            self.start.binds.push(shown);
        }
        Ok(())
    }

    fn attempt(&self, result: &mut ProbeResult) -> Result<(), Stopped> {
        if let Some(setup) = &self.probe.setup {
            let (finished, said) = self.start(self.script(setup), None)?;
            if !(finished.ended == Ended::Exited && finished.status == Some(0)) {
                result.said = said;
                (result.status, result.signal) = (finished.status, finished.signal);
                return Err(self.setup_failed(&finished));
            }
        }
        let command = match &self.probe.start {
            Start::Script(script) => self.script(script),
            Start::Run(words) => self.program(words)?,
            // Whoever has a client asks it for the words first.
            Start::Client { name, .. } => return Err(Stopped::Failed(format!("`{name}` was not begun by its client"))),
        };
        result.ran = command.words.iter().map(|word| self.as_inside(&word.to_string_lossy())).collect();
        let (finished, said) = self.start(command, self.probe.until.clone())?;
        if self.is_namespace()
            && let Some(reason) = refusal(&finished)
        {
            return Err(reason);
        }
        // A Windows program has no signals, and every number for its status.
        let signals = self.is_namespace() && !matches!(self.emulator, Some(Emulator::Wine(_)));
        let End { status, signal } = end_of(&finished, signals, self.probe.expect.status);
        (result.status, result.signal) = (status, signal);
        result.outcome = judge(self.probe, &finished, End { status, signal }, &said);
        result.said = said;
        Ok(())
    }

    /// Why a failure may be the emulator's. The deadline of a program is what was left of the probe's time, so who used all of it was ended.
    fn doubt(&self, result: &ProbeResult) -> Option<String> {
        let timed_out = self.began.elapsed() >= Duration::from_secs(self.probe.timeout.into());
        self.emulator?.doubt(Death { signal: result.signal, timed_out }, &result.said)
    }

    fn is_namespace(&self) -> bool {
        !matches!(self.root, Root::Scrubbed)
    }

    fn setup_failed(&self, finished: &Finished) -> Stopped {
        match (finished.ended, finished.status) {
            (Ended::Cancelled, _) => Stopped::Unavailable(Unavailable::Failed("interrupted".to_owned())),
            (Ended::TimedOut, _) => Stopped::Failed(format!("the setup did not end within {} s", self.probe.timeout)),
            (_, Some(status)) => refusal(finished).unwrap_or_else(|| Stopped::Failed(format!("the setup ended with exit status {status}"))),
            (_, None) => Stopped::Failed("the setup was ended by a signal".to_owned()),
        }
    }

    /// The folder that the program finds the artifact in.
    fn installed(&self) -> PathBuf {
        match self.root {
            Root::Scrubbed => self.placement.installed.to_owned(),
            Root::Sandbox(_) | Root::Distribution(_) => PathBuf::from(INSTALLED),
        }
    }

    fn temporary(&self) -> PathBuf {
        match self.root {
            Root::Scrubbed => self.scratch.to_owned(),
            Root::Sandbox(_) | Root::Distribution(_) => PathBuf::from("/tmp"),
        }
    }

    fn script(&self, script: &str) -> Command {
        let shell = self.start.shell.as_ref().map_or_else(|| OsString::from("/bin/sh"), |shell| shell.clone().into_os_string());
        let words = vec![shell, "-eu".into(), "-c".into(), script.into()];
        Command { words, env: self.environment(true), needs_shell: self.emulator.is_none() }
    }

    fn program(&self, words: &[String]) -> Result<Command, Stopped> {
        let (name, args) = words.split_first().ok_or_else(|| Stopped::Failed("the probe names no program".to_owned()))?;
        let file = find(self.placement, name).ok_or_else(|| Stopped::Failed(format!("the artifact holds no program `{name}`")))?;
        let mut words = self.start.words.clone();
        words.push(self.installed().join(file).into_os_string());
        words.extend(args.iter().map(OsString::from));
        Ok(Command { words, env: self.environment(false), needs_shell: false })
    }

    /// A bare environment with the probe's on top. The host's own programs are within reach of scripts only.
    fn environment(&self, script: bool) -> BTreeMap<String, String> {
        let installed = self.installed();
        let mut path = self.placement.programs.iter().map(|folder| installed.join(folder).display().to_string()).collect::<Vec<_>>();
        if script && self.emulator.is_some() && self.start.outer.is_empty() {
            path.insert(0, self.temporary().join(commands::FOLDER).display().to_string());
        }
        if script || self.is_namespace() {
            path.extend(["/usr/bin".to_owned(), "/bin".to_owned()]);
        }
        let temporary = self.temporary();
        let text = |path: PathBuf| path.display().to_string();
        let bare = [
            ("HOME", text(temporary.join(HOME))),
            ("LANG", "C.UTF-8".to_owned()),
            ("PATH", path.join(":")),
            ("TERM", "dumb".to_owned()),
            ("TMPDIR", text(temporary)),
        ];
        let mut env = bare.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<BTreeMap<_, _>>();
        if matches!(self.emulator, Some(Emulator::Wine(_))) {
            // wine 10 crashes on it, and Windows has folders for what is temporary elsewhere.
            env.remove("TMPDIR");
        }
        env.extend(script.then(|| ("PLIMSOLL_ARTIFACT".to_owned(), text(installed))));
        env.extend(self.start.env.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        env.extend(self.probe.env.clone());
        env
    }

    fn start(&self, command: Command, until: Option<String>) -> Result<(Finished, String), Stopped> {
        let launch = self.launch(command).map_err(Stopped::Unavailable)?;
        for _ in 1..MOST_STARTS {
            let (finished, said) = self.start_once(launch.clone(), until.clone())?;
            if !(self.is_namespace() && is_busy(&finished)) {
                return Ok((finished, said));
            }
            std::thread::sleep(BUSY_PAUSE);
        }
        self.start_once(launch, until)
    }

    fn start_once(&self, mut launch: Launch, until: Option<String>) -> Result<(Finished, String), Stopped> {
        let allowed = Duration::from_secs(self.probe.timeout.into());
        launch.deadline = Some(allowed.saturating_sub(self.began.elapsed()));
        (launch.until, launch.capture_limit, launch.keep) = (until, CAPTURE, Keep::Tail);
        let mut said = Said::default();
        let finished = self.launcher.run(&launch, &mut |_: Stream, line| said.push(line));
        let finished = finished.map_err(|error| match self.root {
            // The program is there; so it is its interpreter that is not, or it is for another machine.
            Root::Scrubbed => match error {
                plimsoll_exec::launcher::LaunchError::Start { source, .. } => Stopped::Failed(format!("it did not start: {source}")),
                error => Stopped::Unavailable(Unavailable::Failed(error.to_string())),
            },
            Root::Sandbox(_) | Root::Distribution(_) => Stopped::Unavailable(Unavailable::Failed(error.to_string())),
        })?;
        Ok((finished, self.as_inside(&said.text)))
    }

    fn launch(&self, command: Command) -> Result<Launch, Unavailable> {
        let layout = match self.root {
            Root::Scrubbed => {
                let (program, args) = command.words.split_first().ok_or_else(|| Unavailable::Failed("no command".to_owned()))?;
                return Ok(Launch::new(program, self.scratch.join(WORK)).args(args).env(command.env).kept());
            }
            Root::Sandbox(root) => {
                let shell =
                    command.needs_shell.then(|| root.shell.as_ref().map_err(|reason| Unavailable::Failed(reason.clone()))).transpose()?;
                Layout::of_sandbox(root, shell.map(PathBuf::as_path))
            }
            Root::Distribution(root) => {
                let unreadable = |error| Unavailable::Failed(format!("cannot read {}: {error}", root.folder.display()));
                Layout::of_distribution(root).map_err(unreadable)?
            }
        };
        let isolation = self.isolation.ok_or_else(|| Unavailable::Failed("bubblewrap is not installed".to_owned()))?;
        let mut layout = layout;
        layout.place(self.placement.installed, self.scratch);
        layout.show(&self.start.binds);
        layout.set_env(&command.env);
        let mut words = isolation.unsharing();
        if self.network {
            words.push("--share-net".into());
        }
        let sources = layout.sources();
        words.extend(layout.words());
        words.push("--".into());
        words.extend(command.words);
        match self.start.outer.split_first() {
            None => {
                let given = [self.placement.installed, self.scratch].into_iter().try_for_each(|folder| isolation.give(folder));
                given.map_err(|error| Unavailable::Failed(format!("cannot give the probe its folders: {error}")))?;
                Ok(isolation.enter(words, &sources))
            }
            Some((program, outer)) => {
                let env = [("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")];
                let bubblewrap = self.start.bubblewrap.as_ref().unwrap_or(&isolation.program);
                Ok(Launch::new(program, "/").env(env).args(outer).args([bubblewrap]).args(words))
            }
        }
    }

    /// Paths of this machine as they would be in a root.
    fn as_inside(&self, text: &str) -> String {
        let text = text.replace(&self.placement.installed.display().to_string(), INSTALLED);
        text.replace(&self.scratch.display().to_string(), "/tmp")
    }
}

fn words_of(probe: &Probe) -> Vec<String> {
    match &probe.start {
        Start::Run(words) => words.clone(),
        Start::Script(script) => ["/bin/sh", "-eu", "-c", script].map(str::to_owned).to_vec(),
        Start::Client { name, .. } => vec![name.clone()],
    }
}

/// The artifact's file that a probe's first word means: a path in it, a program in its folders, or else the one file of that name.
fn find(placement: Placement<'_>, word: &str) -> Option<PathBuf> {
    let plain = Path::new(word).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !plain || word.is_empty() {
        return None;
    }
    let is_file = |path: &PathBuf| placement.installed.join(path).is_file();
    // Windows programs have a suffix that nobody types.
    let names = [word.to_owned(), format!("{word}.exe")];
    let places =
        names.iter().flat_map(|name| std::iter::once(PathBuf::from(name)).chain(placement.programs.iter().map(move |f| f.join(name))));
    places.into_iter().find(is_file).or_else(|| names.iter().find_map(|name| search(placement.installed, name)))
}

fn search(installed: &Path, name: &str) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut level = vec![installed.to_owned()];
    let mut seen = 0;
    while !level.is_empty() && seen < MOST_ENTRIES {
        level.sort();
        let mut next = Vec::new();
        for entry in level.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten() {
            seen += 1;
            let Ok(data) = entry.path().symlink_metadata() else { continue };
            if data.is_dir() {
                next.push(entry.path());
            } else if data.is_file() && data.permissions().mode() & 0o111 != 0 && entry.file_name() == name {
                return entry.path().strip_prefix(installed).ok().map(Path::to_owned);
            }
        }
        level = next;
    }
    None
}

#[cfg(test)]
mod tests;
