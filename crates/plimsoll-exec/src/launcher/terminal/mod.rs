//! A pseudo-terminal for programs that do not start without a terminal. It controls nobody: a child's group stays its own.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(super) use self::unix::Terminal;
#[cfg(windows)]
pub(super) use self::windows::Terminal;
