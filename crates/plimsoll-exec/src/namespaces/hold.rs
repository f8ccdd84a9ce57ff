//! Processes that hold a namespace for others to enter, and end with whoever started them: they wait for the end of what that one holds.

use std::ffi::OsString;
use std::io::{self, IoSlice, Read as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;

use rustix::fs::stat;
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use rustix::process::geteuid;
use rustix::thread::UnshareFlags;

use super::enter::{failed, own_user_namespace, unshare};
use super::loopback;
use super::network::{Namespace, SPACE};

/// The word by which plimsoll is told to hold a user namespace without anybody in it.
pub(super) const USER: &str = "__hold-user";
/// The word by which plimsoll is told to hold a network: a socket in the working folder follows, and ports.
pub(super) const NETWORK: &str = "__hold-network";

/// Until its input ends.
pub(super) fn user() -> Result<(), String> {
    unshare(UnshareFlags::NEWUSER).map_err(failed("make a user namespace"))?;
    rustix::io::write(rustix::stdio::stdout(), b"\n").map_err(failed("say so"))?;
    io::stdin().read_to_end(&mut Vec::new()).map(drop).map_err(|error| error.to_string())
}

/// Listens at every port on loopback, hands all listeners over, and waits until the socket is closed at its other end.
pub(super) fn network(mut words: impl Iterator<Item = OsString>) -> Result<(), String> {
    let socket = words.next().ok_or("no socket")?;
    // Before it is another network, though a socket with a name is found from each.
    let mut plimsoll = UnixStream::connect(&socket).map_err(|error| format!("reach plimsoll: {error}"))?;
    if geteuid().is_root() {
        unshare(UnshareFlags::NEWNET).map_err(failed("make a network namespace"))?;
    } else {
        own_user_namespace(UnshareFlags::NEWNET)?;
    }
    loopback::up().map_err(failed("bring loopback up"))?;
    let mut listeners = Vec::new();
    for word in words {
        let port = word.to_str().and_then(|word| word.parse::<u16>().ok()).ok_or("no port")?;
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        listeners.push(bound.map_err(|error| format!("listen at port {port} of a network of its own: {error}"))?);
    }
    let inode = stat("/proc/self/ns/net").map_err(failed("look at the network"))?.st_ino;
    let namespace = Namespace { process: rustix::process::getpid().as_raw_nonzero().get(), inode };
    send(&plimsoll, namespace, &listeners).map_err(failed("hand the listeners over"))?;
    drop(listeners);
    plimsoll.read_to_end(&mut Vec::new()).map(drop).map_err(|error| error.to_string())
}

fn send(plimsoll: &UnixStream, namespace: Namespace, listeners: &[TcpListener]) -> rustix::io::Result<()> {
    let files = listeners.iter().map(TcpListener::as_fd).collect::<Vec<_>>();
    let mut space = SPACE;
    let mut rights = SendAncillaryBuffer::new(&mut space);
    if !files.is_empty() {
        rights.push(SendAncillaryMessage::ScmRights(&files));
    }
    let text = namespace.to_bytes();
    sendmsg(plimsoll, &[IoSlice::new(&text)], &mut rights, SendFlags::empty()).map(drop)
}
