//! On Linux a listener may be in another network namespace, and so cannot be reached by its address.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::OwnedFd;

/// Wakes the thread. Says whether it ends.
pub(in crate::transport) fn wake(listener: TcpListener) -> bool {
    // The system call is the same for a socket that listens, only std has no name for it.
    TcpStream::from(OwnedFd::from(listener)).shutdown(Shutdown::Both).is_ok()
}
