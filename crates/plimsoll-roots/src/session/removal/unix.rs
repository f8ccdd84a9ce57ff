//! Removing what programs left that are not to be trusted: folders that nobody may read, links that lead out, folders within folders without end.
//!
//! Nothing is ever reached by a path of theirs. Each folder is opened from the one that holds it, without following links, and folders within it
//! are moved up to the top before they are looked at, so that no depth is too deep.

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, openat, renameat, statat, unlinkat};

/// How names begin that folders are given at the top.
const MOVED: &str = ".moved-";

/// Removes everything in a folder of ours, and leaves the folder.
pub(in crate::session) fn empty(folder: &Path) -> io::Result<()> {
    let top = openat(CWD, folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
    let mut waiting = Vec::new();
    for (name, is_folder) in entries(&top)? {
        if is_folder { waiting.push(name) } else { unlinkat(&top, OsStr::from_bytes(&name), AtFlags::empty())? }
    }
    let mut number = 0;
    while let Some(name) = waiting.pop() {
        let inner = open(&top, OsStr::from_bytes(&name))?;
        waiting.extend(clear(&inner, &top, &mut number)?);
        unlinkat(&top, OsStr::from_bytes(&name), AtFlags::REMOVEDIR)?;
    }
    Ok(())
}

/// Removes what is in a folder but other folders, and moves those to the top; gives back their names there.
fn clear(folder: &OwnedFd, top: &OwnedFd, number: &mut usize) -> io::Result<Vec<Vec<u8>>> {
    let mut moved = Vec::new();
    for (name, is_folder) in entries(folder)? {
        let name = OsStr::from_bytes(&name);
        if !is_folder {
            unlinkat(folder, name, AtFlags::empty())?;
            continue;
        }
        // Its entry for the folder that holds it is rewritten, which needs the right to write it.
        open(folder, name)?;
        let given = loop {
            *number += 1;
            let given = format!("{MOVED}{number}");
            // Something of theirs may have that name.
            if matches!(statat(top, given.as_str(), AtFlags::SYMLINK_NOFOLLOW), Err(rustix::io::Errno::NOENT)) {
                break given;
            }
        };
        renameat(folder, name, top, given.as_str())?;
        moved.push(given.into_bytes());
    }
    Ok(moved)
}

fn entries(folder: &OwnedFd) -> io::Result<Vec<(Vec<u8>, bool)>> {
    let mut entries = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        let kind = match entry.file_type() {
            FileType::Unknown => FileType::from_raw_mode(statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?.st_mode),
            known => known,
        };
        entries.push((name.to_bytes().to_vec(), kind.is_dir()));
    }
    Ok(entries)
}

/// Opens a folder in another, and gives this user every right to it first.
fn open(within: &OwnedFd, name: &OsStr) -> io::Result<OwnedFd> {
    let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    allow(within, name)?;
    Ok(openat(within, name, folder, Mode::empty())?)
}

/// By a number of this process's, so it is just the folder that was found that gets other rights: no call of Linux's before 6.6 does without following
/// a link.
#[cfg(target_os = "linux")]
fn allow(within: &OwnedFd, name: &OsStr) -> io::Result<()> {
    use std::os::fd::AsRawFd as _;
    let found = openat(within, name, OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
    Ok(rustix::fs::chmod(format!("/proc/self/fd/{}", found.as_raw_fd()).as_str(), Mode::RWXU)?)
}

#[cfg(not(target_os = "linux"))]
fn allow(within: &OwnedFd, name: &OsStr) -> io::Result<()> {
    Ok(rustix::fs::chmodat(within, name, Mode::RWXU, AtFlags::SYMLINK_NOFOLLOW)?)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn hostile_folders_go_and_nothing_beside_them() {
        let place = tempfile::tempdir().unwrap();
        let (kept, gone) = (place.path().join("kept"), place.path().join("gone"));
        for folder in [&kept, &gone] {
            fs::create_dir(folder).unwrap();
        }
        fs::write(kept.join("file"), "kept").unwrap();
        let closed = gone.join("closed/inner");
        fs::create_dir_all(&closed).unwrap();
        fs::write(closed.join("file"), "").unwrap();
        for name in [".moved-1", ".moved-3"] {
            fs::create_dir_all(gone.join(name).join("a/b")).unwrap();
        }
        fs::write(gone.join(".moved-2"), "").unwrap();
        symlink(&kept, gone.join("out")).unwrap();
        symlink("../../kept", gone.join("closed/out")).unwrap();
        for path in [closed, gone.join("closed")] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
        }
        empty(&gone).unwrap();
        assert_eq!(fs::read_dir(&gone).unwrap().count(), 0);
        assert_eq!(fs::read_to_string(kept.join("file")).unwrap(), "kept");
    }

    #[test]
    fn no_depth_is_too_deep() {
        let place = tempfile::tempdir().unwrap();
        let mut within = openat(CWD, place.path(), OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).unwrap();
        // Far longer than any path may be, and deeper than files can be open.
        for _ in 0..5000 {
            rustix::fs::mkdirat(&within, "a", Mode::RWXU).unwrap();
            within = open(&within, OsStr::new("a")).unwrap();
        }
        empty(place.path()).unwrap();
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
