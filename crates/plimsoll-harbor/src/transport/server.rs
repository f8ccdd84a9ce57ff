//! The server: its listeners, its threads, and their end. Knows no service but by its trait.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use super::Service;
use super::connection;
use super::faults::Faults;
use super::state::{Connection, Logged, ServerState};
use super::wake::wake;

/// Clients served at once; more are turned away by closing.
const MAX_CONNECTIONS: usize = 64;
/// A client that says or takes nothing for this long is left.
const PATIENCE: Duration = Duration::from_secs(20);

/// A service, served over HTTP on the loopback address. Stops when it is dropped.
pub struct Harbor {
    address: SocketAddr,
    state: Arc<ServerState>,
    accepting: Vec<Accepting>,
}

/// How a service is served.
pub struct ServeOptions {
    /// What goes wrong.
    pub faults: Faults,
    /// Where clients come in, bound to the loopback address of this network namespace or of another one; if there is none, on a port that
    /// nobody else has.
    pub listeners: Vec<TcpListener>,
    /// How long a client may say or take nothing, and how long it may take for a head; for a body it is thirty times as long.
    pub patience: Duration,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self { faults: Faults::none(), listeners: Vec::new(), patience: PATIENCE }
    }
}

/// A listener and the thread that waits at it.
struct Accepting {
    listener: TcpListener,
    thread: JoinHandle<()>,
}

/// What every thread that waits at a listener needs.
struct Server {
    service: Arc<dyn Service>,
    state: Arc<ServerState>,
    patience: Duration,
}

impl Harbor {
    /// Serves a service.
    ///
    /// # Errors
    /// If no port can be had, or a listener is bound to another address than the loopback one.
    pub fn serve(service: Arc<dyn Service>, options: ServeOptions) -> io::Result<Self> {
        let mut listeners = options.listeners;
        if listeners.is_empty() {
            listeners.push(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?);
        }
        let addresses = listeners.iter().map(loopback).collect::<io::Result<Vec<_>>>()?;
        let state = Arc::new(ServerState::new(options.faults));
        let mut harbor = Self { address: addresses[0], state: Arc::clone(&state), accepting: Vec::new() };
        let server = Arc::new(Server { service, state, patience: options.patience });
        for listener in listeners {
            let (own, for_thread) = (listener.try_clone()?, Arc::clone(&server));
            let thread = std::thread::Builder::new().name("harbor".to_owned()).spawn(move || for_thread.accept(&own))?;
            harbor.accepting.push(Accepting { listener, thread });
        }
        Ok(harbor)
    }

    /// `http://127.0.0.1:PORT` of the first listener, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far, in the order in which their heads arrived.
    pub fn requests(&self) -> Vec<Logged> {
        self.state.threads().log.clone()
    }
}

fn loopback(listener: &TcpListener) -> io::Result<SocketAddr> {
    let address = listener.local_addr()?;
    if address.ip().is_loopback() {
        return Ok(address);
    }
    let message = format!("the harbor serves this machine alone, and a listener is bound to {address}: bind it to the loopback address");
    Err(io::Error::new(io::ErrorKind::InvalidInput, message))
}

impl Drop for Harbor {
    fn drop(&mut self) {
        self.state.stop();
        for Accepting { listener, thread } in self.accepting.drain(..) {
            if wake(listener) {
                let _ = thread.join();
            }
        }
        let connections = std::mem::take(&mut self.state.threads().connections);
        for stream in connections.iter().filter_map(|connection| connection.stream.as_ref()) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        for connection in connections {
            let _ = connection.thread.join();
        }
    }
}

impl Server {
    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            let mut threads = self.state.threads();
            if threads.stop {
                return;
            }
            threads.connections.retain(|connection| !connection.thread.is_finished());
            let Ok(stream) = stream else {
                // No file handle left, for instance: one may be had a moment later.
                drop(threads);
                self.state.wait(Duration::from_millis(10));
                continue;
            };
            if threads.connections.len() >= MAX_CONNECTIONS {
                continue;
            }
            let Ok(kept) = stream.try_clone() else { continue };
            let server = Arc::clone(self);
            let serve = move || {
                let _letting_go = LettingGo(&server.state);
                connection::serve(&stream, server.patience, &*server.service, &server.state);
            };
            if let Ok(thread) = std::thread::Builder::new().name("harbor client".to_owned()).spawn(serve) {
                threads.connections.push(Connection { stream: Some(kept), thread });
            }
        }
    }
}

/// Lets go of the socket when a thread ends, also by a panic of the service.
struct LettingGo<'a>(&'a ServerState);

impl Drop for LettingGo<'_> {
    fn drop(&mut self) {
        self.0.let_go();
    }
}
