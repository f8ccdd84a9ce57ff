//! Ctrl-C, and what else asks plimsoll to end. One file a system.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use self::unix::on_request;
#[cfg(windows)]
pub use self::windows::on_request;
