//! Publishing: a sealed release into channels, complete before it is visible.
//!
//! Takes a [`Release`](plimsoll_model::Release), which holds only Proven artifacts; there is no other way in. What is written is asked of a
//! channel's [`state`](Channel::state) alone: no memory of earlier runs is ever taken for it.

pub mod account;
pub mod channel;
pub mod edition;
pub mod folder;
pub mod ledger;
pub mod publication;
pub mod pypi;
pub mod secret;
pub mod write;

mod claims;
mod published;
#[cfg(test)]
pub(crate) mod tests;

pub use account::{ChannelAccount, Deed, WriteAccount};
pub use channel::{Channel, Turn};
pub use edition::{Edition, EditionFile};
pub use folder::{FolderChannel, registry};
pub use ledger::{Ledger, LedgerEntry};
pub use publication::{Publication, Published, Witness};
pub use published::Documents;
pub use pypi::{PypiChannel, Repository, Trust, Uploader, Waiting};
pub use secret::Secret;
pub use write::{Act, Bytes, Receipt, Source, Write, WriteError, WriteState};
