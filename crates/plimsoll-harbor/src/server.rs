//! The server: threads, their end, and the log of what was asked.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::connection;
use crate::faults::{Effect, FaultCounter, Faults};

/// Clients served at once; more are turned away by closing.
const MAX_CONNECTIONS: usize = 64;
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

/// A folder, served over HTTP on a port of the loopback address that nobody else has. Stops when it is dropped.
pub struct Harbor {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

/// What the threads of one server share.
pub(crate) struct Shared {
    faults: FaultCounter,
    state: Mutex<State>,
    stopping: Condvar,
}

#[derive(Default)]
struct State {
    stop: bool,
    log: Vec<Logged>,
    connections: Vec<(TcpStream, JoinHandle<()>)>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole after every statement, so a thread that panicked has not spoilt it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn strike(&self, path: &str) -> Vec<Effect> {
        self.faults.strike(path)
    }

    pub(crate) fn log(&self, method: &str, path: &str, range: Option<&str>, status: u16) {
        let mut state = self.state();
        if state.log.len() < MAX_LOG {
            state.log.push(Logged { method: method.to_owned(), path: path.to_owned(), range: range.map(str::to_owned), status });
        }
    }

    /// Waits, and says whether the server still stands afterwards.
    pub(crate) fn wait(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut state = self.state();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if state.stop || left.is_zero() {
                return !state.stop;
            }
            state = self.stopping.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Harbor {
    /// Serves the files below `path`, as they are at each request.
    ///
    /// # Errors
    /// Where `path` is no folder, or no port can be had.
    pub fn serve_folder(path: &Path, faults: Faults) -> io::Result<Self> {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        let root = path.canonicalize().map_err(named)?;
        if !root.is_dir() {
            return Err(named(io::ErrorKind::NotADirectory.into()));
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { faults: FaultCounter::new(faults), state: Mutex::default(), stopping: Condvar::new() });
        let for_thread = Arc::clone(&shared);
        let accepting = std::thread::Builder::new().name("harbor".to_owned()).spawn(move || accept(&listener, &root, &for_thread))?;
        Ok(Self { address, shared, accepting: Some(accepting) })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far, in the order in which they were answered.
    pub fn requests(&self) -> Vec<Logged> {
        self.shared.state().log.clone()
    }
}

impl Drop for Harbor {
    fn drop(&mut self) {
        self.shared.state().stop = true;
        self.shared.stopping.notify_all();
        // Wakes the thread that waits for a client.
        let woken = TcpStream::connect(self.address).is_ok();
        if let Some(accepting) = self.accepting.take().filter(|_| woken) {
            let _ = accepting.join();
        }
        let connections = std::mem::take(&mut self.shared.state().connections);
        for (stream, _) in &connections {
            let _ = stream.shutdown(Shutdown::Both);
        }
        for (_, thread) in connections {
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, root: &Path, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        let mut state = shared.state();
        if state.stop {
            return;
        }
        state.connections.retain(|(_, thread)| !thread.is_finished());
        let Ok(stream) = stream else {
            // No file handle left, for instance: one may be had a moment later.
            drop(state);
            shared.wait(Duration::from_millis(10));
            continue;
        };
        if state.connections.len() >= MAX_CONNECTIONS {
            continue;
        }
        let (root, for_thread) = (PathBuf::from(root), Arc::clone(shared));
        if let Ok(kept) = stream.try_clone() {
            let closing = kept.try_clone();
            let serve = move || {
                connection::serve(stream, &root, &for_thread);
                // The handle that is kept for stopping would hold the connection open.
                if let Ok(closing) = closing {
                    let _ = closing.shutdown(Shutdown::Both);
                }
            };
            if let Ok(thread) = std::thread::Builder::new().name("harbor client".to_owned()).spawn(serve) {
                state.connections.push((kept, thread));
            }
        }
    }
}
