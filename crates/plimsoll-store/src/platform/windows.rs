//! Files of Windows: no modes, links of two sorts, names of 16-bit units.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::windows::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use plimsoll_model::Digest;

use crate::stat_memory::Stamp;

/// `FILE_FLAG_OPEN_REPARSE_POINT` of CreateFileW: a link itself is opened, not what it leads to.
const OPEN_LINK: u32 = 0x0020_0000;
/// `ERROR_CANT_RESOLVE_FILENAME`: links lead in a circle.
const CIRCLE: i32 = 1921;
/// Endings of what CreateProcessW starts; scripts need an interpreter.
const PROGRAM: &str = "exe";

/// The mode that a file of another system would have: 0444 if it is read-only, else 0644, and for folders 0755.
pub fn mode(metadata: &Metadata) -> u32 {
    match (metadata.is_dir(), metadata.permissions().readonly()) {
        (true, _) => 0o755,
        (false, true) => 0o444,
        (false, false) => 0o644,
    }
}

/// Nothing: there are no modes, and a read-only file could not be replaced.
///
/// # Errors
/// If there is no such file.
pub fn set_mode(path: &Path, _mode: u32) -> io::Result<()> {
    fs::symlink_metadata(path).map(drop)
}

/// Nothing: see [`set_mode`].
///
/// # Errors
/// None.
pub const fn set_mode_of_open(_file: &File, _mode: u32) -> io::Result<()> {
    Ok(())
}

/// A maker of temporary files and folders, which have the rights of the folder that they are in.
pub fn temporary(_mode: u32) -> tempfile::Builder<'static, 'static> {
    tempfile::Builder::new()
}

/// Whether a file can be started, which its name says.
pub fn is_program(path: &Path) -> bool {
    path.is_file() && path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(PROGRAM))
}

/// The names by which a program may lie in a folder of `PATH`.
pub fn program_names(name: &str) -> Vec<String> {
    vec![format!("{name}.{PROGRAM}"), name.to_owned()]
}

/// Nothing: a file has the rights of its folder, which in a user's profile is this user's alone.
pub const fn make_private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// A link in place of the file is opened itself, and nothing is ever written to what it leads to.
pub fn refuse_links(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(OPEN_LINK)
}

/// Whether opening failed because links lead in a circle.
pub fn is_link_error(error: &io::Error) -> bool {
    error.raw_os_error() == Some(CIRCLE)
}

/// Makes a symbolic link, of the sort that its target asks for.
///
/// # Errors
/// Where the system refuses: without developer mode it lets administrators alone make links.
pub fn symlink(target: &Path, place: &Path) -> io::Result<()> {
    let led_to = place.parent().unwrap_or(Path::new("")).join(target);
    if led_to.is_dir() { std::os::windows::fs::symlink_dir(target, place) } else { std::os::windows::fs::symlink_file(target, place) }
}

/// The name of a file within a folder, as documents and plans have it on every system: parts with `/` between them. None if it is not UTF-8.
pub fn portable_name(inside: &Path) -> Option<String> {
    inside.to_str().map(|text| text.replace('\\', "/"))
}

/// A path as another program printed it.
///
/// # Errors
/// If it is not UTF-8.
pub fn path_of_bytes(bytes: &[u8]) -> io::Result<PathBuf> {
    std::str::from_utf8(bytes).map(PathBuf::from).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Nothing: a folder cannot be brought to the disk by itself, and NTFS keeps a log of names.
///
/// # Errors
/// If there is no such folder.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::metadata(folder).map(drop)
}

/// Nothing: that is for administrators.
///
/// # Errors
/// If there is no such folder.
pub fn sync_file_system(folder: &Path) -> io::Result<()> {
    sync_folder(folder)
}

/// A rename here replaces a file, so it is left to other ways.
///
/// # Errors
/// Always: of kind `Unsupported`.
pub fn rename_no_replace(_from: &Path, _to: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether a file system does not know what was asked of it.
pub fn is_unsupported(error: &io::Error) -> bool {
    // `ERROR_INVALID_FUNCTION`: FAT has no links.
    error.kind() == io::ErrorKind::Unsupported || error.raw_os_error() == Some(1)
}

/// Not known: a file has no number that is read without opening it.
pub const fn is_same_file(_one: &Path, _other: &Path) -> bool {
    false
}

/// The file that is locked so that a folder is one process's. Folders cannot be locked here, so it is one of this user's temporary files, named by
/// the folder's path.
///
/// # Errors
/// Where it cannot be made.
pub fn lock_of_folder(folder: &Path) -> io::Result<File> {
    let name = format!("plimsoll-{}.lock", Digest::of(folder.as_os_str().as_encoded_bytes()));
    OpenOptions::new().create(true).truncate(false).write(true).open(std::env::temp_dir().join(name))
}

/// What tells a folder from another one that lies at the same path later: when it was made, in units of 100 ns since 1601.
pub fn identity(metadata: &Metadata) -> u64 {
    metadata.creation_time()
}

/// Never anything: the time that no program can set back is not to be had, so each file is read anew.
pub const fn stamp(_metadata: &Metadata) -> Option<Stamp> {
    None
}

/// Whether this user may make something in a folder, as far as can be told without trying: that is found out when it is done.
pub fn may_write_in(folder: &Path) -> bool {
    folder.is_dir()
}

/// Windows has no such call.
///
/// # Errors
/// Always: of kind `NotFound` if one of the folders is not there, else `Unsupported`.
pub fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    fs::metadata(one)?;
    fs::metadata(other)?;
    Err(io::ErrorKind::Unsupported.into())
}

/// Not known.
pub const fn free_space(_folder: &Path) -> Option<u64> {
    None
}

/// Users have no numbers.
pub const fn owner(_metadata: &Metadata) -> Option<u32> {
    None
}

/// Users have no numbers.
///
/// # Errors
/// Always.
pub fn give_to(_path: &Path, _user: u32) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Not asked: nothing that needs it is done here.
pub const fn is_administrator() -> bool {
    false
}

/// Nothing here has need of such a call.
///
/// # Errors
/// Always.
pub fn share_blocks(_from: &File, _to: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
