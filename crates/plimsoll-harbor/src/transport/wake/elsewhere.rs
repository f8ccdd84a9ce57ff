//! A listener is woken by a client.

use std::net::{TcpListener, TcpStream};

/// Wakes the thread. Says whether it ends.
pub(in crate::transport) fn wake(listener: TcpListener) -> bool {
    listener.local_addr().is_ok_and(|address| TcpStream::connect(address).is_ok())
}
