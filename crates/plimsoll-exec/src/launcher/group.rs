//! Live process groups: telling them to end, and reaping their leaders only when nobody can tell them any more.

use std::collections::BTreeMap;
use std::io;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::Event;
use super::process::{Process, Stop};

/// All groups of one launcher.
#[derive(Default)]
pub(super) struct Groups {
    cancelled: AtomicBool,
    live: Mutex<BTreeMap<u32, Live>>,
}

struct Live {
    process: Arc<Process>,
    waiting: SyncSender<Event>,
}

impl Groups {
    fn live(&self) -> MutexGuard<'_, BTreeMap<u32, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }

    pub(super) fn cancel(&self) {
        // Under the lock: a group registers either before, and is signalled here, or after, and sees the mark.
        let live = self.live();
        let how = if self.cancelled.swap(true, Ordering::SeqCst) { Stop::Kill } else { Stop::Ask };
        for group in live.values() {
            group.process.stop(how);
            // A full channel means that its reader is awake anyway.
            let _ = group.waiting.try_send(Event::Wake);
        }
    }

    /// A child that cannot be told to end is killed, and is no group.
    pub(super) fn register(self: &Arc<Self>, mut child: Child, waiting: SyncSender<Event>) -> io::Result<Group> {
        let process = match Process::of(&child) {
            Ok(process) => Arc::new(process),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(error);
            }
        };
        self.live().insert(child.id(), Live { process: Arc::clone(&process), waiting });
        Ok(Group { process, child: Some(child), groups: Arc::clone(self) })
    }
}

/// A child that leads its own process group. Dropped early, it is killed: no way out leaves a stray child.
pub(super) struct Group {
    process: Arc<Process>,
    child: Option<Child>,
    groups: Arc<Groups>,
}

impl Group {
    /// Tells the whole group. That it has ended already is no error.
    pub(super) fn stop(&self, how: Stop) {
        self.process.stop(how);
    }

    /// Sends [`Event::Exited`] when the leader has ended, without reaping it.
    pub(super) fn announce_exit(&self, sender: SyncSender<Event>) -> io::Result<()> {
        let process = Arc::clone(&self.process);
        let wait = move || {
            process.await_exit();
            let _ = sender.send(Event::Exited);
        };
        thread::Builder::new().name("wait".to_owned()).spawn(wait).map(drop)
    }

    /// Takes the exit status; from here on the group's number may belong to others.
    pub(super) fn reap(mut self) -> io::Result<ExitStatus> {
        match self.child.take() {
            Some(mut child) => {
                self.groups.live().remove(&child.id());
                child.wait()
            }
            None => Err(io::Error::other("reaped twice")),
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            self.stop(Stop::Kill);
            self.groups.live().remove(&child.id());
            let _ = child.wait();
        }
    }
}
