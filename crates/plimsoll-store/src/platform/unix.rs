//! Files of Linux and macOS.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, CWD, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::stat_memory::Stamp;

/// The mode of a file: permissions, set-user-id and the like, without its kind.
pub fn mode(metadata: &Metadata) -> u32 {
    metadata.permissions().mode() & 0o7777
}

/// Gives a file or folder its mode.
///
/// # Errors
/// Where the file system refuses.
pub fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(mode))
}

/// The same for an open file.
///
/// # Errors
/// Where the file system refuses.
pub fn set_mode_of_open(file: &File, mode: u32) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(mode))
}

/// A maker of temporary files and folders that have this mode, but for the umask.
pub fn temporary(mode: u32) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.permissions(Permissions::from_mode(mode));
    builder
}

/// Whether this user may start a file.
pub fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|data| data.is_file() && mode(&data) & 0o111 != 0)
}

/// The names by which a program may lie in a folder of `PATH`.
pub fn program_names(name: &str) -> Vec<String> {
    vec![name.to_owned()]
}

/// A file that is made is readable by this user alone.
pub fn make_private(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

/// A link in place of the file is an error.
pub fn refuse_links(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
}

/// Whether opening failed because links lead in a circle, or because there was one that was refused.
pub fn is_link_error(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
}

/// Makes a symbolic link.
///
/// # Errors
/// Where the file system refuses.
pub fn symlink(target: &Path, place: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, place)
}

/// The name of a file within a folder, as documents and plans have it on every system: parts with `/` between them. None if it is not UTF-8.
pub fn portable_name(inside: &Path) -> Option<String> {
    inside.to_str().map(str::to_owned)
}

/// A path as another program printed it.
///
/// # Errors
/// None here, where paths are bytes.
pub fn path_of_bytes(bytes: &[u8]) -> io::Result<PathBuf> {
    Ok(PathBuf::from(OsString::from_vec(bytes.to_vec())))
}

/// Brings the names in a folder to the disk.
///
/// # Errors
/// Where the file system refuses.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Brings everything of the file system that a folder lies on to the disk.
///
/// # Errors
/// Where the disk does not take it.
pub fn sync_file_system(folder: &Path) -> io::Result<()> {
    let folder = File::open(folder)?;
    // What macOS has for one file is for all of them on Linux.
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(folder)?;
    #[cfg(not(target_os = "linux"))]
    folder.sync_all()?;
    Ok(())
}

/// Gives a file or folder another name, unless something has that.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] if something has it; [unsupported](is_unsupported) if the file system cannot.
pub fn rename_no_replace(from: &Path, to: &Path) -> io::Result<()> {
    Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

/// Whether a file system does not know what was asked of it; of a link it says that it is not permitted.
pub fn is_unsupported(error: &io::Error) -> bool {
    let unknown = [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP, Errno::PERM];
    error.kind() == io::ErrorKind::Unsupported || Errno::from_io_error(error).is_some_and(|error| unknown.contains(&error))
}

/// Whether two paths are names of one file.
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    let known = |path: &Path| fs::symlink_metadata(path).ok().map(|data| (data.dev(), data.ino()));
    known(one).is_some_and(|one| known(other) == Some(one))
}

/// The file that is locked so that a folder is one process's: the folder itself, so that nothing is left behind.
///
/// # Errors
/// Where it cannot be opened.
pub fn lock_of_folder(folder: &Path) -> io::Result<File> {
    File::open(folder)
}

/// What tells a folder from another one that lies at the same path later.
pub fn identity(metadata: &Metadata) -> u64 {
    metadata.ino()
}

/// What `stat` says, if equal stamps mean an unchanged file.
pub fn stamp(metadata: &Metadata) -> Option<Stamp> {
    Some(Stamp {
        size: metadata.len(),
        modified: (metadata.mtime(), metadata.mtime_nsec()),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
        inode: metadata.ino(),
        device: metadata.dev(),
    })
}

/// Whether this user may make something in a folder, as far as modes tell. Nothing is tried.
pub fn may_write_in(folder: &Path) -> bool {
    rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

/// Gives two folders each other's place at once.
///
/// # Errors
/// Of kind `Unsupported` where the file system has no such call, `NotFound` if one is not there, and what it says otherwise.
pub fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).map_err(|errno| match errno {
        Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP => io::ErrorKind::Unsupported.into(),
        other => other.into(),
    })
}

/// Bytes that this user may still write at a folder.
pub fn free_space(folder: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(folder).ok()?;
    stat.f_bavail.checked_mul(stat.f_frsize)
}

/// The number of the user whom a file belongs to.
pub fn owner(metadata: &Metadata) -> Option<u32> {
    Some(metadata.uid())
}

/// Gives a file, or a link itself, to a user and the group of the same number.
///
/// # Errors
/// Where the system refuses.
pub fn give_to(path: &Path, user: u32) -> io::Result<()> {
    std::os::unix::fs::lchown(path, Some(user), Some(user))
}

/// Whether this user may do everything.
pub fn is_administrator() -> bool {
    rustix::process::geteuid().is_root()
}

/// Has a new file share the blocks of another one until either is written (ioctl_ficlone(2)): on Btrfs, XFS and others of Linux.
///
/// # Errors
/// Where the file system has no such call.
#[cfg(target_os = "linux")]
pub fn share_blocks(from: &File, to: &File) -> io::Result<()> {
    Ok(rustix::fs::ioctl_ficlone(to, from)?)
}

/// macOS has no such call for files that are open.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub fn share_blocks(_from: &File, _to: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
