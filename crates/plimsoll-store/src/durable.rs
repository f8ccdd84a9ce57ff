//! Files and folders that are still whole after a power cut: their bytes are on the disk before they have their name.
//!
//! A rename alone orders nothing there: afterwards the new name may stand for an empty file. This is for what is relied on without being checked,
//! or could not be made again. Blobs, actions, memories and work folders of the store are named without it: they are hashed whenever they
//! are used, so that half a file is a miss, and there are so many of them that the disk would be waited for all the time.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::platform;

/// Gives a whole file its name; what had it is replaced.
///
/// # Errors
/// If the file system refuses. Either file is whole then.
pub fn replace(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_parent(path)
}

/// Gives a whole file its name, unless something has it: also if that came at the very same time, nothing is ever replaced.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] if something has the name, and if the file system refuses.
pub fn put_new(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    name_new(&WAYS, file.path(), path)?;
    // What is left of the file under its first name goes now.
    drop(file);
    sync_parent(path)
}

/// Gives a whole folder its name, unless a file or a folder with something in it has it. What is below is [synced](sync_below) by the caller.
///
/// # Errors
/// As [`put_new`].
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match platform::rename_no_replace(from, to) {
        // rename(2) puts a folder in the place of an empty one, and of nothing else.
        Err(error) if platform::is_unsupported(&error) => fs::rename(from, to),
        done => done,
    }
}

/// Brings a folder to the disk, with everything below. Links are not followed.
///
/// # Errors
/// If something cannot be read, or the disk does not take it.
pub fn sync_below(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            sync_below(&entry.path())?;
        } else if kind.is_file() {
            File::open(entry.path())?.sync_all()?;
        }
    }
    sync_folder(folder)
}

/// Brings the names in a folder to the disk.
///
/// # Errors
/// If the folder cannot be opened, or the disk does not take it.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match platform::sync_folder(folder) {
        // Some file systems have no such thing for a folder.
        Err(error) if platform::is_unsupported(&error) => Ok(()),
        done => done,
    }
}

/// Brings everything of the file system that a folder lies on to the disk: faster than [`sync_below`] for some ten thousand files.
///
/// # Errors
/// As [`sync_folder`].
pub fn sync_file_system(folder: &Path) -> io::Result<()> {
    platform::sync_file_system(folder)
}

fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), sync_folder)
}

/// Gives the file of the first path a second one that nothing has. The first may be gone then or not.
type Way = fn(&Path, &Path) -> io::Result<()>;

/// The best first. Many network file systems know the second only, and FAT over FUSE the third.
const WAYS: [Way; 3] = [platform::rename_no_replace, link, copy];

fn name_new(ways: &[Way], from: &Path, to: &Path) -> io::Result<()> {
    let mut refused = io::ErrorKind::Unsupported.into();
    for way in ways {
        match way(from, to) {
            Err(error) if platform::is_unsupported(&error) => refused = error,
            done => return done,
        }
    }
    Err(refused)
}

fn link(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        // A server did it, its answer was lost, and the second request found what the first had made.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && platform::is_same_file(from, to) => Ok(()),
        done => done,
    }
}

/// Only one of several can make the file. Until it is whole, others see a part of it, and a process that is killed leaves that: whoever reads it
/// has a digest to hold against it, and nothing that was whole is lost.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    let mut made = OpenOptions::new().write(true).create_new(true).open(to)?;
    let mode = source.metadata()?.permissions();
    let copied = io::copy(&mut source, &mut made).and_then(|_| made.set_permissions(mode)).and_then(|()| made.sync_all());
    if copied.is_err() {
        let _ = fs::remove_file(to);
    }
    copied
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::Barrier;

    use super::*;
    use crate::platform::rename_no_replace;

    fn temporary(folder: &Path, text: &str) -> NamedTempFile {
        let mut file = NamedTempFile::new_in(folder).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn unknown(_: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// By each way alone, and by the last after the others were refused.
    #[test]
    fn of_those_who_put_a_file_at_once_one_wins_and_nothing_is_replaced() {
        let ways: [&[Way]; 4] = [&[rename_no_replace], &[link], &[copy], &[unknown, unknown, copy]];
        for (way, round) in ways.iter().flat_map(|way| (0..20).map(move |round| (way, round))) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("file");
            let (start, text) = (Barrier::new(4), |at: u8| char::from(b'a' + at).to_string().repeat(200_000));
            let put = |at: u8| {
                let file = temporary(folder.path(), &text(at));
                start.wait();
                name_new(way, file.path(), &path).map(|()| at).map_err(|error| error.kind())
            };
            let done = std::thread::scope(|scope| {
                let threads = (0..4).map(|at| scope.spawn(move || put(at))).collect::<Vec<_>>();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
            });
            let won = done.iter().flatten().copied().collect::<Vec<_>>();
            assert_eq!(won.len(), 1, "{round}: {done:?}");
            assert!(done.iter().all(|done| done.is_ok() || *done == Err(io::ErrorKind::AlreadyExists)), "{done:?}");
            assert!(fs::read_to_string(&path).unwrap() == text(won[0]), "{round}");
            assert_eq!(names(folder.path()), ["file"]);
        }
    }

    #[test]
    fn what_has_the_name_is_replaced_only_if_that_is_meant() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        put_new(temporary(folder.path(), "first"), &path).unwrap();
        let refused = put_new(temporary(folder.path(), "second"), &path).unwrap_err();
        assert_eq!((refused.kind(), fs::read_to_string(&path).unwrap().as_str()), (io::ErrorKind::AlreadyExists, "first"));
        replace(temporary(folder.path(), "third"), &path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "third");
        assert_eq!(names(folder.path()), ["file"]);
    }

    #[test]
    fn a_folder_takes_no_name_that_something_has() {
        let place = tempfile::tempdir().unwrap();
        let [new, taken, free] = ["new", "taken", "free"].map(|name| place.path().join(name));
        fs::create_dir_all(new.join("below")).unwrap();
        fs::create_dir(&taken).unwrap();
        fs::write(taken.join("file"), "").unwrap();
        platform::symlink(Path::new("/nowhere"), &new.join("below/link")).unwrap();
        sync_below(&new).unwrap();
        assert_eq!(rename_new(&new, &taken).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        rename_new(&new, &free).unwrap();
        assert!(free.join("below").exists() && taken.join("file").exists());
    }

    #[test]
    fn without_any_way_the_last_refusal_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = temporary(folder.path(), "text");
        let path = folder.path().join("file");
        let refused = name_new(&[unknown], file.path(), &path).unwrap_err();
        assert_eq!((refused.kind(), path.exists()), (io::ErrorKind::Unsupported, false));
    }
}
