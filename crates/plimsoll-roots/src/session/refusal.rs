//! What bubblewrap, and what it was started in, say if a program did not come to run.

use super::step::Stopped;
use super::working_folder;
use crate::Unavailable;
use plimsoll_exec::launcher::Finished;
use plimsoll_exec::namespaces;

/// Why a program was not run, if its namespaces were refused.
pub(super) fn of_namespaces(finished: &Finished) -> Option<Stopped> {
    namespaces::refusal(finished).map(|said| Stopped::Unavailable(Unavailable::Failed(format!("plimsoll could not make the root: {said}"))))
}

/// bubblewrap's own words, if it is the one that failed. That a program says `bwrap:` itself can only cost it its evidence.
fn said(finished: &Finished) -> Option<String> {
    let said = finished.stderr_text();
    said.lines().next().and_then(|line| line.strip_prefix("bwrap: ")).filter(|_| finished.status == Some(1)).map(str::to_owned)
}

/// Why a program was not run, if bubblewrap did not come to it.
pub(super) fn of_bubblewrap(finished: &Finished) -> Option<Stopped> {
    let said = said(finished)?;
    if let Some(program) = said.strip_prefix("execvp ") {
        if is_busy(finished) {
            return Some(Stopped::Unavailable(Unavailable::Failed(format!("a program is still being written: {program}"))));
        }
        return Some(Stopped::Failed(format!("it did not start ({program}): the loader or interpreter that it names is not in this root")));
    }
    // The last that it does before the program, in a folder that is the steps' own.
    if said.starts_with("Can't chdir to ") {
        return Some(Stopped::Failed(working_folder::gone()));
    }
    Some(Stopped::Unavailable(Unavailable::Failed(format!("bubblewrap could not make the root: {said}"))))
}

/// Whether the kernel did not start the program because somebody might still write it (`ETXTBSY`): nothing of it ran then.
pub(super) fn is_busy(finished: &Finished) -> bool {
    said(finished).is_some_and(|said| said.starts_with("execvp ") && said.ends_with(": Text file busy"))
}
