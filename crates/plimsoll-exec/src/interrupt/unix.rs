//! INT, TERM and HUP.

use std::io;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Calls `stop` in a thread of its own each time that this process is asked to end, instead of ending it.
///
/// # Errors
/// Where the system has no thread to give, or refuses a handler.
pub fn on_request(mut stop: impl FnMut() + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    let wait = move || signals.forever().for_each(|_| stop());
    thread::Builder::new().name("signals".to_owned()).spawn(wait).map(drop)
}
