//! What the threads of one server share: its end, the log of what was asked, and the faults that are still to come.

use std::net::TcpStream;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::faults::{Effect, FaultCounter, Faults, Moment};

/// Requests that the log keeps.
const MAX_LOG: usize = 100_000;

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// `GET`, `HEAD`, …; `?` if it could not be read.
    pub method: String,
    /// The decoded path, or the target if it cannot be decoded; `?` if it could not be read.
    pub path: String,
    /// The `Range` header.
    pub range: Option<String>,
    /// The status that was sent; none as long as there is none, and if the connection ended without an answer.
    pub status: Option<u16>,
    /// Whether a fault struck it.
    pub is_struck: bool,
    /// How many bytes of its body came, without what frames them.
    pub received: u64,
}

/// What the threads of one server share.
pub(super) struct ServerState {
    faults: FaultCounter,
    threads: Mutex<Threads>,
    stopping: Condvar,
}

/// What they change.
#[derive(Default)]
pub(super) struct Threads {
    /// Whether they shall end.
    pub stop: bool,
    /// Requests that came.
    pub log: Vec<Logged>,
    /// Clients that are served now, and threads of others that are about to end.
    pub connections: Vec<Connection>,
}

/// A client that is served.
pub(super) struct Connection {
    /// Its socket, to end what waits for it; none if the thread is done with it.
    pub stream: Option<TcpStream>,
    /// The thread that serves it.
    pub thread: JoinHandle<()>,
}

/// The place of a request in the log, if the log has one for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry(Option<usize>);

impl ServerState {
    pub(super) fn new(faults: Faults) -> Self {
        Self { faults: FaultCounter::new(faults), threads: Mutex::default(), stopping: Condvar::new() }
    }

    /// Ends what waits, and what would begin.
    pub(super) fn stop(&self) {
        self.threads().stop = true;
        self.stopping.notify_all();
    }

    pub(super) fn threads(&self) -> MutexGuard<'_, Threads> {
        // It is whole after every statement, so a thread that panicked has not spoilt it.
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request and writes it down; says what strikes it.
    pub(super) fn arrived(&self, method: &str, path: &str, range: Option<&str>) -> (Entry, Vec<(Moment, Effect)>) {
        let mut threads = self.threads();
        // Under the lock, so that the order of the log is the one in which faults count.
        let struck = self.faults.strike(method, path);
        let is_struck = !struck.is_empty();
        let range = range.map(str::to_owned);
        (threads.note(Logged { method: method.to_owned(), path: path.to_owned(), range, status: None, is_struck, received: 0 }), struck)
    }

    /// Writes down what could not be read.
    pub(super) fn refused(&self, status: u16) {
        let unread = || "?".to_owned();
        let logged = Logged { method: unread(), path: unread(), range: None, status: Some(status), is_struck: false, received: 0 };
        self.threads().note(logged);
    }

    /// Writes down how a request ended.
    pub(super) fn ended(&self, entry: Entry, status: Option<u16>, received: u64) {
        let mut threads = self.threads();
        if let Some(logged) = entry.0.and_then(|index| threads.log.get_mut(index)) {
            (logged.status, logged.received) = (status, received);
        }
    }

    /// Lets go of the socket that the thread that calls it served. As long as one handle of it is open, a client that still sends is neither heard
    /// nor told to stop.
    pub(super) fn let_go(&self) {
        let own = std::thread::current().id();
        let mut threads = self.threads();
        if let Some(connection) = threads.connections.iter_mut().find(|connection| connection.thread.thread().id() == own) {
            connection.stream = None;
        }
    }

    /// Waits, and says whether the server still stands afterwards.
    pub(super) fn wait(&self, time: Duration) -> bool {
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

impl Threads {
    fn note(&mut self, logged: Logged) -> Entry {
        let index = self.log.len();
        if index >= MAX_LOG {
            return Entry(None);
        }
        self.log.push(logged);
        Entry(Some(index))
    }
}
