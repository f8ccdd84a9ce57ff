//! The level of the x86-64 processor: what is compiled for more than it says runs here and dies with users. Every probe is run once more on an
//! emulated processor of just the declared level, without which nothing is proven; on a plain one where none is declared, and evidence says
//! where that could not be tried.

use plimsoll_model::plan::Origin;
use plimsoll_model::{CpuLevel, Means, Outcome, Plan, ProbeResult, Target};

use super::{Installed, ProveStage, StartedStep, Trying};
use crate::graph::Stop;
use crate::kinds;
use crate::reason::reason;
use plimsoll_roots::emulator::Identity;
use plimsoll_roots::{ExecEnv, Strength, Unavailable};

/// The processor that the probes are run on once more.
pub(super) enum BaselineCpu {
    /// None: the target has no levels.
    NotAsked,
    /// This one, of this level.
    Of(CpuLevel, Box<ExecEnv>),
    /// A plain one is not to be had, for this reason, and no level is declared.
    NotToBeHad(String),
}

/// Why what no level was declared for was not tried on a plain processor.
pub(super) struct NotTried {
    /// For users: without paths of this machine, because it is sealed.
    pub(super) reason: String,
    /// Whether it will be so the next time too.
    pub(super) lasts: bool,
}

impl BaselineCpu {
    /// What a remembered result depends on.
    pub(super) fn identity(&self) -> (Option<(CpuLevel, Means, Option<Identity>)>, bool) {
        match self {
            Self::NotAsked => (None, false),
            Self::Of(level, exec_env) => (Some((*level, exec_env.means(), exec_env.emulator_identity())), false),
            Self::NotToBeHad(_) => (None, true),
        }
    }
}

impl ProveStage<'_> {
    /// The lesser processor, where this artifact is to be tried on one.
    ///
    /// # Errors
    /// Not run, where a declared level cannot be tried here.
    pub(super) fn baseline_cpu(
        &self,
        trying: Trying<'_>,
        exec_env: &ExecEnv,
        target: &Target,
        say: &mut dyn FnMut(&str),
    ) -> Result<BaselineCpu, Stop> {
        // What fits any machine is compiled for none.
        if trying.trial.target.is_none() || target.arch() != "x86_64" {
            return Ok(BaselineCpu::NotAsked);
        }
        let declared = trying.trial.cpu;
        let level = declared.unwrap_or(CpuLevel::V1);
        match self.of_level(trying, exec_env, target, level, say) {
            Ok(exec_env) => Ok(BaselineCpu::Of(level, Box::new(exec_env))),
            Err(_) if self.launcher.is_cancelled() => Err(plimsoll_model::Failure::interrupted().into()),
            Err(why) if declared.is_none() => Ok(BaselineCpu::NotToBeHad(reason(&why.to_string()))),
            Err(why) => Err(gap(target, level, &why.to_string())),
        }
    }

    fn of_level(
        &self,
        trying: Trying<'_>,
        exec_env: &ExecEnv,
        target: &Target,
        level: CpuLevel,
        say: &mut dyn FnMut(&str),
    ) -> Result<ExecEnv, Unavailable> {
        let is_declared = trying.trial.cpu.is_some();
        let Some(runtime) = trying.client().runtime() else {
            return self.roots.lesser(exec_env, target, (level, is_declared), say);
        };
        // The runtime around a library asks for no more than its distribution does, and takes long.
        if !is_declared {
            let why = format!("what a {runtime} loads or installs is tried on one if `cpu` declares its level");
            return Err(Unavailable::Elsewhere(why));
        }
        // It starts programs of its own, which must see the lesser processor too.
        self.roots.lesser(exec_env, target, (level, is_declared), say).and_then(|exec_env| self.roots.everywhere(exec_env))
    }

    /// Runs the probes once more, where that was asked for and nothing failed before. Gives the reason why what no level was declared for was not
    /// tried on a plain processor.
    ///
    /// # Errors
    /// Not run, where a declared level could not be tried after all; else as [`ProveStage::run_steps`].
    pub(super) fn once_more(
        &self,
        (trying, steps): (Trying<'_>, &[StartedStep<'_>]),
        baseline_cpu: &BaselineCpu,
        installed: &Installed,
        results: &mut Vec<ProbeResult>,
    ) -> Result<Option<NotTried>, Stop> {
        let (level, exec_env) = match baseline_cpu {
            BaselineCpu::NotAsked => return Ok(None),
            BaselineCpu::NotToBeHad(reason) => return Ok(Some(NotTried { reason: reason.clone(), lasts: true })),
            BaselineCpu::Of(level, exec_env) => (*level, exec_env),
        };
        if results.iter().any(|result| result.outcome != Outcome::Passed) {
            return Ok(None);
        }
        let further = self.run_steps((trying, steps), exec_env, installed)?;
        let target = trying.target(self.host);
        match (not_tried(&further, exec_env.root.strength()), trying.trial.cpu) {
            (None, _) => {
                results.extend(further.into_iter().map(|result| ProbeResult { cpu: Some(level), ..result }));
                Ok(None)
            }
            (Some(not_tried), None) => Ok(Some(not_tried)),
            (Some(not_tried), Some(_)) => Err(gap(target, level, &not_tried.reason)),
        }
    }
}

/// Who could try it.
fn gap(target: &Target, level: CpuLevel, why: &str) -> Stop {
    Stop::NotRun(format!("needs {} on a processor of level {level} and no more: {}", target.system(), reason(why)))
}

/// What a C library says that is itself compiled for more than the processor has (glibc's sysdeps/x86/cpu-features.c): then the root asks for
/// more, whatever the artifact does.
const ROOT_ASKS: &str = "Fatal glibc error: CPU does not support x86-64-v";

/// Why results on a lesser processor say nothing about the artifact; none where they do.
fn not_tried(results: &[ProbeResult], root: Strength) -> Option<NotTried> {
    let asks = |result: &ProbeResult| root == Strength::Distribution && result.said.contains(ROOT_ASKS);
    // What failed by itself is a finding, whatever the root's own programs say beside it.
    if results.iter().any(|result| matches!(result.outcome, Outcome::Failed(_)) && !asks(result)) {
        return None;
    }
    if let Some(line) =
        results.iter().filter(|result| asks(result)).flat_map(|result| result.said.lines()).find(|line| line.contains(ROOT_ASKS))
    {
        // The root is known by its digest: it will ask for as much again.
        return Some(NotTried { reason: format!("the root itself asks for more: {}", reason(line)), lasts: true });
    }
    let not_run = results.iter().find_map(|result| if let Outcome::NotRun(why) = &result.outcome { Some(why) } else { None })?;
    Some(NotTried { reason: reason(not_run), lasts: false })
}

/// The lesser processor that a result is about.
pub(super) fn processor(result: &ProbeResult) -> Option<String> {
    result.cpu.map(|level| format!("a plain {level} processor, emulated"))
}

/// SIGILL.
const ILLEGAL: i32 = 4;

/// What an instruction calls for that the processor does not have.
pub(super) fn hint(result: &ProbeResult, trying: Trying<'_>, plan: &Plan) -> Option<String> {
    if result.signal != Some(ILLEGAL) {
        return None;
    }
    if result.cpu.is_none() {
        let arch = trying.trial.target.as_ref()?.arch();
        return Some(format!("it uses an instruction that not every {arch} processor has, or ended itself by one: compile it for less"));
    }
    let artifact = trying.subjects.first()?.artifact;
    let core = plan.products_of(artifact).find_map(|id| plan.products.get(id)).map(|product| product.core.as_str());
    let compile =
        if matches!(artifact.origin, Origin::Foreign(_)) { "have its command compile it for less" } else { "compile it for less" };
    let key = kinds::cpu_key(artifact, core.unwrap_or_default());
    let level = trying.trial.cpu.map_or_else(|| "every x86-64 processor".to_owned(), |level| format!("a processor of level {level}"));
    Some(format!(
        "it uses an instruction that {level} does not have: {compile}, ask the processor before it is used, or declare what users need, \
         as {key} = \"x86-64-v3\""
    ))
}

#[cfg(test)]
mod tests {
    use plimsoll_model::Digest;

    use super::*;

    fn result(outcome: Outcome, said: &str) -> ProbeResult {
        ProbeResult {
            probe: "version".to_owned(),
            definition: Digest::of(b""),
            cpu: Some(CpuLevel::V1),
            ran: Vec::new(),
            outcome,
            status: None,
            signal: None,
            said: said.to_owned(),
            milliseconds: 1,
        }
    }

    #[test]
    fn a_failure_is_a_finding_and_what_did_not_run_is_none() {
        let (failed, not_run) = (Outcome::Failed("ended by SIGILL".to_owned()), Outcome::NotRun("qemu is too old".to_owned()));
        let why = |outcomes: &[&Outcome]| {
            let results = outcomes.iter().map(|outcome| result((*outcome).clone(), "")).collect::<Vec<_>>();
            not_tried(&results, Strength::Sandbox).map(|not_tried| (not_tried.reason, not_tried.lasts))
        };
        assert_eq!(why(&[&Outcome::Passed]), None);
        assert_eq!(why(&[&Outcome::Passed, &not_run]), Some(("qemu is too old".to_owned(), false)));
        assert_eq!(why(&[&not_run, &failed]), None);
        let full = Outcome::NotRun("cannot write /srv/someone/store/v1/roots: no space left".to_owned());
        assert_eq!(why(&[&full]), Some(("cannot write …/roots: no space left".to_owned(), false)));
    }

    #[test]
    fn a_distribution_that_asks_for_more_than_a_level_is_not_the_artifacts_fault() {
        let said = "Fatal glibc error: CPU does not support x86-64-v2\n";
        let died = [result(Outcome::Failed("exit status 127, expected 0".to_owned()), said)];
        let told = not_tried(&died, Strength::Distribution).map(|not_tried| (not_tried.reason, not_tried.lasts));
        assert_eq!(told, Some(("the root itself asks for more: Fatal glibc error: CPU does not support x86-64-v2".to_owned(), true)));
        // The libraries of a sandbox are this machine's, and Debian's ask for nothing.
        assert!(not_tried(&died, Strength::Sandbox).is_none());
        // A static program beside it asks nothing of the root's library.
        let [died] = died;
        let both = [died, result(Outcome::Failed("ended by SIGILL".to_owned()), "")];
        assert!(not_tried(&both, Strength::Distribution).is_none());
    }

    #[test]
    fn a_gap_says_who_could() {
        let Stop::NotRun(told) = gap(&"x86_64-pc-windows-gnu".parse().unwrap(), CpuLevel::V3, "wine runs on the processor of this machine")
        else {
            panic!("a failure")
        };
        assert_eq!(told, "needs Windows on a processor of level x86-64-v3 and no more: wine runs on the processor of this machine");
        assert_eq!(processor(&result(Outcome::Passed, "")).as_deref(), Some("a plain x86-64 processor, emulated"));
    }
}
