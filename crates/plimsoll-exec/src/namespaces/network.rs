//! A network with loopback and nothing else, held by a process for as long as a value lives; its listeners are served from outside of it.
//!
//! Listeners are bound by the process that is in there and handed over with the rights to them (unix(7), `SCM_RIGHTS`): a socket stays in the
//! namespace that it was made in, whoever accepts from it.

use std::ffi::OsString;
use std::fs;
use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::{Shutdown, TcpListener};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, recvmsg};

use super::refusal;
use crate::launcher::{Launch, LaunchError, Launcher};

/// Ports of one network, at most.
pub const MOST_PORTS: usize = 16;
/// Room for the rights to their listeners.
pub(super) const SPACE: [MaybeUninit<u8>; rustix::cmsg_space!(ScmRights(MOST_PORTS))] =
    [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_PORTS))];

const SOCKET: &str = "s";
/// How long it takes at most.
const PATIENCE: Duration = Duration::from_secs(30);

/// A network namespace as the process that holds it knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Namespace {
    /// The process, as plimsoll sees it.
    pub(super) process: i32,
    /// The namespace's own number, which no other has while it is there.
    pub(super) inode: u64,
}

impl Namespace {
    const BYTES: usize = 12;

    pub(super) fn to_bytes(self) -> Vec<u8> {
        [self.process.to_ne_bytes().as_slice(), self.inode.to_ne_bytes().as_slice()].concat()
    }

    fn from_bytes(bytes: [u8; Self::BYTES]) -> Option<Self> {
        let (process, inode) = bytes.split_at(4);
        Some(Self { process: i32::from_ne_bytes(process.try_into().ok()?), inode: u64::from_ne_bytes(inode.try_into().ok()?) })
    }
}

/// A network that is there as long as this value.
#[derive(Debug)]
pub struct HeldNetwork {
    namespace: Namespace,
    plimsoll: UnixStream,
    holder: Option<JoinHandle<()>>,
}

/// Why there is no such network.
#[derive(Debug, thiserror::Error)]
pub enum NoNetwork {
    /// More ports than [`MOST_PORTS`].
    #[error("{0} ports are more than {MOST_PORTS}")]
    TooManyPorts(usize),
    /// The system refused.
    #[error("this machine makes no network namespace: {0}")]
    Refused(String),
    /// Its holder could not be started.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// It could not be spoken with.
    #[error("no word came from the holder of a network: {0}")]
    Io(#[from] io::Error),
}

impl HeldNetwork {
    /// Makes one, with a listener on 127.0.0.1 at each port (0: any), in that order. `folder` is one in which a folder can be made for a moment.
    ///
    /// # Errors
    /// [`NoNetwork`].
    pub fn begin(launcher: &Launcher, folder: &Path, ports: &[u16]) -> Result<(Self, Vec<TcpListener>), NoNetwork> {
        if ports.len() > MOST_PORTS {
            return Err(NoNetwork::TooManyPorts(ports.len()));
        }
        let place = tempfile::Builder::new().prefix("network-").tempdir_in(folder)?;
        let socket = listen(place.path())?;
        let program = super::itself(launcher)?;
        let words = [HOLD.into(), SOCKET.into()].into_iter().chain(ports.iter().map(|port| OsString::from(port.to_string())));
        let launch = Launch::new(program, place.path()).args(words);
        let (sender, ended) = mpsc::sync_channel(1);
        let starter = launcher.clone();
        let run = move || {
            // Nobody waits for the end of a network that came about.
            let _ = sender.send(starter.output(&launch));
        };
        let holder = thread::Builder::new().name("network".to_owned()).spawn(run)?;
        let connected = connected(&socket, &|| match ended.recv_timeout(Duration::from_millis(2)) {
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(NoNetwork::Refused("its holder is gone".to_owned())),
            Ok(Err(error)) => Some(error.into()),
            Ok(Ok(finished)) => Some(NoNetwork::Refused(refusal(&finished).unwrap_or_else(|| finished.stderr_text().trim().to_owned()))),
        });
        let plimsoll = connected?;
        let (namespace, listeners) = match receive(&plimsoll) {
            Ok(received) => received,
            // It says why, and ends.
            Err(error) => {
                let said = ended.recv_timeout(PATIENCE).ok().and_then(Result::ok).and_then(|finished| refusal(&finished));
                return Err(said.map_or(NoNetwork::Io(error), NoNetwork::Refused));
            }
        };
        Ok((Self { namespace, plimsoll, holder: Some(holder) }, listeners))
    }

    pub(super) const fn namespace(&self) -> Namespace {
        self.namespace
    }
}

impl Drop for HeldNetwork {
    fn drop(&mut self) {
        let _ = self.plimsoll.shutdown(Shutdown::Both);
        if let Some(holder) = self.holder.take() {
            let _ = holder.join();
        }
    }
}

const HOLD: &str = super::hold::NETWORK;

/// A socket with a name in a folder, whose path may be longer than what a socket's name may be.
fn listen(folder: &Path) -> io::Result<UnixListener> {
    let opened = fs::File::open(folder)?;
    let short = PathBuf::from(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&opened)));
    let listener = UnixListener::bind(short.join(SOCKET))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// The holder's connection, or why it did not come.
fn connected(socket: &UnixListener, refusal: &dyn Fn() -> Option<NoNetwork>) -> Result<UnixStream, NoNetwork> {
    let began = std::time::Instant::now();
    loop {
        match socket.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                return Ok(stream);
            }
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error.into()),
            Err(_) if began.elapsed() > PATIENCE => return Err(io::Error::from(io::ErrorKind::TimedOut).into()),
            Err(_) => {}
        }
        // Waits for a moment.
        if let Some(refusal) = refusal() {
            return Err(refusal);
        }
    }
}

fn receive(holder: &UnixStream) -> io::Result<(Namespace, Vec<TcpListener>)> {
    let mut bytes = [0; Namespace::BYTES];
    let mut space = SPACE;
    let mut rights = RecvAncillaryBuffer::new(&mut space);
    // No child gets them.
    let message = recvmsg(holder, &mut [IoSliceMut::new(&mut bytes)], &mut rights, RecvFlags::CMSG_CLOEXEC)?;
    if message.bytes != Namespace::BYTES || message.flags.contains(ReturnFlags::CTRUNC) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let namespace = Namespace::from_bytes(bytes).ok_or(io::ErrorKind::InvalidData)?;
    let files = rights.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(files) => Some(files),
        _ => None,
    });
    Ok((namespace, files.flatten().map(TcpListener::from).collect()))
}
