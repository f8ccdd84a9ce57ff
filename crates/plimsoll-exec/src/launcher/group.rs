//! Live process groups: signalling them, and reaping their leaders only when nobody can signal them any more.

use std::collections::BTreeMap;
use std::io;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::Event;

/// All groups of one launcher.
#[derive(Default)]
pub(super) struct Groups {
    cancelled: AtomicBool,
    live: Mutex<BTreeMap<i32, Live>>,
}

struct Live {
    pid: Pid,
    waiting: SyncSender<Event>,
}

impl Groups {
    fn live(&self) -> MutexGuard<'_, BTreeMap<i32, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }

    pub(super) fn cancel(&self) {
        // Under the lock: a group registers either before, and is signalled here, or after, and sees the mark.
        let live = self.live();
        let signal = if self.cancelled.swap(true, Ordering::SeqCst) { Signal::KILL } else { Signal::TERM };
        for group in live.values() {
            let _ = kill_process_group(group.pid, signal);
            // A full channel means that its reader is awake anyway.
            let _ = group.waiting.try_send(Event::Wake);
        }
    }

    pub(super) fn register(self: &Arc<Self>, child: Child, waiting: SyncSender<Event>) -> Group {
        let pid = Pid::from_child(&child);
        self.live().insert(pid.as_raw_nonzero().get(), Live { pid, waiting });
        Group { pid, child: Some(child), groups: Arc::clone(self) }
    }
}

/// A child that leads its own process group. Dropped early, it is killed: no way out leaves a stray child.
pub(super) struct Group {
    pid: Pid,
    child: Option<Child>,
    groups: Arc<Groups>,
}

impl Group {
    /// Signals the whole group. That it has ended already is no error.
    pub(super) fn signal(&self, signal: Signal) {
        let _ = kill_process_group(self.pid, signal);
    }

    /// Sends [`Event::Exited`] when the leader has ended, without reaping it.
    pub(super) fn announce_exit(&self, sender: SyncSender<Event>) -> io::Result<()> {
        let pid = self.pid;
        let wait = move || {
            while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {}
            let _ = sender.send(Event::Exited);
        };
        thread::Builder::new().name("wait".to_owned()).spawn(wait).map(drop)
    }

    /// Takes the exit status; from here on the group's number may belong to others.
    pub(super) fn reap(mut self) -> io::Result<ExitStatus> {
        self.groups.live().remove(&self.pid.as_raw_nonzero().get());
        match self.child.take() {
            Some(mut child) => child.wait(),
            None => Err(io::Error::other("reaped twice")),
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            self.signal(Signal::KILL);
            self.groups.live().remove(&self.pid.as_raw_nonzero().get());
            let _ = child.wait();
        }
    }
}
