//! std removes folders here by what is open, without following links, whatever is put in their places meanwhile.

use std::fs;
use std::io;
use std::path::Path;

/// Removes everything in a folder of ours, and leaves the folder.
pub(in crate::session) fn empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() { fs::remove_dir_all(entry.path())? } else { fs::remove_file(entry.path())? }
    }
    Ok(())
}
