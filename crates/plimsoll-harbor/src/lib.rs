//! Local registries with faults on demand: what a rehearsal publishes to and installs from, and what tests break on purpose.
//!
//! A small HTTP/1.1 server over a folder, on the loopback address only. It never listens elsewhere, never writes, and never leaves its folder.

mod connection;
mod faults;
mod files;
mod request;
mod response;
mod server;
mod state;

pub use faults::{Effect, Fault, Faults, PathPattern};
pub use server::Harbor;
pub use state::Logged;
