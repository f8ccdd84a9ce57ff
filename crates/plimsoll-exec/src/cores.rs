//! One budget of cores for everything that works at the same time: our own threads, cargo and rustc, make, compressors.
//!
//! It is a GNU make jobserver: a pipe with one byte for each free core. Children get the pipe's descriptors by inheritance, because
//! GNU make before 4.4 stops at a named fifo, and because descriptors pass through bubblewrap and PID namespaces unchanged.
//! Protocol: GNU make manual, "Sharing Job Slots with GNU make"; <https://doc.rust-lang.org/cargo/reference/build-scripts.html#jobserver>.
//!
//! A child holds one core that nobody counts: the one of who started it. So start children only while holding a [`Core`].

mod resting;

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::num::NonZeroUsize;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{FdFlags, fcntl_setfd, ioctl_fionread};

pub use resting::rest;

/// How often a waiting node looks whether it shall go on waiting.
const LOOK: Duration = Duration::from_millis(100);
/// GNU make's own token.
const TOKEN: u8 = b'+';
/// A pipe holds at least a page on every system; more cores than that are not lent.
const MOST: usize = 4096;

/// The pipe is not usable.
#[derive(Debug, thiserror::Error)]
#[error("the pipe that holds the budget of cores failed")]
pub struct CoresError(#[from] io::Error);

impl From<rustix::io::Errno> for CoresError {
    fn from(errno: rustix::io::Errno) -> Self {
        Self(errno.into())
    }
}

/// The budget; clones share it.
#[derive(Debug, Clone)]
pub struct Cores {
    budget: Arc<Budget>,
}

#[derive(Debug)]
struct Budget {
    total: usize,
    /// What children inherit.
    reader: PipeReader,
    writer: PipeWriter,
    /// Our own way to read without blocking.
    own: File,
    count: Mutex<Count>,
}

#[derive(Debug, Default)]
struct Count {
    /// Cores in the hands of our own threads.
    held: usize,
    /// Children that may hold more.
    children: usize,
    /// Threads that gave theirs back to wait.
    resting: usize,
}

/// One core, given back when dropped.
#[derive(Debug)]
pub struct Core {
    budget: Arc<Budget>,
}

/// A child's share in the budget.
#[derive(Debug)]
pub(super) struct Loan {
    budget: Arc<Budget>,
}

impl Cores {
    /// A budget of `total` cores; 1 is sound: its holder's child gets no second one.
    ///
    /// # Errors
    /// Where the system has no pipe to give.
    pub fn new(total: NonZeroUsize) -> Result<Self, CoresError> {
        let total = total.get().min(MOST);
        let (reader, mut writer) = io::pipe()?;
        writer.write_all(&vec![TOKEN; total])?;
        let own = own_description(&reader)?;
        Ok(Self { budget: Arc::new(Budget { total, reader, writer, own, count: Mutex::default() }) })
    }

    /// How many cores there are in all.
    pub fn total(&self) -> usize {
        self.budget.total
    }

    /// Waits for a core; `None` as soon as `stop` says so.
    ///
    /// # Errors
    /// [`CoresError`].
    pub fn acquire(&self, stop: &dyn Fn() -> bool) -> Result<Option<Core>, CoresError> {
        loop {
            if stop() {
                return Ok(None);
            }
            if let Some(core) = self.try_acquire()? {
                return Ok(Some(core));
            }
            readable(self.budget.own.as_fd(), LOOK)?;
        }
    }

    /// A core, if one is free: for a compressor's further threads.
    ///
    /// # Errors
    /// [`CoresError`].
    pub fn try_acquire(&self) -> Result<Option<Core>, CoresError> {
        let mut count = self.budget.count();
        if !self.budget.take_token()? {
            return Ok(None);
        }
        count.held += 1;
        Ok(Some(Core { budget: Arc::clone(&self.budget) }))
    }

    /// As many cores as are free, `most` at most; none where the pipe fails, since they are a help and no need.
    pub fn try_acquire_up_to(&self, most: usize) -> Vec<Core> {
        std::iter::from_fn(|| self.try_acquire().ok().flatten()).take(most).collect()
    }

    pub(super) fn lend(&self) -> Loan {
        self.budget.count().children += 1;
        Loan { budget: Arc::clone(&self.budget) }
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        let mut count = self.budget.count();
        count.held = count.held.saturating_sub(1);
        // Never blocks: the pipe had room for all tokens at once.
        let _ = (&self.budget.writer).write_all(&[TOKEN]);
    }
}

impl Loan {
    /// The variables by which cargo, rustc, build scripts and make find the budget.
    pub(super) fn variables(&self) -> [(&'static str, String); 2] {
        let (read, write) = (self.budget.reader.as_raw_fd(), self.budget.writer.as_raw_fd());
        // Both spellings: GNU make before 4.2 knows the first only.
        let flags = format!("-j --jobserver-fds={read},{write} --jobserver-auth={read},{write}");
        [("CARGO_MAKEFLAGS", flags.clone()), ("MAKEFLAGS", flags)]
    }

    /// Runs `start` while the pipe's descriptors are inheritable. Only the thread that starts programs may call this.
    pub(super) fn inherited<T>(&self, start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let inherit = |flags: FdFlags| -> io::Result<()> {
            fcntl_setfd(&self.budget.reader, flags)?;
            Ok(fcntl_setfd(&self.budget.writer, flags)?)
        };
        inherit(FdFlags::empty())?;
        let started = start();
        inherit(FdFlags::CLOEXEC)?;
        started
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let mut count = self.budget.count();
        count.children = count.children.saturating_sub(1);
        if count.children == 0 {
            // A pipe that fails here fails the next acquire too, which can report it.
            let _ = self.budget.settle(count.held);
        }
    }
}

impl Budget {
    fn count(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_token(&self) -> Result<bool, CoresError> {
        if !readable(self.own.as_fd(), Duration::ZERO)? {
            return Ok(false);
        }
        let mut token = [0];
        match (&self.own).read(&mut token) {
            Ok(read) => Ok(read == 1),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts back what killed children took with them, and takes away what confused ones gave too much.
    fn settle(&self, held: usize) -> Result<(), CoresError> {
        let free = usize::try_from(ioctl_fionread(&self.reader)?).unwrap_or(usize::MAX);
        let due = self.total.saturating_sub(held);
        if free < due {
            (&self.writer).write_all(&vec![TOKEN; due - free])?;
        }
        for _ in due..free {
            self.take_token()?;
        }
        Ok(())
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

fn readable(pipe: BorrowedFd<'_>, patience: Duration) -> Result<bool, CoresError> {
    let patience = Timespec { tv_sec: 0, tv_nsec: patience.subsec_nanos().into() };
    match poll(&mut [PollFd::from_borrowed_fd(pipe, PollFlags::IN)], Some(&patience)) {
        Ok(ready) => Ok(ready > 0),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cores(total: usize) -> Cores {
        Cores::new(NonZeroUsize::new(total).unwrap()).unwrap()
    }

    #[test]
    fn the_budget_is_neither_exceeded_nor_lost() {
        let cores = cores(3);
        let held = cores.try_acquire_up_to(10);
        assert_eq!(held.len(), 3);
        assert!(cores.acquire(&|| true).unwrap().is_none());
        assert!(cores.try_acquire().unwrap().is_none());
        drop(held);
        assert_eq!(cores.try_acquire_up_to(10).len(), 3);
    }

    #[test]
    fn a_waiting_thread_gets_what_another_gives_back() {
        let cores = cores(1);
        let core = cores.try_acquire().unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| cores.acquire(&|| false).unwrap().is_some());
            drop(core);
            assert!(waiting.join().unwrap());
        });
    }

    #[test]
    fn tokens_that_a_child_took_or_gave_wrongly_are_settled() {
        let cores = cores(4);
        let core = cores.try_acquire().unwrap();
        let loan = cores.lend();
        assert!(cores.budget.take_token().unwrap() && cores.budget.take_token().unwrap());
        drop(loan);
        assert_eq!(cores.try_acquire_up_to(10).len(), 3);
        let loan = cores.lend();
        (&cores.budget.writer).write_all(b"+++++").unwrap();
        drop(loan);
        assert_eq!(cores.try_acquire_up_to(10).len(), 3);
        drop(core);
        assert_eq!(cores.try_acquire_up_to(10).len(), 4);
    }
}
