//! Files that whoever started plimsoll had open. Programs that plimsoll starts would get them too, a probe in its clean root among them, with the
//! rights of whoever opened them.

use std::fs;
use std::os::fd::{BorrowedFd, RawFd};

use rustix::io::{FdFlags, fcntl_setfd};

/// The greatest descriptor that children are meant to have: standard error.
const LAST: RawFd = 2;

/// Keeps them from all children. For the first moment of a process: nothing else may open or close a file meanwhile.
pub fn keep_from_children() {
    let Ok(open) = fs::read_dir("/proc/self/fd") else { return };
    let numbers = open.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<RawFd>().ok());
    for number in numbers.filter(|number| *number > LAST) {
        #[expect(unsafe_code, reason = "what was inherited is known by its number only; it is open, since nothing else runs yet")]
        let file = unsafe { BorrowedFd::borrow_raw(number) };
        // What cannot be kept from children stays as it was.
        let _ = fcntl_setfd(file, FdFlags::CLOEXEC);
    }
}
