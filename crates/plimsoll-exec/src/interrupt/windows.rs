//! Events of a console: Ctrl-C, Ctrl-Break, a closed window.

use std::io;

/// Calls `stop` in a thread of its own each time that this process is asked to end, instead of ending it.
///
/// # Errors
/// Where the system refuses a handler.
pub fn on_request(stop: impl FnMut() + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(stop).map_err(io::Error::other)
}
