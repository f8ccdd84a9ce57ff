//! A copy of a root whose files share their blocks with it until they are written (ioctl_ficlone(2)): on Btrfs, XFS and others, and nowhere else.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use plimsoll_store::platform;

/// Copies folders, files and links into a new folder.
///
/// # Errors
/// If the file system has no such copies, or refuses anything else.
pub(super) fn by_reflink(from: &Path, to: &Path) -> io::Result<()> {
    copy(from, to, &platform::share_blocks)
}

fn copy(from: &Path, to: &Path, clone: &dyn Fn(&File, &File) -> io::Result<()>) -> io::Result<()> {
    let mut waiting = vec![(from.to_owned(), to.to_owned())];
    let mut folders = Vec::new();
    while let Some((from, to)) = waiting.pop() {
        fs::create_dir(&to)?;
        for entry in fs::read_dir(&from)? {
            let entry = entry?;
            let (kind, place) = (entry.file_type()?, to.join(entry.file_name()));
            if kind.is_dir() {
                waiting.push((entry.path(), place));
            } else if kind.is_symlink() {
                platform::symlink(&fs::read_link(entry.path())?, &place)?;
            } else if kind.is_file() {
                let (source, target) = (File::open(entry.path())?, File::create_new(place)?);
                clone(&source, &target)?;
                target.set_permissions(source.metadata()?.permissions())?;
            }
        }
        folders.push((from, to));
    }
    // Last, since a folder may be one that nobody writes.
    folders.into_iter().try_for_each(|(from, to)| {
        let mode = platform::mode(&fs::metadata(from)?) & 0o1777;
        platform::set_mode(&to, mode)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    #[test]
    fn a_copy_is_the_same_and_takes_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let from = place.path().join("root");
        fs::create_dir_all(from.join("usr/bin")).unwrap();
        fs::write(from.join("usr/bin/tool"), "tool").unwrap();
        platform::set_mode(&from.join("usr/bin/tool"), 0o755).unwrap();
        platform::set_mode(&from.join("usr"), 0o555).unwrap();
        std::os::unix::fs::symlink("usr/bin", from.join("bin")).unwrap();
        let to = place.path().join("copy");
        copy(&from, &to, &|mut source, mut target| io::copy(&mut source, &mut target).map(drop)).unwrap();
        assert_eq!(tree::digest(&from).unwrap(), tree::digest(&to).unwrap());
        let refused = copy(&from, &place.path().join("other"), &|_, _| Err(io::ErrorKind::Unsupported.into()));
        assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::Unsupported);
    }
}
