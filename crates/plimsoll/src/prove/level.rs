//! The level of the x86-64 processor: what is compiled for more than it says runs here and dies with users. Every probe is run once more on an
//! emulated processor of just the declared level; a plain one where none is declared and an emulator is there.

use plimsoll_model::{ArtifactPlan, CpuLevel, ProbeResult, Target};

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

/// The same results under names that tell the processor.
pub(super) fn named(level: CpuLevel, results: Vec<ProbeResult>) -> impl Iterator<Item = ProbeResult> {
    results.into_iter().map(move |result| ProbeResult { probe: format!("{}{ON}{level} processor", result.probe), ..result })
}

/// Between a probe's name and the level.
const ON: &str = " on a plain ";

/// The lesser processor that a result's name tells.
pub(super) fn processor(probe: &str) -> Option<String> {
    probe.rsplit_once(ON).map(|(_, level)| format!("a plain {level}, emulated"))
}

/// SIGILL.
const ILLEGAL: i32 = 4;

/// What an instruction calls for that the processor does not have.
pub(super) fn hint(result: &ProbeResult, artifact: &ArtifactPlan) -> Option<String> {
    if result.signal != Some(ILLEGAL) {
        return None;
    }
    let product = artifact.product.to_string();
    let core = product.split('/').next().unwrap_or_default();
    let level = artifact.cpu.map_or_else(|| "every x86-64 processor".to_owned(), |level| format!("a processor of level {level}"));
    Some(format!(
        "it uses an instruction that {level} does not have: compile it for less, or declare what users need, as core.{core}.cpu = \"x86-64-v3\""
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lesser_processor_is_read_from_a_results_name() {
        assert_eq!(processor("version on a plain x86-64 processor").as_deref(), Some("a plain x86-64 processor, emulated"));
        assert_eq!(processor("version"), None);
    }
}
