//! Running one probe of an installed artifact as a step of a session.
//!
//! A crash or a missing library of the program is a failed probe; what this machine cannot do is `NotRun`. Nothing of the builder's machine
//! enters the result: paths are told as they are inside of a root, also for `scrubbed`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use plimsoll_model::{Outcome, Probe, ProbeResult, Start};

use super::program::find;
use super::refusal::{self, is_busy};
use super::said::Said;
use super::working_folder;
use super::{GIVEN_FILES, PREVIOUS, Placement, Session, StepUser};
use crate::emulator::{Death, Emulator, commands};
use crate::enter::{GIVEN, HOME, INSTALLED, WORK};
use crate::verdict::{End, end_of, judge};
use crate::{NetworkAccess, Root, Unavailable, libc};
use plimsoll_exec::bubblewrap::Isolation;
use plimsoll_exec::launcher::{Ended, Finished, Keep, Launch, LaunchError, Stream};
use plimsoll_exec::namespaces::Namespaces;

/// Bytes of each output in which the expected text is looked for.
const CAPTURE: usize = 1024 * 1024;
/// How often a program is started again that the kernel found still written to.
const MOST_STARTS: u32 = 20;
const BUSY_PAUSE: Duration = Duration::from_millis(100);

/// A command as the root sees it.
struct Command {
    words: Vec<OsString>,
    env: BTreeMap<String, String>,
    needs_shell: bool,
}

/// The result of a step that was not run, for this reason.
pub(super) fn not_run(probe: &Probe, reason: String) -> ProbeResult {
    ProbeResult {
        probe: probe.name.clone(),
        definition: probe.digest(),
        cpu: None,
        ran: words_of(probe),
        outcome: Outcome::NotRun(reason),
        status: None,
        signal: None,
        said: String::new(),
        milliseconds: 0,
    }
}

/// Runs a probe.
pub(super) fn run(session: &Session<'_>, user: StepUser, placement: Placement<'_>, probe: &Probe) -> ProbeResult {
    let mut result = not_run(probe, String::new());
    let mut step = Step { session, user, placement, probe, began: Instant::now() };
    let prepared = step.prepare();
    // What an emulator takes to get ready is not the program's time.
    step.began = Instant::now();
    match prepared.and_then(|()| step.attempt(&mut result)) {
        Ok(()) => {}
        Err(Stopped::Unavailable(reason)) => result.outcome = Outcome::NotRun(reason.to_string()),
        Err(Stopped::Failed(reason)) => result.outcome = Outcome::Failed(reason),
    }
    if let Outcome::Failed(reason) = &result.outcome
        && let Some(doubt) = step.doubt(&result)
    {
        result.outcome = Outcome::NotRun(format!("{doubt} ({reason})"));
    }
    result.milliseconds = u64::try_from(step.began.elapsed().as_millis()).unwrap_or(u64::MAX);
    result
}

/// A run that did not come to the point of being judged.
pub(super) enum Stopped {
    Unavailable(Unavailable),
    Failed(String),
}

struct Step<'a> {
    session: &'a Session<'a>,
    user: StepUser,
    placement: Placement<'a>,
    probe: &'a Probe,
    began: Instant,
}

impl Step<'_> {
    const fn root(&self) -> &Root {
        &self.session.exec_env.root
    }

    const fn emulator(&self) -> Option<&Emulator> {
        self.session.exec_env.emulator.as_ref()
    }

    /// Whether scripts start emulated programs by commands of their own.
    const fn has_commands(&self) -> bool {
        self.emulator().is_some() && self.session.start.outer.is_empty()
    }

    /// What an emulator needs before anything runs under it.
    fn prepare(&self) -> Result<(), Stopped> {
        if !self.has_commands() || (self.probe.setup.is_none() && !matches!(self.probe.start, Start::Script(_))) {
            return Ok(());
        }
        let failed = |what: String| Stopped::Unavailable(Unavailable::Failed(what));
        if self.session.start.shell.is_none() {
            return Err(failed("a script under an emulator needs Debian's bash-static, which mmdebstrap brings".to_owned()));
        }
        let own = self.placement.programs.iter().map(|folder| (self.placement.installed.join(folder), Path::new(INSTALLED).join(folder)));
        let mut folders = own.collect::<Vec<_>>();
        if let Some(Emulator::Qemu(_)) = self.emulator() {
            // What earlier steps installed comes before what the root has.
            let written = self.session.writable.written();
            let of_root = match self.root() {
                Root::Distribution(root) => Some(root.folder.clone()),
                Root::Sandbox(_) | Root::Scrubbed => None,
            };
            let below = |base: PathBuf| {
                ["usr/bin", "bin"].into_iter().filter_map(move |name| Some((libc::inside(&base, name)?, Path::new("/").join(name))))
            };
            folders.extend(written.into_iter().chain(of_root).flat_map(below));
        }
        let write = || -> io::Result<()> {
            let into = self.session.commands();
            // A step before this one may have had other programs. No step can write here.
            if into.exists() {
                fs::remove_dir_all(&into)?;
            }
            commands::write(&into, &self.session.start, &folders)
        };
        write().map_err(|error| failed(format!("cannot write the commands of a script: {error}")))
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
        if let Some(reason) = self.refusal(&finished) {
            return Err(reason);
        }
        // A Windows program has no signals, and every number for its status.
        let signals = self.is_namespace() && !matches!(self.emulator(), Some(Emulator::Wine(_)));
        let End { status, signal } = end_of(&finished, signals, self.probe.expect.status);
        (result.status, result.signal) = (status, signal);
        result.outcome = judge(self.probe, &finished, End { status, signal }, &said);
        result.said = said;
        Ok(())
    }

    /// Why a failure may be the emulator's. The deadline of a program is what was left of the probe's time, so who used all of it was ended.
    fn doubt(&self, result: &ProbeResult) -> Option<String> {
        let timed_out = self.began.elapsed() >= Duration::from_secs(self.probe.timeout.into());
        self.emulator()?.doubt(Death { signal: result.signal, timed_out }, &result.said)
    }

    const fn is_namespace(&self) -> bool {
        !matches!(self.root(), Root::Scrubbed)
    }

    /// Why the program was not run, if it was not.
    fn refusal(&self, finished: &Finished) -> Option<Stopped> {
        let entered = !self.namespaces(false).is_empty();
        entered
            .then(|| refusal::of_namespaces(finished))
            .flatten()
            .or_else(|| if self.is_namespace() { refusal::of_bubblewrap(finished) } else { None })
    }

    fn setup_failed(&self, finished: &Finished) -> Stopped {
        match (finished.ended, finished.status) {
            (Ended::Cancelled, _) => Stopped::Unavailable(Unavailable::Failed("interrupted".to_owned())),
            (Ended::TimedOut, _) => Stopped::Failed(format!("the setup did not end within {} s", self.probe.timeout)),
            (_, Some(status)) => {
                self.refusal(finished).unwrap_or_else(|| Stopped::Failed(format!("the setup ended with exit status {status}")))
            }
            (_, None) => Stopped::Failed("the setup was ended by a signal".to_owned()),
        }
    }

    /// The folder that the program finds the artifact in.
    fn installed(&self) -> PathBuf {
        if self.is_namespace() { PathBuf::from(INSTALLED) } else { self.placement.installed.to_owned() }
    }

    fn temporary(&self) -> PathBuf {
        if self.is_namespace() { PathBuf::from("/tmp") } else { self.session.scratch() }
    }

    fn script(&self, script: &str) -> Command {
        let shell = self.session.start.shell.as_ref().map_or_else(|| OsString::from("/bin/sh"), |shell| shell.clone().into_os_string());
        let words = vec![shell, "-eu".into(), "-c".into(), script.into()];
        Command { words, env: self.environment(true), needs_shell: self.emulator().is_none() }
    }

    fn program(&self, words: &[String]) -> Result<Command, Stopped> {
        let (name, args) = words.split_first().ok_or_else(|| Stopped::Failed("the probe names no program".to_owned()))?;
        let file = find(self.placement, name).ok_or_else(|| Stopped::Failed(format!("the artifact holds no program `{name}`")))?;
        let mut words = self.session.start.words.clone();
        words.push(self.installed().join(file).into_os_string());
        words.extend(args.iter().map(OsString::from));
        Ok(Command { words, env: self.environment(false), needs_shell: false })
    }

    /// A bare environment with the probe's on top. The host's own programs are within reach of scripts only.
    fn environment(&self, script: bool) -> BTreeMap<String, String> {
        let installed = self.installed();
        let mut path = self.placement.programs.iter().map(|folder| installed.join(folder).display().to_string()).collect::<Vec<_>>();
        if script && self.has_commands() {
            path.insert(0, commands::INSIDE.to_owned());
        }
        if self.user == StepUser::PackageManager {
            path.extend(["/usr/sbin".to_owned(), "/sbin".to_owned()]);
        }
        if script || self.is_namespace() {
            path.extend(["/usr/bin".to_owned(), "/bin".to_owned()]);
        }
        let temporary = self.temporary();
        let text = |path: PathBuf| path.display().to_string();
        let bare = [
            ("HOME", text(temporary.join(HOME))),
            ("LANG", "C.UTF-8".to_owned()),
            ("TERM", if self.probe.tty { "xterm-256color" } else { "dumb" }.to_owned()),
            ("PATH", self.search_path(&path)),
            ("TMPDIR", text(temporary)),
        ];
        let mut env = bare.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<BTreeMap<_, _>>();
        if matches!(self.emulator(), Some(Emulator::Wine(_))) {
            // wine 10 crashes on it, and Windows has folders for what is temporary elsewhere.
            env.remove("TMPDIR");
        }
        env.extend(script.then(|| ("PLIMSOLL_ARTIFACT".to_owned(), text(installed))));
        if let Some(given) = self.placement.given.filter(|_| script) {
            let given = if self.is_namespace() { Path::new(GIVEN) } else { given };
            env.insert("PLIMSOLL_GIVEN".to_owned(), text(given.join(GIVEN_FILES)));
            env.insert("PLIMSOLL_PREVIOUS".to_owned(), text(given.join(PREVIOUS)));
        }
        env.extend(self.session.start.env.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        env.extend(self.probe.env.clone());
        env
    }

    /// Inside of a root as Linux has it; else as this machine has it.
    fn search_path(&self, folders: &[String]) -> String {
        let own = || std::env::join_paths(folders).ok()?.into_string().ok();
        if self.is_namespace() { folders.join(":") } else { own().unwrap_or_default() }
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
        (launch.until, launch.capture_limit, launch.keep, launch.terminal) = (until, CAPTURE, Keep::Tail, self.probe.tty);
        let mut said = Said::default();
        let finished = self.session.launcher.run(&launch, &mut |_: Stream, line| said.push(line));
        let finished = finished.map_err(|error| match error {
            // The program is there; so it is its interpreter that is not, or it is for another machine.
            _ if !working_folder::is_there(&self.session.scratch()) => Stopped::Failed(working_folder::gone()),
            LaunchError::Start { source, .. } if !self.is_namespace() => Stopped::Failed(format!("it did not start: {source}")),
            error => Stopped::Unavailable(Unavailable::Failed(error.to_string())),
        })?;
        Ok((finished, self.as_inside(&said.text)))
    }

    /// What bubblewrap is started in, or the program itself if it needs no bubblewrap.
    fn namespaces(&self, needs_shell: bool) -> Namespaces {
        let namespaces = match &self.session.exec_env.network {
            NetworkAccess::Harbor(harbor) => Namespaces::default().with_network(harbor.held()),
            NetworkAccess::None | NetworkAccess::Open => Namespaces::default(),
        };
        let namespaces = match self.session.writable.overlay(needs_shell) {
            Some(overlay) => namespaces.with_overlay(overlay),
            None => namespaces,
        };
        match self.user {
            StepUser::Nobody => namespaces,
            StepUser::PackageManager => namespaces.with_ownership_answered(),
        }
    }

    fn launch(&self, command: Command) -> Result<Launch, Unavailable> {
        let namespaces = self.namespaces(command.needs_shell);
        let launch = if self.is_namespace() {
            self.isolated(command)?
        } else {
            let (program, args) = command.words.split_first().ok_or_else(|| Unavailable::Failed("no command".to_owned()))?;
            Launch::new(program, self.session.scratch().join(WORK)).args(args).env(command.env).kept()
        };
        namespaces.around(self.session.launcher, launch).map_err(|error| Unavailable::Failed(error.to_string()))
    }

    /// bubblewrap with the command.
    fn isolated(&self, command: Command) -> Result<Launch, Unavailable> {
        let mut layout = self.session.writable.layout(self.root(), command.needs_shell)?;
        let isolation = self.session.isolation.ok_or_else(no_bubblewrap)?;
        layout.place(self.placement.installed, &self.session.scratch());
        layout.show(&self.session.start.binds);
        layout.show(&self.placement.given.map(|given| (given.to_owned(), GIVEN.into())).into_iter().collect::<Vec<_>>());
        let commands = Some(self.session.commands()).filter(|folder| self.has_commands() && folder.exists());
        layout.show(&commands.clone().map(|folder| (folder, commands::INSIDE.into())).into_iter().collect::<Vec<_>>());
        layout.set_env(&command.env);
        let mut words = match self.user {
            StepUser::Nobody => isolation.unsharing(),
            StepUser::PackageManager => [isolation.unsharing_as_root(), Namespaces::filter().into()].concat(),
        };
        match &self.session.exec_env.network {
            NetworkAccess::None => {}
            // That of the harbor was entered before.
            NetworkAccess::Open | NetworkAccess::Harbor(_) => words.push("--share-net".into()),
        }
        let sources = layout.sources();
        words.extend(layout.words());
        words.push("--".into());
        words.extend(command.words);
        let Some((program, outer)) = self.session.start.outer.split_first() else {
            let folders = [self.placement.installed.to_owned(), self.session.scratch()];
            let beside = self.placement.given.map(Path::to_owned);
            let given = folders.iter().chain(&commands).chain(&beside).try_for_each(|folder| isolation.give(folder));
            given.map_err(|error| Unavailable::Failed(format!("cannot give the probe its folders: {error}")))?;
            return Ok(isolation.enter(words, &sources));
        };
        let env = [("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")];
        let bubblewrap = self.session.start.bubblewrap.as_ref().unwrap_or(&isolation.program);
        Ok(Launch::new(program, "/").env(env).args(outer).args([bubblewrap]).args(words))
    }

    /// Paths of this machine as they would be in a root.
    fn as_inside(&self, text: &str) -> String {
        let text = text.replace(&self.placement.installed.display().to_string(), INSTALLED);
        let text = self.placement.given.map_or_else(|| text.clone(), |given| text.replace(&given.display().to_string(), GIVEN));
        text.replace(&self.session.scratch().display().to_string(), "/tmp")
    }
}

/// Who the files of a session are to belong to: its programs, as this machine knows them.
pub(super) fn owner(isolation: &Isolation, start: &crate::emulator::Start) -> Option<u32> {
    // What lets the kernel know a processor starts bubblewrap itself.
    if start.outer.is_empty() { isolation.other_user() } else { None }
}

pub(super) fn no_bubblewrap() -> Unavailable {
    Unavailable::Failed("bubblewrap is not installed".to_owned())
}

fn words_of(probe: &Probe) -> Vec<String> {
    match &probe.start {
        Start::Run(words) => words.clone(),
        Start::Script(script) => ["/bin/sh", "-eu", "-c", script].map(str::to_owned).to_vec(),
        Start::Client { name, .. } => vec![name.clone()],
    }
}
