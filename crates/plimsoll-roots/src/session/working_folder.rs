//! The working folder, in which every step begins. A step may do with it what it likes, and what that costs the steps after it is the trial's
//! failure, and no lack of this machine.

use std::fs;
use std::path::Path;

use plimsoll_model::{Outcome, Probe, ProbeResult};

use super::step;
use crate::enter::WORK;

/// Whether it is there, as the folder that it was.
pub(super) fn is_there(scratch: &Path) -> bool {
    fs::symlink_metadata(scratch.join(WORK)).is_ok_and(|metadata| metadata.is_dir())
}

/// Why a step does not begin, after one of the name `by`.
pub(super) fn taken_away(probe: &Probe, by: &str) -> ProbeResult {
    let reason = format!("it was not begun: the step `{by}` before it removed or replaced the working folder, in which every step begins");
    ProbeResult { outcome: Outcome::Failed(reason), ..step::not_run(probe, String::new()) }
}

/// What is said of a program that did not start because the folder was gone by then.
pub(super) fn gone() -> String {
    "it did not start: the working folder, in which every step begins, was removed or closed before".to_owned()
}
