//! Systems with modes and links.

use std::ffi::OsStr;
use std::fs::{self, Metadata, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// Lets everybody read a file, and start it if it is a program, whatever the umask.
pub(crate) fn set_mode(place: &Path, executable: bool) -> io::Result<()> {
    fs::set_permissions(place, Permissions::from_mode(if executable { 0o755 } else { 0o644 }))
}

/// Whether anybody may start a file.
pub(crate) fn is_executable(data: &Metadata) -> bool {
    data.permissions().mode() & 0o111 != 0
}

/// Whether two files belong to one user.
pub(crate) fn is_same_user(one: &Metadata, other: &Metadata) -> bool {
    one.uid() == other.uid()
}

/// Makes a symbolic link.
pub(crate) fn symlink(target: &[u8], place: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(OsStr::from_bytes(target), place)
}

/// Whether a folder could not be put in a place because there is another one with something in it.
pub(crate) fn stands_in_the_way(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists)
}
