//! The tokens as bytes in a pipe, whose descriptors children inherit: GNU make before 4.4 stops at a named fifo, and descriptors pass through
//! bubblewrap and PID namespaces unchanged.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{FdFlags, fcntl_setfd, ioctl_fionread};

/// GNU make's own token.
const TOKEN: u8 = b'+';
/// A pipe holds at least a page on every system; more cores than that are not lent.
pub(super) const MOST: usize = 4096;

/// The tokens of a budget.
#[derive(Debug)]
pub(super) struct Tokens {
    /// What children inherit.
    reader: PipeReader,
    writer: PipeWriter,
    /// Our own way to read without blocking.
    own: File,
}

impl Tokens {
    /// So many, and all free.
    pub(super) fn new(total: usize) -> io::Result<Self> {
        let (reader, mut writer) = io::pipe()?;
        writer.write_all(&vec![TOKEN; total])?;
        let own = own_description(&reader)?;
        Ok(Self { reader, writer, own })
    }

    /// Takes a token if one is free.
    pub(super) fn take(&self) -> io::Result<bool> {
        if !readable(self.own.as_fd(), Duration::ZERO)? {
            return Ok(false);
        }
        let mut token = [0];
        match (&self.own).read(&mut token) {
            Ok(read) => Ok(read == 1),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Gives some back. Never blocks: the pipe had room for all tokens at once.
    pub(super) fn give(&self, tokens: usize) -> io::Result<()> {
        (&self.writer).write_all(&vec![TOKEN; tokens])
    }

    /// Waits until one may be free, for so long at most.
    pub(super) fn wait(&self, patience: Duration) -> io::Result<()> {
        readable(self.own.as_fd(), patience).map(drop)
    }

    /// Puts back what killed children took with them, and takes away what confused ones gave too much, until just `due` are free.
    pub(super) fn settle(&self, due: usize) -> io::Result<()> {
        let free = usize::try_from(ioctl_fionread(&self.reader)?).unwrap_or(usize::MAX);
        if free < due {
            self.give(due - free)?;
        }
        for _ in due..free {
            self.take()?;
        }
        Ok(())
    }

    /// How make's variables name them.
    pub(super) fn flags(&self) -> String {
        let (read, write) = (self.reader.as_raw_fd(), self.writer.as_raw_fd());
        // Both spellings: GNU make before 4.2 knows the first only.
        format!("-j --jobserver-fds={read},{write} --jobserver-auth={read},{write}")
    }

    /// Runs `start` while the pipe's descriptors are inheritable. Only the thread that starts programs may call this.
    pub(super) fn inherited<T>(&self, start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let inherit = |flags: FdFlags| -> io::Result<()> {
            fcntl_setfd(&self.reader, flags)?;
            Ok(fcntl_setfd(&self.writer, flags)?)
        };
        inherit(FdFlags::empty())?;
        let started = start();
        inherit(FdFlags::CLOEXEC)?;
        started
    }
}

/// On Linux, opening a descriptor's name makes a new description, so that not blocking on ours does not reach the children's.
/// Elsewhere it is a duplicate, and a read may wait until the one who was faster gives its token back.
fn own_description(reader: &PipeReader) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    if cfg!(target_os = "linux") {
        let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
        return File::options().read(true).custom_flags(flags).open(format!("/proc/self/fd/{}", reader.as_raw_fd()));
    }
    Ok(File::from(OwnedFd::from(reader.try_clone()?)))
}

fn readable(pipe: BorrowedFd<'_>, patience: Duration) -> io::Result<bool> {
    let patience = Timespec { tv_sec: 0, tv_nsec: patience.subsec_nanos().into() };
    match poll(&mut [PollFd::from_borrowed_fd(pipe, PollFlags::IN)], Some(&patience)) {
        Ok(ready) => Ok(ready > 0),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}
