//! Windows: no modes, and links that need rights.

use std::fs::Metadata;
use std::io;
use std::path::Path;

/// Nothing.
pub(crate) fn set_mode(_: &Path, _: bool) -> io::Result<()> {
    Ok(())
}

/// Every file can be started as far as its mode goes.
pub(crate) fn is_executable(_: &Metadata) -> bool {
    true
}

/// Users have no numbers; what others can write is decided by the folder above.
pub(crate) fn is_same_user(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Links are refused.
pub(crate) fn symlink(_: &[u8], _: &Path) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "symbolic links need rights on this system"))
}

/// Whether a folder could not be put in a place because there is another one: of that Windows says that the access is denied.
pub(crate) fn stands_in_the_way(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists | io::ErrorKind::PermissionDenied)
}
