//! Starting programs: one long-lived thread does every start, each child has a process group of its own, no standard input,
//! a bounded capture and a deadline; it is asked to end with TERM, then made to with KILL.
//!
//! One thread, because bubblewrap's `--die-with-parent` (PR_SET_PDEATHSIG) is bound to the thread that forked, and because descriptors can
//! then be made inheritable for one child without another getting them. Nothing here knows what is started, or why.

mod capture;
mod error;
mod group;
mod interruptible;
pub mod keeper;
mod process;
mod terminal;
mod watch;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

pub use self::error::LaunchError;
use self::error::not_started;
use self::group::Groups;
pub use self::interruptible::Interruptible;
use self::terminal::Terminal;
use self::watch::Watch;
use super::cores::{Cores, Loan};
use super::environment;

/// How long a program is tried again that somebody may still write, and how often.
const BUSY: Duration = Duration::from_secs(5);
const BUSY_PAUSE: Duration = Duration::from_millis(10);
/// Bytes read at once, and how many such pieces wait for the reader.
const PIECE: usize = 32 * 1024;
const PIECES: usize = 8;

/// Which of a child's outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// Which part of a long output is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// The first bytes.
    Head,
    /// The last bytes.
    Tail,
}

/// A program and everything that it gets; nothing is taken over from this process.
#[derive(Debug, Clone)]
pub struct Launch {
    /// A path, or a name that is looked for in `env`'s PATH.
    pub program: PathBuf,
    /// Arguments, without the program's own name.
    pub args: Vec<OsString>,
    /// The complete environment.
    pub env: BTreeMap<OsString, OsString>,
    /// Working folder.
    pub cwd: PathBuf,
    /// Wall time after which the child is stopped.
    pub deadline: Option<Duration>,
    /// Text in either output that means success; the child is then stopped.
    pub until: Option<String>,
    /// Bytes kept of each output.
    pub capture_limit: usize,
    /// Which part is kept.
    pub keep: Keep,
    /// The budget of cores that the child draws from, as a jobserver; it must be started by one who holds a core.
    pub cores: Option<Cores>,
    /// Whether a [`keeper`] ends what the child has started when it or plimsoll has ended: for what is in no namespace of its own.
    pub kept: bool,
    /// Whether its three streams are a terminal; what it says there is its standard output.
    pub terminal: bool,
}

impl Launch {
    /// A program without arguments, with an empty environment, without a deadline, keeping the last MiB of each output.
    pub fn new(program: impl Into<PathBuf>, cwd: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            env: BTreeMap::new(),
            cwd: cwd.into(),
            deadline: None,
            until: None,
            capture_limit: 1024 * 1024,
            keep: Keep::Tail,
            cores: None,
            kept: false,
            terminal: false,
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Adds or replaces variables.
    #[must_use]
    pub fn env(mut self, variables: impl IntoIterator<Item = (impl Into<OsString>, impl Into<OsString>)>) -> Self {
        self.env.extend(variables.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// Puts a folder before all others of its `PATH`.
    #[must_use]
    pub fn first_in_path(self, folder: &Path) -> Self {
        let path = self.env.get(OsStr::new("PATH")).cloned().unwrap_or_default();
        let path = environment::before(folder, &path);
        self.env([("PATH", path)])
    }

    /// Sets the deadline.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Has a [`keeper`] between plimsoll and the program.
    #[must_use]
    pub const fn kept(mut self) -> Self {
        self.kept = true;
        self
    }

    /// The command as a person would read it.
    pub fn command_line(&self) -> String {
        let words = std::iter::once(self.program.as_os_str()).chain(self.args.iter().map(OsString::as_os_str));
        words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    }
}

/// How a child came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself.
    Exited,
    /// Stopped at its deadline.
    TimedOut,
    /// Said what was waited for.
    Until,
    /// Stopped by [`Launcher::cancel`].
    Cancelled,
}

/// A child that has ended.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Exit status, where it ended by itself.
    pub status: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What was kept of standard output; any bytes.
    pub stdout: Vec<u8>,
    /// What was kept of standard error; any bytes.
    pub stderr: Vec<u8>,
    /// Whether either output was longer than what was kept, or was not read to its end.
    pub truncated: bool,
    /// Wall time.
    pub duration: Duration,
    /// How it ended.
    pub ended: Ended,
}

impl Finished {
    /// Ended by itself with status 0.
    pub fn succeeded(&self) -> bool {
        self.ended == Ended::Exited && self.status == Some(0)
    }

    /// Standard output as text, other bytes replaced.
    pub fn stdout_text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text, other bytes replaced.
    pub fn stderr_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

/// Starts programs; clones share the one thread and the one interruption.
#[derive(Clone)]
pub struct Launcher {
    starter: Sender<Start>,
    groups: Arc<Groups>,
    keeper: Option<PathBuf>,
}

/// A request to the starting thread.
struct Start {
    command: Command,
    loan: Option<Arc<Loan>>,
    reply: SyncSender<io::Result<Child>>,
}

/// What the threads around a child tell the one that waits for it.
enum Event {
    Piece(Stream, Vec<u8>),
    Closed,
    Exited,
    Wake,
}

impl std::fmt::Debug for Launcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Launcher").field("cancelled", &self.is_cancelled()).finish_non_exhaustive()
    }
}

impl Launcher {
    /// Starts the thread.
    ///
    /// # Errors
    /// Where the system has no thread to give.
    pub fn new() -> io::Result<Self> {
        let (starter, requests) = mpsc::channel();
        thread::Builder::new().name("launcher".to_owned()).spawn(move || start_each(&requests))?;
        Ok(Self { starter, groups: Arc::new(Groups::default()), keeper: None })
    }

    /// With a program that keeps those who are to be kept; without one they are started as all others.
    #[must_use]
    pub fn kept_by(self, keeper: Option<PathBuf>) -> Self {
        Self { keeper, ..self }
    }

    /// Plimsoll itself, which does one thing in a process of its own if it is started with the words of [`itself`](crate::itself); none where that was
    /// not given.
    pub fn itself(&self) -> Option<&Path> {
        self.keeper.as_deref()
    }

    /// Runs to the end. Lines are handed over as they come, without their line end; what is not UTF-8 is replaced.
    ///
    /// When the child ends, what is left of its process group is killed.
    ///
    /// # Errors
    /// [`LaunchError`]; a program that ran and failed is no error.
    pub fn run(&self, launch: &Launch, on_line: &mut dyn FnMut(Stream, &str)) -> Result<Finished, LaunchError> {
        let started = Instant::now();
        // Declared first, dropped last: lent tokens are counted when nobody is left who could hold one.
        let loan = launch.cores.as_ref().map(|cores| Arc::new(cores.lend()));
        let terminal = launch.terminal.then(Terminal::open).transpose().map_err(|source| not_started(launch, source))?;
        let child = self.start(launch, loan.as_ref(), terminal.as_ref())?;
        let ours = terminal.map(Terminal::into_ours);
        let finished = self.accompany(child, ours, (launch, started), on_line)?;
        let refused = self.keeper(launch).and_then(|_| keeper::refusal(finished.status, &finished.stderr_text()));
        refused.map_or(Ok(finished), |source| Err(not_started(launch, source)))
    }

    /// From a child's start to its end.
    fn accompany(
        &self,
        mut child: Child,
        terminal: Option<File>,
        (launch, started): (&Launch, Instant),
        on_line: &mut dyn FnMut(Stream, &str),
    ) -> Result<Finished, LaunchError> {
        let (sender, events) = mpsc::sync_channel(PIECES);
        let refused = |source| LaunchError::Start { program: launch.program.clone(), source };
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let group = self.groups.register(child, sender.clone()).map_err(refused)?;
        stdout.map_or(Ok(()), |stdout| follow(stdout, Stream::Output, sender.clone())).map_err(refused)?;
        stderr.map_or(Ok(()), |stderr| follow(stderr, Stream::Error, sender.clone())).map_err(refused)?;
        if let Some(terminal) = terminal {
            follow(terminal, Stream::Output, sender.clone()).map_err(refused)?;
            follow(io::empty(), Stream::Error, sender.clone()).map_err(refused)?;
        }
        group.announce_exit(sender).map_err(refused)?;
        let mut watch = Watch::new(launch, started);
        watch.attend(&events, &group, &self.groups, on_line);
        let status = group.reap().map_err(refused)?;
        Ok(watch.finish(status, on_line))
    }

    /// Runs without looking at lines.
    ///
    /// # Errors
    /// As [`Launcher::run`].
    pub fn output(&self, launch: &Launch) -> Result<Finished, LaunchError> {
        self.run(launch, &mut |_, _| {})
    }

    /// Stops everything: TERM to each live group, KILL after two seconds, or at once when called again. Later runs are refused.
    pub fn cancel(&self) {
        self.groups.cancel();
    }

    /// Whether [`Launcher::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.groups.is_cancelled()
    }

    /// A program that somebody may still write is tried again: programs of ours are closed before they are named, and those that a build has
    /// just made belong to children that are about to end.
    fn start(&self, launch: &Launch, loan: Option<&Arc<Loan>>, terminal: Option<&Terminal>) -> Result<Child, LaunchError> {
        let began = Instant::now();
        loop {
            match self.start_once(launch, loan, terminal) {
                Err(LaunchError::Start { source, .. }) if source.kind() == io::ErrorKind::ExecutableFileBusy && began.elapsed() < BUSY => {
                    thread::sleep(BUSY_PAUSE);
                }
                started => return started,
            }
        }
    }

    fn start_once(&self, launch: &Launch, loan: Option<&Arc<Loan>>, terminal: Option<&Terminal>) -> Result<Child, LaunchError> {
        if self.is_cancelled() {
            return Err(LaunchError::Cancelled);
        }
        if !launch.cwd.is_dir() {
            return Err(LaunchError::WorkingFolder { path: launch.cwd.clone() });
        }
        let (reply, answer) = mpsc::sync_channel(1);
        let mut command = command(launch, loan.map(Arc::as_ref), self.keeper(launch));
        if let Some(terminal) = terminal {
            terminal.give(&mut command).map_err(|source| not_started(launch, source))?;
        }
        let gone = || io::Error::other("the starting thread has ended");
        let sent = self.starter.send(Start { command, loan: loan.cloned(), reply }).map_err(|_| gone());
        let result = sent.and_then(|()| answer.recv().map_err(|_| gone())?);
        result.map_err(|source| not_started(launch, source))
    }

    /// What keeps a program, where it is one to be kept.
    fn keeper(&self, launch: &Launch) -> Option<&Path> {
        self.keeper.as_deref().filter(|_| launch.kept)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that starts programs")]
fn command(launch: &Launch, loan: Option<&Loan>, keeper: Option<&Path>) -> Command {
    let program = process::spelled(launch.program.as_os_str());
    let program = Path::new(&program);
    let mut command = keeper.map_or_else(|| Command::new(program), |keeper| keeper::command(keeper, program));
    command.args(launch.args.iter().map(|word| process::spelled(word))).env_clear();
    command
        .envs(launch.env.iter().map(|(name, value)| (name, process::spelled(value))))
        .current_dir(process::spelled(launch.cwd.as_os_str()));
    if let Some(loan) = loan {
        command.envs(loan.variables());
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    process::alone(&mut command);
    command
}

fn start_each(requests: &Receiver<Start>) {
    for Start { mut command, loan, reply } in requests {
        let child = match &loan {
            Some(loan) => loan.inherited(|| command.spawn()),
            None => command.spawn(),
        };
        // The one who asked may be gone by a panic: then nobody would wait for the child.
        if let Err(mpsc::SendError(Ok(mut child))) = reply.send(child) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn follow(mut pipe: impl Read + Send + 'static, stream: Stream, sender: SyncSender<Event>) -> io::Result<()> {
    let read = move || {
        let mut buffer = vec![0; PIECE];
        loop {
            match pipe.read(&mut buffer) {
                Ok(read) if read > 0 => {
                    if sender.send(Event::Piece(stream, buffer[..read].to_vec())).is_err() {
                        return;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                _ => break,
            }
        }
        let _ = sender.send(Event::Closed);
    };
    thread::Builder::new().name("output".to_owned()).spawn(read).map(drop)
}

#[cfg(test)]
mod tests;
