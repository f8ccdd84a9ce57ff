//! What programs of a root can reach by network: nothing, the harbor, or what this machine can.
//!
//! The harbor's network is one with loopback and nothing else: what the machine itself listens at, other interfaces and every other host are not there.
//! Nothing here serves anything.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use super::Unavailable;
use plimsoll_exec::launcher::Launcher;
use plimsoll_exec::namespaces::{HeldNetwork, NoNetwork};

/// What programs can reach.
#[derive(Debug, Clone, Default)]
pub enum NetworkAccess {
    /// Nothing; in `scrubbed`, which is the machine itself, whatever that can.
    #[default]
    None,
    /// The listeners of a harbor's network.
    Harbor(HarborNetwork),
    /// This machine's network.
    Open,
}

/// A network that holds the harbor and nothing else, there as long as any clone of this value.
#[derive(Debug, Clone)]
pub struct HarborNetwork {
    held: Arc<HeldNetwork>,
}

impl HarborNetwork {
    /// Makes one, as root or as any user who may make user namespaces, with a listener on its 127.0.0.1 at each of the ports (0: any), in that order:
    /// to be served from here. `folder` is one in which a folder can be made for a moment.
    ///
    /// # Errors
    /// [`Unavailable`], if this machine makes no such network.
    pub fn begin(launcher: &Launcher, folder: &Path, ports: &[u16]) -> Result<(Self, Vec<TcpListener>), Unavailable> {
        let (held, listeners) = HeldNetwork::begin(launcher, folder, ports).map_err(|error| unavailable(&error))?;
        Ok((Self { held: Arc::new(held) }, listeners))
    }

    pub(super) fn held(&self) -> &HeldNetwork {
        &self.held
    }
}

fn unavailable(error: &NoNetwork) -> Unavailable {
    Unavailable::Failed(format!("there is no network for the harbor alone: {error}"))
}
