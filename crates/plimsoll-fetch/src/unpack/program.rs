//! Closing a program that was unpacked, so that it can be started at once also where another thread starts children just now.
//!
//! A child holds copies of the descriptors of the process that starts it until it has become its own program, and Linux starts nothing that
//! anybody may still write. A lock belongs to the open file, copies included: when another one can be had, the last copy is closed.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(1);
/// A child that takes longer is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Closes `file`, which lies at `path`; best effort, on file systems that have locks.
pub(super) fn close(file: File, path: &Path) {
    let locked = cfg!(unix) && file.try_lock().is_ok();
    drop(file);
    let Some(reader) = locked.then(|| File::open(path).ok()).flatten() else { return };
    let began = Instant::now();
    while matches!(reader.try_lock_shared(), Err(TryLockError::WouldBlock)) && began.elapsed() < PATIENCE {
        std::thread::sleep(PAUSE);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// A child between fork and exec has what a copy of the descriptor has.
    #[test]
    fn as_long_as_a_copy_is_open_closing_waits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        let file = File::create(&path).unwrap();
        let copy = file.try_clone().unwrap();
        let closing = std::thread::spawn(move || close(file, &path));
        std::thread::sleep(Duration::from_millis(100));
        assert!(!closing.is_finished());
        drop(copy);
        closing.join().unwrap();
    }
}
