//! What differs between systems about files. One file a system, all with the same functions.

#[cfg(any(target_os = "linux", target_os = "macos"))]
mod exchange;
#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(crate) use self::exchange::exchange;
#[cfg(not(unix))]
pub(crate) use self::other::*;
#[cfg(unix)]
pub(crate) use self::unix::*;

/// Swaps two folders in one step.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub(crate) fn exchange(_: &std::path::Path, _: &std::path::Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
