//! Files that whoever started plimsoll had open. One file a system.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use self::unix::keep_from_children;
#[cfg(windows)]
pub use self::windows::keep_from_children;
