//! The transport as clients and services see it: over real sockets, with curl, with what clients should not send, and with faults.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bodies;
mod curl;
mod faults;
mod hostile;
mod socket;
mod splits;
mod uploads;
