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
        // The BEAM around a library asks for no more than its distribution does, and takes long: it is asked where a level is declared.
        let asked = subject.artifact.nif.is_none() || subject.artifact.cpu.is_some();
        let native = asked && ground.emulator.is_none() && !matches!(ground.root, Root::Scrubbed);
        if !native || target.arch() != "x86_64" || target.os() != "linux" {
            return Ok(None);
        }
        let level = subject.artifact.cpu.unwrap_or(CpuLevel::V1);
        let lesser = self.roots.lesser(ground, level, subject.artifact.cpu.is_some(), say);
        // A BEAM starts programs of its own, which must see the lesser processor too.
        let lesser = if subject.artifact.nif.is_some() { lesser.and_then(|ground| self.roots.everywhere(ground)) } else { lesser };
        match lesser {
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
    // A variant of a core is named after it.
    let core = product.split(['/', '+']).next().unwrap_or_default();
    let key = match artifact.nif.as_ref().and_then(|nif| Some((artifact.name.as_str().split("-nif-").next()?, nif.variant.as_ref()?))) {
        Some((name, variant)) => format!("nif.{name}.variant.{variant}.cpu"),
        None => format!("core.{core}.cpu"),
    };
    let level = artifact.cpu.map_or_else(|| "every x86-64 processor".to_owned(), |level| format!("a processor of level {level}"));
    Some(format!(
        "it uses an instruction that {level} does not have: compile it for less, or declare what users need, as {key} = \"x86-64-v3\""
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
