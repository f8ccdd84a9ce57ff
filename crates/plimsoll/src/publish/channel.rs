//! A channel: where a release is published. One implementation a service; the order of calls is [`Publication`](super::Publication)'s alone.

use std::fs::File;

use plimsoll_model::{Failure, Release};

use super::edition::Edition;
use super::published::Documents;
use super::write::{Receipt, Write, WriteError, WriteState};

/// Where a release is published.
///
/// An implementation decides nothing about what is written: it says what there is ([`state`](Self::state)), and does what it is told.
pub trait Channel {
    /// As the manifest names it: `folder`.
    fn name(&self) -> &'static str;

    /// Where it is: a path or a URL.
    fn place(&self) -> String;

    /// Whether what was published can be taken back. Those that can come before those that cannot.
    fn can_be_undone(&self) -> bool;

    /// Everything that could stand in the way and can be known beforehand, and the documents of this release if it is public already.
    /// Reads only, and leaves no trace.
    ///
    /// # Errors
    /// If another release has this version there, or the channel cannot be written to.
    fn preflight(&self, release: &Release) -> Result<Option<Documents>, Failure>;

    /// Everything that the channel is to hold, in the order in which it is written. Asks nobody: the same edition gives the same writes.
    fn writes(&self, edition: &Edition) -> Vec<Write>;

    /// What the channel holds where `write` would go. Reads only.
    ///
    /// # Errors
    /// If it could not be found out.
    fn state(&self, write: &Write) -> Result<WriteState, Failure>;

    /// Keeps others out who publish the same, for as long as the turn is held, and removes what killed runs left and nobody will continue.
    ///
    /// # Errors
    /// If the turn cannot be had, or waiting was stopped.
    fn begin(&self, edition: &Edition) -> Result<Turn, Failure>;

    /// Does one write of any act but [`Reveal`](super::Act::Reveal). It is called on Absent and Partial only, and ends well only if the channel has
    /// it whole.
    ///
    /// # Errors
    /// If it was not done, or nobody knows.
    fn perform(&self, write: &Write) -> Result<Receipt, WriteError>;

    /// Makes public what was drafted. It is called after every write before it is there.
    ///
    /// # Errors
    /// As [`Channel::perform`].
    fn reveal(&self, edition: &Edition) -> Result<Receipt, WriteError>;
}

/// Held while a channel is written to.
#[derive(Debug)]
pub struct Turn {
    _lock: Option<File>,
}

impl Turn {
    /// A turn that lasts as long as the lock on `file`, which is held.
    pub const fn locked(file: File) -> Self {
        Self { _lock: Some(file) }
    }

    /// Where the service itself keeps writers apart.
    pub const fn unlocked() -> Self {
        Self { _lock: None }
    }
}
