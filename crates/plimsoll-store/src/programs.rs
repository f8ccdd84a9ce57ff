//! Writing a program so that it can be started at once.
//!
//! A child that another thread starts holds a copy of every descriptor of this process until it has become its own program, and Linux refuses
//! to start a file that anybody may still write (`Text file busy`). That the file is closed here is not enough, nor that the other start has
//! come back: the kernel lets its parent go on before it closes the child's copies. But a lock of flock(2) belongs to the open file and not to
//! a process, so it is there until the last copy is closed; when another one can be had, nobody can write any more.

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use crate::platform;

/// How often a waiting thread looks again: a child that is being started needs some microseconds.
const PAUSE: Duration = Duration::from_millis(1);
/// A child that takes longer is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Closes a file that was written to, and lies at `path`, and waits until no child has a copy of its descriptor. On a file system without
/// locks it is only closed.
pub fn close(file: File, path: &Path) {
    let locked = file.try_lock().is_ok();
    drop(file);
    let Some(reader) = locked.then(|| File::open(path).ok()).flatten() else { return };
    let began = Instant::now();
    while matches!(reader.try_lock_shared(), Err(TryLockError::WouldBlock)) && began.elapsed() < PATIENCE {
        std::thread::sleep(PAUSE);
    }
}

/// Writes a program or script.
///
/// # Errors
/// Where the file system refuses.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    platform::set_mode_of_open(&file, 0o755)?;
    close(file, path);
    Ok(())
}

/// Gives a whole file its mode and its name; a program can be started as soon as the name is there.
///
/// # Errors
/// Where the file system refuses; nothing is left then.
pub fn persist(file: NamedTempFile, mode: u32, destination: &Path) -> io::Result<()> {
    let (file, path) = file.into_parts();
    platform::set_mode(&path, mode)?;
    if mode & 0o111 != 0 {
        close(file, &path);
    }
    path.persist(destination).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;

    /// A child between fork and exec has what a copy of the descriptor has.
    #[test]
    fn as_long_as_a_copy_is_open_closing_waits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        let file = File::create(&path).unwrap();
        let copy = file.try_clone().unwrap();
        let closing = thread::spawn({
            let path = path.clone();
            move || close(file, &path)
        });
        thread::sleep(Duration::from_millis(100));
        assert!(!closing.is_finished());
        drop(copy);
        closing.join().unwrap();
        assert!(File::options().write(true).open(&path).unwrap().try_lock().is_ok());
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "what is shown is that children can be started")]
    fn what_was_written_while_others_are_started_can_be_started() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = fs::read("/bin/true").unwrap();
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        Command::new("/bin/true").status().unwrap();
                    }
                });
            }
            let start = |path: &Path| Command::new(path).status().map(|status| status.success());
            let started = (0..150).try_for_each(|number| {
                let path = folder.path().join(format!("written{number}"));
                write(&path, &bytes)?;
                assert!(start(&path)?);
                let file = NamedTempFile::new_in(folder.path())?;
                file.as_file().write_all(&bytes)?;
                let path = folder.path().join(format!("persisted{number}"));
                persist(file, 0o755, &path)?;
                start(&path).map(|success| assert!(success))
            });
            done.store(true, Ordering::Relaxed);
            started.unwrap();
        });
    }
}
