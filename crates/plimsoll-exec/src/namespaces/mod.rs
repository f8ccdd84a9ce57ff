//! Namespaces that bubblewrap does not make: one in which an [`Overlay`] is mounted over read-only folders, and that of a [`HeldNetwork`].
//!
//! Makes argument lists. The program is started by way of plimsoll itself, which enters and then becomes it: one process, so signals, deadlines and
//! `--die-with-parent` are as they would be without. A mount is in the program's own mount namespace and goes with its last process; nothing of it is
//! ever seen by the machine. Nothing here decides what is in a root, or how it is laid out.

mod enter;
mod hold;
mod identity_map;
mod loopback;
mod network;
mod overlay;
mod ownership;
mod request;

use std::ffi::OsString;
use std::io;

use self::request::Request;
use super::launcher::{Finished, Launch, Launcher};

pub use self::network::{HeldNetwork, MOST_PORTS, NoNetwork};
pub use self::overlay::Overlay;

/// What it says if it did not come to the program: what it could not do follows.
const REFUSES: &str = "plimsoll cannot enter the namespaces: ";
/// The status that goes with these words.
const REFUSED: u8 = 127;

/// The descriptor that bubblewrap reads the filter for package managers from.
const FILTER: i32 = 9;

/// What a program is started in.
#[derive(Debug, Clone, Default)]
pub struct Namespaces {
    request: Request,
}

impl Namespaces {
    /// With an overlay.
    #[must_use]
    pub fn with_overlay(mut self, overlay: &Overlay) -> Self {
        self.request.overlay = Some(overlay.clone());
        self
    }

    /// With a network that is held.
    #[must_use]
    pub fn with_network(mut self, network: &HeldNetwork) -> Self {
        self.request.network = Some(network.namespace());
        self
    }

    /// With the filter for package managers, which bubblewrap is given by [`Namespaces::filter`].
    #[must_use]
    pub const fn with_ownership_answered(mut self) -> Self {
        self.request.answers_ownership = true;
        self
    }

    /// Words by which bubblewrap puts the filter on its program.
    pub fn filter() -> [OsString; 2] {
        ["--seccomp".into(), FILTER.to_string().into()]
    }

    /// Whether there is nothing to enter.
    pub const fn is_empty(&self) -> bool {
        self.request.is_empty()
    }

    /// The same program, started in them; as it was where nothing is to be entered.
    ///
    /// # Errors
    /// If this program cannot start itself again.
    pub fn around(&self, launcher: &Launcher, launch: Launch) -> io::Result<Launch> {
        if self.is_empty() {
            return Ok(launch);
        }
        let command = std::iter::once(launch.program.into_os_string()).chain(launch.args).collect::<Vec<_>>();
        Ok(Launch { program: itself(launcher)?, args: self.request.words(command), ..launch })
    }

    /// Enters them, and does nothing there.
    ///
    /// # Errors
    /// As [`Namespaces::around`].
    pub fn attempt(&self, launcher: &Launcher) -> io::Result<Launch> {
        Ok(Launch::new(itself(launcher)?, "/").args(self.request.words(Vec::new())))
    }
}

fn itself(launcher: &Launcher) -> io::Result<std::path::PathBuf> {
    let itself = launcher.itself().map(std::path::Path::to_owned);
    itself.ok_or_else(|| io::Error::new(io::ErrorKind::Unsupported, "this program cannot start itself again"))
}

/// Why the program was not started, if its namespaces are the reason. That a program says these words itself can only cost it its evidence.
pub fn refusal(finished: &Finished) -> Option<String> {
    let said = finished.stderr_text();
    said.lines().next()?.strip_prefix(REFUSES).filter(|_| finished.status == Some(REFUSED.into())).map(str::to_owned)
}

/// Does what the command line of this process says, if it is one of those made here; gives back the exit code.
pub(super) fn run() -> Option<u8> {
    let mut words = std::env::args_os().skip(1);
    let first = words.next()?;
    run_as(&first, words)
}

fn run_as(first: &OsString, mut words: impl Iterator<Item = OsString>) -> Option<u8> {
    let refused = match first.to_str()? {
        request::ENTER => Request::parse(&mut words).and_then(|(request, command)| enter::enter(&request, &command)),
        hold::USER => hold::user(),
        hold::NETWORK => hold::network(words),
        _ => return None,
    };
    Some(match refused {
        Ok(()) => 0,
        Err(why) => {
            // For plimsoll, which holds the other end; people are told by it.
            let _ = rustix::io::write(rustix::stdio::stderr(), format!("{REFUSES}{why}\n").as_bytes());
            REFUSED
        }
    })
}
