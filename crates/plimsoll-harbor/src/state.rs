//! What the threads of one server share: its end, the log of what was asked, and the faults that are still to come.

use std::net::TcpStream;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::faults::{Effect, FaultCounter, Faults};

/// Requests that the log keeps.
const MAX_LOG: usize = 100_000;

/// A request that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// `GET`, `HEAD`, …; `?` where it could not be read.
    pub method: String,
    /// The decoded path; `?` where it could not be read.
    pub path: String,
    /// The `Range` header.
    pub range: Option<String>,
    /// The status that was sent.
    pub status: u16,
}

/// What the threads of one server share.
pub(crate) struct ServerState {
    faults: FaultCounter,
    threads: Mutex<Threads>,
    stopping: Condvar,
}

/// What they change.
#[derive(Default)]
pub(crate) struct Threads {
    /// Whether they shall end.
    pub stop: bool,
    /// Requests that were answered.
    pub log: Vec<Logged>,
    /// Clients that are served now.
    pub connections: Vec<(TcpStream, JoinHandle<()>)>,
}

impl ServerState {
    pub(crate) fn new(faults: Faults) -> Self {
        Self { faults: FaultCounter::new(faults), threads: Mutex::default(), stopping: Condvar::new() }
    }

    /// Ends what waits, and what would begin.
    pub(crate) fn stop(&self) {
        self.threads().stop = true;
        self.stopping.notify_all();
    }

    pub(crate) fn threads(&self) -> MutexGuard<'_, Threads> {
        // It is whole after every statement, so a thread that panicked has not spoilt it.
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn strike(&self, path: &str) -> Vec<Effect> {
        self.faults.strike(path)
    }

    pub(crate) fn log(&self, method: &str, path: &str, range: Option<&str>, status: u16) {
        let mut threads = self.threads();
        if threads.log.len() < MAX_LOG {
            threads.log.push(Logged { method: method.to_owned(), path: path.to_owned(), range: range.map(str::to_owned), status });
        }
    }

    /// Waits, and says whether the server still stands afterwards.
    pub(crate) fn wait(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut threads = self.threads();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if threads.stop || left.is_zero() {
                return !threads.stop;
            }
            threads = self.stopping.wait_timeout(threads, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
