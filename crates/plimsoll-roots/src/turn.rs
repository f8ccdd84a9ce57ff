//! Whose turn it is to make a root: one at a time in this process, and one process at a time. Who waits holds no core meanwhile.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use plimsoll_exec::cores::rest;
use plimsoll_model::RootName;
use plimsoll_store::StoreError;

use super::{Roots, Unavailable};

/// How often a waiting thread looks whether it shall go on waiting.
const LOOK: Duration = Duration::from_millis(100);

/// What is being made in this process, by its lock file.
static MAKING: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
static ENDED: Condvar = Condvar::new();

/// Held by whoever makes a root.
#[derive(Debug)]
pub(super) struct Turn {
    _file: File,
    _own: Own,
}

/// The turn among the threads of this process.
#[derive(Debug)]
struct Own(PathBuf);

impl Drop for Own {
    fn drop(&mut self) {
        making().remove(&self.0);
        ENDED.notify_all();
    }
}

impl Roots<'_> {
    /// Waits until nobody else makes what a lock file stands for, or until the user stops everything. `on_line` hears of another thread of this
    /// process that does, and [`Roots::patience`] of another process.
    pub(super) fn turn(&self, path: &Path, name: &RootName, on_line: &mut dyn FnMut(&str)) -> Result<Turn, Unavailable> {
        let failed = |error: io::Error| Unavailable::Failed(format!("cannot write {}: {error}", path.display()));
        let own = self.own_turn(path, name, on_line)?;
        let file = File::create(path).map_err(failed)?;
        if file.try_lock().is_err() {
            rest(|| self.patience.hold(&file, path)).map_err(|error| match error {
                StoreError::Interrupted => interrupted(),
                error => Unavailable::Failed(error.to_string()),
            })?;
        }
        Ok(Turn { _file: file, _own: own })
    }

    fn own_turn(&self, path: &Path, name: &RootName, on_line: &mut dyn FnMut(&str)) -> Result<Own, Unavailable> {
        if making().insert(path.to_owned()) {
            return Ok(Own(path.to_owned()));
        }
        on_line(&format!("waiting for {name}, which another proof of this run makes"));
        rest(|| {
            let mut making = making();
            while !making.insert(path.to_owned()) {
                if (self.patience.stop)() {
                    return Err(interrupted());
                }
                (making, _) = ENDED.wait_timeout(making, LOOK).unwrap_or_else(PoisonError::into_inner);
            }
            Ok(Own(path.to_owned()))
        })
    }
}

fn making() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    MAKING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn interrupted() -> Unavailable {
    Unavailable::Failed("interrupted".to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::num::NonZeroUsize;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::mpsc::channel;

    use plimsoll_exec::bubblewrap::NoIsolation;
    use plimsoll_exec::cores::Cores;
    use plimsoll_exec::launcher::Launcher;
    use plimsoll_exec::locate::{LocateError, Toolbox};
    use plimsoll_exec::tool::Tool;
    use plimsoll_store::Patience;

    use super::*;

    /// Roots whose waiting for another process is counted, and ended by `stop`.
    fn with_roots<T>(folder: &Path, stop: &Arc<AtomicBool>, told: &Arc<AtomicUsize>, work: impl FnOnce(&Roots<'_>) -> T) -> T {
        let toolbox = Toolbox::new(folder.join("tools"), folder.join("memory.json"), BTreeMap::new(), Launcher::new().unwrap());
        let none = NoIsolation::Tool(LocateError::Missing { tool: Tool::Bubblewrap });
        let (stop, told) = (Arc::clone(stop), Arc::clone(told));
        let patience = Patience {
            stop: Box::new(move || stop.load(Ordering::SeqCst)),
            waits: Box::new(move || {
                told.fetch_add(1, Ordering::SeqCst);
            }),
        };
        work(&Roots { patience: &patience, ..Roots::offline(folder.to_owned(), &toolbox, Err(&none)) })
    }

    fn fixture() -> (tempfile::TempDir, Arc<AtomicBool>, Arc<AtomicUsize>, RootName) {
        (tempfile::tempdir().unwrap(), Arc::default(), Arc::default(), "debian:12".parse().unwrap())
    }

    #[test]
    fn a_second_thread_waits_for_the_first_and_leaves_its_core_to_others() {
        let (folder, stop, told, name) = fixture();
        let path = folder.path().join("debian-12.lock");
        let cores = Cores::new(NonZeroUsize::new(2).unwrap()).unwrap();
        let inside = AtomicUsize::new(0);
        with_roots(folder.path(), &stop, &told, |roots| {
            let make = |on_line: &mut dyn FnMut(&str), meanwhile: &dyn Fn()| {
                let turn = roots.turn(&path, &name, on_line).unwrap();
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                meanwhile();
                inside.fetch_sub(1, Ordering::SeqCst);
                drop(turn);
            };
            let (says, hears) = channel();
            std::thread::scope(|scope| {
                let (cores, make) = (&cores, &make);
                cores
                    .work(&|| false, || {
                        make(&mut |line| panic!("{line}"), &|| {
                            let says = says.clone();
                            scope.spawn(move || cores.work(&|| false, || make(&mut |line| says.send(line.to_owned()).unwrap(), &|| {})));
                            assert_eq!(hears.recv().unwrap(), "waiting for debian:12, which another proof of this run makes");
                            while cores.resting() == 0 {
                                std::thread::yield_now();
                            }
                            assert!(cores.acquire(&|| false).unwrap().is_some());
                        });
                    })
                    .unwrap();
            });
            assert!(hears.try_recv().is_err());
        });
        assert_eq!((told.load(Ordering::SeqCst), inside.into_inner(), cores.resting()), (0, 0, 0));
    }

    #[test]
    fn another_process_is_told_of_as_one_and_waiting_ends_when_everything_is_stopped() {
        let (folder, stop, told, name) = fixture();
        let path = folder.path().join("debian-12.lock");
        // A lock belongs to an open file: this one is nobody's of this process, as far as is known.
        let other = File::create(&path).unwrap();
        other.lock().unwrap();
        stop.store(true, Ordering::SeqCst);
        let waits = with_roots(folder.path(), &stop, &told, |roots| roots.turn(&path, &name, &mut |line| panic!("{line}")).unwrap_err());
        assert_eq!(waits, interrupted());
        drop(other);
        let mut lines = Vec::new();
        with_roots(folder.path(), &stop, &told, |roots| {
            let turn = roots.turn(&path, &name, &mut |line| panic!("{line}")).unwrap();
            assert_eq!(roots.turn(&path, &name, &mut |line| lines.push(line.to_owned())).unwrap_err(), interrupted());
            drop(turn);
            roots.turn(&path, &name, &mut |line| panic!("{line}")).unwrap();
        });
        assert_eq!(lines.len(), 1);
    }

    #[test]
    fn another_process_is_waited_for() {
        let (folder, stop, told, name) = fixture();
        let path = folder.path().join("debian-12.lock");
        let other = File::create(&path).unwrap();
        other.lock().unwrap();
        let told_of = Arc::clone(&told);
        let leaving = std::thread::spawn(move || {
            while told_of.load(Ordering::SeqCst) == 0 {
                std::thread::yield_now();
            }
            drop(other);
        });
        with_roots(folder.path(), &stop, &told, |roots| drop(roots.turn(&path, &name, &mut |line| panic!("{line}")).unwrap()));
        leaving.join().unwrap();
        assert_eq!(told.load(Ordering::SeqCst), 1);
    }
}
