//! What bubblewrap says where a program did not come to run.

use super::Stopped;
use crate::Unavailable;
use plimsoll_exec::launcher::Finished;

/// bubblewrap's own words, if it is the one that failed. That a program says `bwrap:` itself can only cost it its evidence.
fn said(finished: &Finished) -> Option<String> {
    let said = finished.stderr_text();
    said.lines().next().and_then(|line| line.strip_prefix("bwrap: ")).filter(|_| finished.status == Some(1)).map(str::to_owned)
}

/// Why the program was not run, where it was not.
pub(super) fn refusal(finished: &Finished) -> Option<Stopped> {
    let said = said(finished)?;
    if let Some(program) = said.strip_prefix("execvp ") {
        if is_busy(finished) {
            return Some(Stopped::Unavailable(Unavailable::Failed(format!("a program is still being written: {program}"))));
        }
        return Some(Stopped::Failed(format!("it did not start ({program}): the loader or interpreter that it names is not in this root")));
    }
    Some(Stopped::Unavailable(Unavailable::Failed(format!("bubblewrap could not make the root: {said}"))))
}

/// Whether the kernel did not start the program because somebody might still write it (`ETXTBSY`): nothing of it ran then.
pub(super) fn is_busy(finished: &Finished) -> bool {
    said(finished).is_some_and(|said| said.starts_with("execvp ") && said.ends_with(": Text file busy"))
}
