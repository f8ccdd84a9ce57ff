//! A root file system out of a tar that nobody vouches for, without privileges: folders, files and links below one new folder.
//!
//! Absolute links are what systems have and stay as they are, because they are only followed inside of the root. Devices, pipes and sockets
//! are passed over; owners, times, set-user-id bits and the like are dropped. Nothing is ever written through a link.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek};
use std::path::{Component, Path, PathBuf};

use plimsoll_store::platform::{self, symlink};
use plimsoll_store::programs;
use tar::{Archive, Entry, EntryType};

/// Members of a whole distribution with room to spare: Fedora's image has some 15,000.
const MOST_MEMBERS: usize = 400_000;
/// Bytes of all files.
const MOST_BYTES: u64 = 8 << 30;
/// Bytes of a header that carries a long name: the longest path that Linux takes, and what stands around it.
const LONGEST_HEADER: u64 = 64 << 10;

/// Folders above a member: each costs a look for every one.
const DEEPEST: usize = 100;

/// Why a tar was not unpacked.
#[derive(Debug, thiserror::Error)]
pub(super) enum RefusedTar {
    /// It is cut short, or no tar.
    #[error("the archive cannot be read")]
    Stream(#[source] io::Error),
    /// A place in the new folder could not be written.
    #[error("cannot write {}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// A member that would lie elsewhere.
    #[error("member `{name}` {problem}")]
    Member { name: String, problem: &'static str },
    /// A link that would lead elsewhere.
    #[error("link `{name}` to `{target}` {problem}")]
    Link { name: String, target: String, problem: &'static str },
    /// Far more than any system has.
    #[error("the archive has more than {0}")]
    TooMuch(String),
}

/// Unpacks the tar `archive` into `root`, a folder that is there and empty.
pub(super) fn unpack(archive: &Path, root: &Path) -> Result<(), RefusedTar> {
    let mut file = File::open(archive).map_err(RefusedTar::Stream)?;
    measure(&mut file)?;
    file.rewind().map_err(RefusedTar::Stream)?;
    let mut reader = Archive::new(io::BufReader::with_capacity(128 * 1024, file));
    let mut left = MOST_BYTES;
    let mut seen = 0;
    for entry in reader.entries().map_err(RefusedTar::Stream)? {
        let mut entry = entry.map_err(RefusedTar::Stream)?;
        member(&mut entry, root, &mut left)?;
        seen += 1;
    }
    if seen == 0 { Err(RefusedTar::Stream(io::Error::other("it has no member"))) } else { Ok(()) }
}

/// Looks at headers only: what a long name would take of memory, and how much there is in all.
fn measure(file: &mut File) -> Result<(), RefusedTar> {
    let mut reader = Archive::new(file);
    let mut bytes = 0_u64;
    for (count, entry) in reader.entries_with_seek().map_err(RefusedTar::Stream)?.raw(true).enumerate() {
        let entry = entry.map_err(RefusedTar::Stream)?;
        let kind = entry.header().entry_type();
        let size = entry.header().entry_size().map_err(RefusedTar::Stream)?;
        let extension =
            kind.is_gnu_longname() || kind.is_gnu_longlink() || kind.is_pax_local_extensions() || kind.is_pax_global_extensions();
        if extension && size > LONGEST_HEADER {
            return Err(RefusedTar::TooMuch(format!("{LONGEST_HEADER} bytes in a header")));
        }
        bytes = bytes.saturating_add(size);
        if bytes > MOST_BYTES {
            return Err(RefusedTar::TooMuch(format!("{MOST_BYTES} bytes")));
        }
        if count > 3 * MOST_MEMBERS {
            return Err(RefusedTar::TooMuch(format!("{MOST_MEMBERS} members")));
        }
    }
    Ok(())
}

fn member<R: Read>(entry: &mut Entry<'_, R>, root: &Path, left: &mut u64) -> Result<(), RefusedTar> {
    let kind = entry.header().entry_type();
    if kind == EntryType::XGlobalHeader {
        return Ok(());
    }
    let name = entry.path().map_err(RefusedTar::Stream)?.into_owned();
    let refused = |problem| RefusedTar::Member { name: shown(&name), problem };
    let path = below(&name).map_err(refused)?;
    let mode = entry.header().mode().map_err(RefusedTar::Stream)? & 0o777;
    if path.as_os_str().is_empty() {
        return if kind.is_dir() { Ok(()) } else { Err(refused("has no name")) };
    }
    let place = root.join(&path);
    let io_at = |source| RefusedTar::Io { path: place.clone(), source };
    parents(root, &path).map_err(|problem| problem.of(&name))?;
    if kind.is_dir() {
        match fs::symlink_metadata(&place) {
            Ok(data) if data.is_dir() => {}
            Ok(_) => return Err(refused("is a folder where there was a file or link")),
            Err(_) => fs::create_dir(&place).map_err(io_at)?,
        }
        // Whoever unpacks must be able to remove it again.
        return platform::set_mode(&place, mode | 0o700).map_err(io_at);
    }
    if !(kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse() || kind.is_symlink() || kind.is_hard_link()) {
        return Ok(());
    }
    match fs::symlink_metadata(&place) {
        Ok(data) if data.is_dir() => return Err(refused("is a file or link where there was a folder")),
        Ok(_) => fs::remove_file(&place).map_err(io_at)?,
        Err(_) => {}
    }
    if kind.is_symlink() || kind.is_hard_link() {
        let target = entry.link_name().map_err(RefusedTar::Stream)?.unwrap_or_default().into_owned();
        let refused = |problem| RefusedTar::Link { name: shown(&name), target: shown(&target), problem };
        if kind.is_symlink() {
            stays_inside(&path, &target).map_err(refused)?;
            return symlink(&target, &place).map_err(io_at);
        }
        let original = below(&target).map_err(refused)?;
        parents(root, &original).map_err(|problem| problem.of(&target))?;
        let original = root.join(original);
        if !fs::symlink_metadata(&original).is_ok_and(|data| data.is_file()) {
            return Err(refused("is a hard link, and no file of that name came before it"));
        }
        return fs::hard_link(&original, &place).map_err(io_at);
    }
    let mut file = platform::make_private(OpenOptions::new().write(true).create_new(true)).open(&place).map_err(io_at)?;
    let written = io::copy(&mut entry.take(left.saturating_add(1)), &mut file).map_err(RefusedTar::Stream)?;
    *left = left.checked_sub(written).ok_or_else(|| RefusedTar::TooMuch(format!("{MOST_BYTES} bytes")))?;
    platform::set_mode_of_open(&file, mode | 0o400).map_err(io_at)?;
    if mode & 0o111 != 0 {
        programs::close(file, &place);
    }
    Ok(())
}

/// The path below the root, without `.`; `..` and absolute paths are refused.
fn below(name: &Path) -> Result<PathBuf, &'static str> {
    let mut path = PathBuf::new();
    for component in name.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(part) => path.push(part),
            Component::ParentDir => return Err("climbs with `..`"),
            Component::RootDir | Component::Prefix(_) => return Err("is absolute"),
        }
    }
    if path.components().count() > DEEPEST { Err("lies in too many folders") } else { Ok(path) }
}

/// Why a member's folders are not as they must be.
enum Parent {
    Io(PathBuf, io::Error),
    Wrong(&'static str),
}

impl Parent {
    fn of(self, name: &Path) -> RefusedTar {
        match self {
            Self::Io(path, source) => RefusedTar::Io { path, source },
            Self::Wrong(problem) => RefusedTar::Member { name: shown(name), problem },
        }
    }
}

/// Makes the folders above a member; none of them may be a link.
fn parents(root: &Path, path: &Path) -> Result<(), Parent> {
    let mut folder = root.to_owned();
    for part in path.parent().into_iter().flat_map(Path::components) {
        folder.push(part);
        match fs::symlink_metadata(&folder) {
            Ok(data) if data.is_dir() => {}
            Ok(data) if data.is_symlink() => return Err(Parent::Wrong("would be written through a symbolic link")),
            Ok(_) => return Err(Parent::Wrong("lies below a file")),
            Err(_) => {
                let made = fs::create_dir(&folder).and_then(|()| platform::set_mode(&folder, 0o755));
                made.map_err(|error| Parent::Io(folder.clone(), error))?;
            }
        }
    }
    Ok(())
}

/// A relative link must not climb above the root. An absolute one starts at the root, wherever that is entered.
fn stays_inside(path: &Path, target: &Path) -> Result<(), &'static str> {
    if target.as_os_str().is_empty() {
        return Err("leads nowhere");
    }
    let mut depth = if target.is_absolute() { 0 } else { path.components().count().saturating_sub(1) };
    for component in target.components() {
        match component {
            Component::Normal(_) => depth += 1,
            Component::ParentDir => depth = depth.checked_sub(1).ok_or("leads out of the root")?,
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    Ok(())
}

/// Foreign text for people: at most 80 characters, nothing that moves a cursor.
fn shown(path: &Path) -> String {
    path.to_string_lossy().chars().take(80).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests;
