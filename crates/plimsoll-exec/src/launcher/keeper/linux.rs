//! A process between plimsoll and a program that is in no namespace of its own: whatever that program starts ends with it, and with plimsoll.
//!
//! A program can leave its process group, and one whose starter was killed goes on. So this one, plimsoll itself started again, takes in every
//! descendant that loses its parent (PR_SET_CHILD_SUBREAPER), and kills them all when the program has ended, when it was told to stop, or when
//! the plimsoll that started it is gone. It ends as the program did.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, getpid, getppid, kill_process, wait};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// The word by which plimsoll is told to be one.
const KEEP: &str = "__keep";
/// What it says where the program could not be started: the system's number follows.
const CANNOT_START: &str = "plimsoll cannot start it: ";
const STANDARD_ERROR: &str = "/proc/self/fd/2";
/// The status that goes with these words.
const NOT_STARTED: u8 = 127;
/// How often it is looked whether plimsoll is still there.
const LOOK: Duration = Duration::from_millis(100);
/// What a program has for ending when it is told to: less than the one who tells waits before he kills this process.
const GRACE: Duration = Duration::from_millis(1500);
/// More rounds than are needed to end what goes on starting others.
const MOST_ROUNDS: usize = 1000;

/// What starts a keeper: this very program, even if its file was replaced. None where the system has no `/proc`.
pub fn program() -> Option<PathBuf> {
    Some(PathBuf::from("/proc/self/exe")).filter(|path| path.exists())
}

/// The keeper, told to start a program; the program's own words come after these.
#[expect(clippy::disallowed_methods, reason = "the launcher starts it")]
pub(in crate::launcher) fn command(keeper: &Path, program: &Path) -> Command {
    let mut command = Command::new(keeper);
    command.arg0("plimsoll").arg(KEEP).arg(std::process::id().to_string()).arg(program);
    command
}

/// Why the program was not started, as a keeper that has ended says it.
pub(in crate::launcher) fn refusal(status: Option<i32>, stderr: &str) -> Option<io::Error> {
    let number = stderr.trim_end().strip_prefix(CANNOT_START).filter(|_| status == Some(NOT_STARTED.into()))?;
    number.parse().ok().map(io::Error::from_raw_os_error)
}

/// Does what the command line of this process says, where it is that of a keeper; gives back the exit code.
pub fn run() -> Option<u8> {
    let mut words = std::env::args_os().skip(1);
    if words.next()? != KEEP {
        return None;
    }
    let plimsoll = words.next()?.to_str()?.parse().ok()?;
    Some(keep(plimsoll, words.next()?, words))
}

fn keep(plimsoll: i32, program: OsString, args: impl Iterator<Item = OsString>) -> u8 {
    let is_orphan = move || getppid().is_none_or(|parent| parent.as_raw_nonzero().get() != plimsoll);
    take_in_orphans();
    let told = Arc::new(AtomicBool::new(false));
    // The program is in the same process group, so it is told by whoever tells this process.
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        let _ = signal_hook::flag::register(signal, Arc::clone(&told));
    }
    let mut child = match start(&program, args) {
        Ok(child) => child,
        Err(error) => {
            // For plimsoll, which holds the other end; people are told by it.
            let _ = fs::write(STANDARD_ERROR, format!("{CANNOT_START}{}\n", error.raw_os_error().unwrap_or_default()));
            return NOT_STARTED;
        }
    };
    thread::spawn(move || watch(&told, &is_orphan));
    let status = await_end(&mut child);
    end_all();
    match status {
        Ok(status) => mirror(status),
        Err(_) => NOT_STARTED,
    }
}

/// Where the kernel refuses, what stays with its parents is ended all the same.
fn take_in_orphans() {
    let _ = rustix::process::set_child_subreaper(Some(getpid()));
}

#[expect(clippy::disallowed_methods, reason = "what starts programs starts this one, which starts one of them")]
fn start(program: &OsStr, args: impl Iterator<Item = OsString>) -> io::Result<Child> {
    let mut command = Command::new(program);
    command.args(args);
    let began = Instant::now();
    loop {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy && began.elapsed() < crate::launcher::BUSY => {
                thread::sleep(crate::launcher::BUSY_PAUSE);
            }
            started => return started,
        }
    }
}

/// Waits for the program, and meanwhile for whatever was left to this process.
fn await_end(child: &mut Child) -> io::Result<ExitStatus> {
    let program = Pid::from_child(child);
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == program => return Ok(ExitStatus::from_raw(status.as_raw())),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Ends everything when plimsoll is gone, or when a program does not end that was told to.
fn watch(told: &AtomicBool, is_orphan: &dyn Fn() -> bool) {
    let mut since = None;
    loop {
        thread::sleep(LOOK);
        if is_orphan() {
            end_all();
            let _ = kill_process(getpid(), Signal::KILL);
        }
        if told.load(Ordering::SeqCst) && since.get_or_insert_with(Instant::now).elapsed() > GRACE {
            end_all();
        }
    }
}

/// Kills every descendant, and what they start meanwhile.
fn end_all() {
    for _ in 0..MOST_ROUNDS {
        let alive = descendants();
        if alive.is_empty() {
            return;
        }
        for pid in alive {
            let _ = kill_process(pid, Signal::KILL);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Processes below this one that have not ended.
fn descendants() -> Vec<Pid> {
    let mut children = BTreeMap::<i32, Vec<i32>>::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        if let Some(parent) = parent(&stat) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut found = Vec::new();
    let mut waiting = vec![getpid().as_raw_nonzero().get()];
    while let Some(next) = waiting.pop() {
        // Taken out, so that numbers that were given anew meanwhile make no circle.
        for pid in children.remove(&next).unwrap_or_default() {
            waiting.push(pid);
            found.extend(Pid::from_raw(pid));
        }
    }
    found
}

/// The parent of a process that has not ended, out of its `stat` (proc(5)): `pid (name) state parent …`, where a name may hold anything.
fn parent(stat: &str) -> Option<i32> {
    let fields = stat.rsplit_once(')')?.1.split_whitespace().collect::<Vec<_>>();
    // A process whose first thread has ended counts as a zombie while others go on: `num_threads` is the 20th field.
    let threads = fields.get(17).and_then(|threads| threads.parse::<u32>().ok()).unwrap_or_default();
    if matches!(*fields.first()?, "Z" | "X") && threads <= 1 {
        return None;
    }
    fields.get(1)?.parse().ok()
}

/// Ends as the program did. A shell takes the place of this process for a signal: here some are caught, and others ignored.
#[expect(clippy::disallowed_methods, reason = "it is no child")]
fn mirror(status: ExitStatus) -> u8 {
    if let Some(code) = status.code() {
        return u8::try_from(code).unwrap_or(u8::MAX);
    }
    let signal = status.signal().unwrap_or_default();
    let _ = Command::new("/bin/sh").args(["-c", &format!("kill -{signal} $$")]).exec();
    end_code(signal)
}

/// As shells say it.
fn end_code(signal: i32) -> u8 {
    u8::try_from(signal).ok().and_then(|signal| signal.checked_add(128)).unwrap_or(NOT_STARTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_is_read_whatever_a_process_calls_itself() {
        assert_eq!(parent("7 (a) b) S 3 7 7 0 -1"), Some(3));
        assert_eq!(parent("7 (a) Z 3 7 7 0 -1"), None);
        assert_eq!(parent("7 (a) Z 3 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5"), None);
        assert_eq!(parent("7 (a) Z 3 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 2 0 5"), Some(3));
        assert_eq!(parent("7"), None);
    }

    #[test]
    fn only_a_keeper_s_own_words_are_its_refusal() {
        let number = |status, said| refusal(Some(status), said).and_then(|error| error.raw_os_error());
        assert_eq!(number(127, "plimsoll cannot start it: 2\n"), Some(2));
        assert_eq!(number(126, "plimsoll cannot start it: 2\n"), None);
        assert_eq!(number(127, "sh: 1: x: not found\n"), None);
    }
}
