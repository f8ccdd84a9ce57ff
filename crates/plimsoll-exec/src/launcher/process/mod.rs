//! A child with everything that it started: a process group, or on Windows a job. One file a system, both with the same functions.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(super) use self::unix::{Process, alone, signal, spelled};
#[cfg(windows)]
pub(super) use self::windows::{Process, alone, signal, spelled};

/// How a child is made to end, and all that it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// It is asked, and may put its things in order.
    Ask,
    /// It has no choice.
    Kill,
}
