//! Process groups.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::Stop;

/// A process that leads its own group.
#[derive(Debug)]
pub(in crate::launcher) struct Process {
    pid: Pid,
}

impl Process {
    /// Of a child that was started [`alone`].
    pub(in crate::launcher) fn of(child: &Child) -> io::Result<Self> {
        Ok(Self { pid: Pid::from_child(child) })
    }

    /// Tells the whole group. That it has ended already is no error.
    pub(in crate::launcher) fn stop(&self, how: Stop) {
        let signal = match how {
            Stop::Ask => Signal::TERM,
            Stop::Kill => Signal::KILL,
        };
        let _ = kill_process_group(self.pid, signal);
    }

    /// Waits until the leader has ended, without reaping it.
    pub(in crate::launcher) fn await_exit(&self) {
        while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(self.pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {}
    }
}

/// Has the child lead a group of its own.
pub(in crate::launcher) fn alone(command: &mut Command) {
    command.process_group(0);
}

/// The signal that ended a child.
pub(in crate::launcher) fn signal(status: ExitStatus) -> Option<i32> {
    status.signal()
}

/// A word as other programs read it: as it is.
pub(in crate::launcher) const fn spelled(word: &OsStr) -> Cow<'_, OsStr> {
    Cow::Borrowed(word)
}
