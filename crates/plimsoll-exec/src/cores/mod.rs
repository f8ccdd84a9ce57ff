//! One budget of cores for everything that works at the same time: our own threads, cargo and rustc, make, compressors.
//!
//! It is a GNU make jobserver, one file a system.
//! Protocol: GNU make manual, "Sharing Job Slots with GNU make"; <https://doc.rust-lang.org/cargo/reference/build-scripts.html#jobserver>.
//!
//! A child holds one core that nobody counts: the one of who started it. So start children only while holding a [`Core`].

mod resting;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[cfg(unix)]
use self::unix::{MOST, Tokens};
#[cfg(windows)]
use self::windows::{MOST, Tokens};

pub use resting::rest;

/// How often a waiting node looks whether it shall go on waiting.
const LOOK: Duration = Duration::from_millis(100);

/// The tokens are not usable.
#[derive(Debug, thiserror::Error)]
#[error("what holds the budget of cores failed")]
pub struct CoresError(#[from] io::Error);

/// The budget; clones share it.
#[derive(Debug, Clone)]
pub struct Cores {
    budget: Arc<Budget>,
}

#[derive(Debug)]
struct Budget {
    total: usize,
    tokens: Tokens,
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
    /// Where the system has nothing that holds them.
    pub fn new(total: NonZeroUsize) -> Result<Self, CoresError> {
        let total = total.get().min(MOST);
        Ok(Self { budget: Arc::new(Budget { total, tokens: Tokens::new(total)?, count: Mutex::default() }) })
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
            self.budget.tokens.wait(LOOK)?;
        }
    }

    /// A core, if one is free: for a compressor's further threads.
    ///
    /// # Errors
    /// [`CoresError`].
    pub fn try_acquire(&self) -> Result<Option<Core>, CoresError> {
        let mut count = self.budget.count();
        if !self.budget.tokens.take()? {
            return Ok(None);
        }
        count.held += 1;
        Ok(Some(Core { budget: Arc::clone(&self.budget) }))
    }

    /// As many cores as are free, `most` at most; none where that fails, since they are a help and no need.
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
        let _ = self.budget.tokens.give(1);
    }
}

impl Loan {
    /// The variables by which cargo, rustc, build scripts and make find the budget.
    pub(super) fn variables(&self) -> [(&'static str, String); 2] {
        let flags = self.budget.tokens.flags();
        [("CARGO_MAKEFLAGS", flags.clone()), ("MAKEFLAGS", flags)]
    }

    /// Runs `start` so that what it starts finds the budget. Only the thread that starts programs may call this.
    pub(super) fn inherited<T>(&self, start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        self.budget.tokens.inherited(start)
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let mut count = self.budget.count();
        count.children = count.children.saturating_sub(1);
        if count.children == 0 {
            // What fails here fails the next acquire too, which can report it.
            let _ = self.budget.tokens.settle(self.budget.total.saturating_sub(count.held));
        }
    }
}

impl Budget {
    fn count(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
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
        assert!(cores.budget.tokens.take().unwrap() && cores.budget.tokens.take().unwrap());
        drop(loan);
        assert_eq!(cores.try_acquire_up_to(10).len(), 3);
        let loan = cores.lend();
        cores.budget.tokens.give(5).unwrap();
        drop(loan);
        assert_eq!(cores.try_acquire_up_to(10).len(), 3);
        drop(core);
        assert_eq!(cores.try_acquire_up_to(10).len(), 4);
    }
}
