//! The server: threads, their end, and the log of what was asked.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::connection;
use crate::faults::Faults;
use crate::state::{Logged, ServerState};

/// Clients served at once; more are turned away by closing.
const MAX_CONNECTIONS: usize = 64;

/// A folder, served over HTTP on a port of the loopback address that nobody else has. Stops when it is dropped.
pub struct Harbor {
    address: SocketAddr,
    state: Arc<ServerState>,
    accepting: Option<JoinHandle<()>>,
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
        let state = Arc::new(ServerState::new(faults));
        let for_thread = Arc::clone(&state);
        let accepting = std::thread::Builder::new().name("harbor".to_owned()).spawn(move || accept(&listener, &root, &for_thread))?;
        Ok(Self { address, state, accepting: Some(accepting) })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far, in the order in which they were answered.
    pub fn requests(&self) -> Vec<Logged> {
        self.state.threads().log.clone()
    }
}

impl Drop for Harbor {
    fn drop(&mut self) {
        self.state.stop();
        // Wakes the thread that waits for a client.
        let woken = TcpStream::connect(self.address).is_ok();
        if let Some(accepting) = self.accepting.take().filter(|_| woken) {
            let _ = accepting.join();
        }
        let connections = std::mem::take(&mut self.state.threads().connections);
        for (stream, _) in &connections {
            let _ = stream.shutdown(Shutdown::Both);
        }
        for (_, thread) in connections {
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, root: &Path, state: &Arc<ServerState>) {
    for stream in listener.incoming() {
        let mut threads = state.threads();
        if threads.stop {
            return;
        }
        threads.connections.retain(|(_, thread)| !thread.is_finished());
        let Ok(stream) = stream else {
            // No file handle left, for instance: one may be had a moment later.
            drop(threads);
            state.wait(Duration::from_millis(10));
            continue;
        };
        if threads.connections.len() >= MAX_CONNECTIONS {
            continue;
        }
        let (root, for_thread) = (PathBuf::from(root), Arc::clone(state));
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
                threads.connections.push((kept, thread));
            }
        }
    }
}
