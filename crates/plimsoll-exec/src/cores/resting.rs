//! A core that whoever works with it gives back while nothing but waiting is to be done.
//!
//! The core of a thread is known by the thread: what waits lies far below what took the core, and the two know nothing of each other.

use std::cell::RefCell;

use super::{Core, Cores, CoresError};

thread_local! {
    static HELD: RefCell<Option<(Cores, Core)>> = const { RefCell::new(None) };
}

/// Takes the thread's core from it, however its work ends.
struct Held;

impl Drop for Held {
    fn drop(&mut self) {
        HELD.take();
    }
}

/// Counts a thread that waits without its core.
struct Resting<'a>(&'a Cores);

impl Drop for Resting<'_> {
    fn drop(&mut self) {
        let mut count = self.0.budget.count();
        count.resting = count.resting.saturating_sub(1);
    }
}

impl Cores {
    /// Does work with a core, for which it waits; nothing as soon as `stop` says so.
    ///
    /// # Errors
    /// [`CoresError`].
    pub fn work<T>(&self, stop: &dyn Fn() -> bool, work: impl FnOnce() -> T) -> Result<Option<T>, CoresError> {
        let Some(core) = self.acquire(stop)? else { return Ok(None) };
        HELD.set(Some((self.clone(), core)));
        let _held = Held;
        Ok(Some(work()))
    }

    /// How many threads wait without their core, so that as many more could work.
    pub fn resting(&self) -> usize {
        self.budget.count().resting
    }
}

/// Waits without the core that this thread has from [`Cores::work`], and goes on with one. Without such a core it only waits.
pub fn rest<T>(wait: impl FnOnce() -> T) -> T {
    let Some((cores, core)) = HELD.take() else { return wait() };
    cores.budget.count().resting += 1;
    let resting = Resting(&cores);
    drop(core);
    let done = wait();
    // Others end when the run is stopped, and give theirs back; if the pipe fails, whoever takes the next core tells of it.
    let core = cores.acquire(&|| false);
    drop(resting);
    if let Ok(Some(core)) = core {
        HELD.set(Some((cores, core)));
    }
    done
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn who_rests_holds_no_core_and_goes_on_with_one() {
        let cores = Cores::new(NonZeroUsize::MIN).unwrap();
        let free = || cores.try_acquire_up_to(9).len();
        let worked = cores.work(&|| false, || {
            let before = (free(), cores.resting());
            let meanwhile = rest(|| (free(), cores.resting()));
            (before, meanwhile, (free(), cores.resting()))
        });
        assert_eq!(worked.unwrap(), Some(((0, 0), (1, 1), (0, 0))));
        assert_eq!((free(), rest(free)), (1, 1));
        assert!(cores.work(&|| true, || ()).unwrap().is_none());
    }

    #[test]
    fn a_panic_loses_no_core() {
        let cores = Cores::new(NonZeroUsize::MIN).unwrap();
        for rests in [false, true] {
            let work = || if rests { rest(|| panic!("resting")) } else { panic!("working") };
            catch_unwind(AssertUnwindSafe(|| cores.work(&|| false, work))).unwrap_err();
            assert_eq!((cores.try_acquire_up_to(9).len(), cores.resting()), (1, 0));
        }
    }
}
