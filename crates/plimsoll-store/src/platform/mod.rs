//! What differs between systems about files: modes, links, names, and opening them. One file a system, all with the same functions.
//!
//! Nothing here knows the store.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use self::unix::*;
#[cfg(windows)]
pub use self::windows::*;
