//! What Linux alone has: namespaces, overlays, a network that holds the harbor. Here each says so.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use super::launcher::{Finished, Launch, Launcher};

/// Ports that one network listens at, at most.
pub const MOST_PORTS: usize = 16;

fn unsupported() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "it needs Linux")
}

/// Nothing can be entered.
#[derive(Debug, Clone, Default)]
pub struct Namespaces {}

impl Namespaces {
    /// With an overlay, which there never is.
    #[must_use]
    pub const fn with_overlay(self, overlay: &Overlay) -> Self {
        match overlay.never {}
    }

    /// With a network, which there never is.
    #[must_use]
    pub const fn with_network(self, network: &HeldNetwork) -> Self {
        match network.never {}
    }

    /// With nothing more: what is given to bubblewrap is given to nobody.
    #[must_use]
    pub const fn with_ownership_answered(self) -> Self {
        self
    }

    /// No words.
    pub const fn filter() -> [std::ffi::OsString; 0] {
        []
    }

    /// Nothing can be entered.
    pub const fn is_empty(&self) -> bool {
        true
    }

    /// The program as it was.
    ///
    /// # Errors
    /// None.
    pub fn around(&self, _launcher: &Launcher, launch: Launch) -> io::Result<Launch> {
        Ok(launch)
    }

    /// Enters nothing.
    ///
    /// # Errors
    /// Always.
    pub fn attempt(&self, _launcher: &Launcher) -> io::Result<Launch> {
        Err(unsupported())
    }
}

/// None.
pub const fn refusal(_finished: &Finished) -> Option<String> {
    None
}

/// This process is never one that enters anything.
pub(super) const fn run() -> Option<u8> {
    None
}

/// There is none.
#[derive(Debug, Clone)]
pub struct Overlay {
    never: Infallible,
}

impl Overlay {
    /// Makes none.
    ///
    /// # Errors
    /// Always.
    pub fn make(_folder: &Path, _owner: Option<u32>) -> io::Result<Self> {
        Err(unsupported())
    }

    /// Of none.
    #[must_use]
    pub fn over(self, _lowers: Vec<PathBuf>) -> Self {
        match self.never {}
    }

    /// Of none.
    #[must_use]
    pub fn covered(self, _covered: Vec<PathBuf>) -> Self {
        match self.never {}
    }

    /// Of none.
    pub const fn merged(&self) -> PathBuf {
        match self.never {}
    }

    /// Of none.
    pub const fn upper(&self) -> PathBuf {
        match self.never {}
    }
}

/// There is none.
#[derive(Debug)]
pub struct HeldNetwork {
    never: Infallible,
}

/// Why there is no such network.
#[derive(Debug, thiserror::Error)]
pub enum NoNetwork {
    /// The system has none.
    #[error("it needs Linux")]
    Elsewhere,
}

impl HeldNetwork {
    /// Makes none.
    ///
    /// # Errors
    /// Always.
    pub const fn begin(_launcher: &Launcher, _folder: &Path, _ports: &[u16]) -> Result<(Self, Vec<TcpListener>), NoNetwork> {
        Err(NoNetwork::Elsewhere)
    }
}
