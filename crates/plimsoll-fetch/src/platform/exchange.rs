//! Linux and macOS swap two folders in one step.

use std::io;
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};

/// Swaps two folders in one step.
pub(crate) fn exchange(new: &Path, to: &Path) -> io::Result<()> {
    Ok(renameat_with(CWD, new, CWD, to, RenameFlags::EXCHANGE)?)
}
