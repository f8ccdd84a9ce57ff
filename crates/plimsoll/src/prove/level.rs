//! The level of the x86-64 processor: what is compiled for more than it says runs here and dies with users. Every probe is run once more on an
//! emulated processor of just the declared level; a plain one where none is declared and an emulator is there.

use plimsoll_model::{CpuLevel, ProbeResult, Target};

use super::{ProveStage, Subject};
use crate::graph::Stop;
use crate::roots::{Ground, Root, Unavailable};

impl ProveStage<'_> {
    /// The lesser processor, where this artifact is to be tried on one.
    ///
    /// # Errors
    /// Not run, where a declared level cannot be tried here.
    pub(super) fn lesser(
        &self,
        subject: Subject<'_>,
        ground: &Ground,
        target: &Target,
        say: &mut dyn FnMut(&str),
    ) -> Result<Option<(CpuLevel, Ground)>, Stop> {
        // The BEAM around a library asks for no more than its distribution does.
        let native = subject.artifact.nif.is_none() && ground.emulator.is_none() && !matches!(ground.root, Root::Scrubbed);
        if !native || target.arch() != "x86_64" || target.os() != "linux" {
            return Ok(None);
        }
        let level = subject.artifact.cpu.unwrap_or(CpuLevel::V1);
        match self.roots.lesser(ground, level, subject.artifact.cpu.is_some(), say) {
            Ok(ground) => Ok(Some((level, ground))),
            Err(_) if subject.artifact.cpu.is_none() => Ok(None),
            Err(Unavailable::Elsewhere(reason) | Unavailable::ToolMissing(reason) | Unavailable::Failed(reason)) => {
                Err(Stop::NotRun(format!("needs a processor of level {level} and no more: {reason}")))
            }
        }
    }
}

/// What names of probes on such a processor hold.
pub(super) const MARK: &str = " on a plain x86-64";

/// The same results under names that tell the processor.
pub(super) fn named(level: CpuLevel, results: Vec<ProbeResult>) -> impl Iterator<Item = ProbeResult> {
    results.into_iter().map(move |result| ProbeResult {
        probe: format!("{}{MARK}{} processor", result.probe, level.as_str().trim_start_matches("x86-64")),
        ..result
    })
}
