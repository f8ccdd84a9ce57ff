//! What a release is made or tried with and is not its own: prebuilt files, files of tests, packages that others
//! publish, and the release before this one. Each is locked by digest in
//! `plimsoll.lock`, fetched when it is first used, and used only if it is those bytes. After that the store has it, and no network is needed.

mod bring;
mod lock;
mod previous;
mod resolve;
mod update;
mod wheelhouse;

pub use bring::GivenStore;
pub use lock::{GivenLock, LockedArtifact, LockedRelease};
pub use resolve::{GivenFiles, PreviousRelease, resolve};
pub use update::{Changed, GivenPart, Update};
pub use wheelhouse::{Wheelhouse, WheelhouseKey, is_locked};
