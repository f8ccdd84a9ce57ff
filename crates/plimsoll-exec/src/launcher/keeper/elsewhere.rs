//! Nothing is kept here: a program is started as it is.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// There is none.
pub const fn program() -> Option<PathBuf> {
    None
}

/// This process is never one.
pub const fn run() -> Option<u8> {
    None
}

/// The program itself.
#[expect(clippy::disallowed_methods, reason = "the launcher starts it")]
pub(in crate::launcher) fn command(_keeper: &Path, program: &Path) -> Command {
    Command::new(program)
}

/// Never anything.
pub(in crate::launcher) const fn refusal(_status: Option<i32>, _stderr: &str) -> Option<io::Error> {
    None
}
