//! Proving: the packed bytes are installed in a clean root as a user would install them, and every probe is run there.
//!
//! What is recorded is about exactly those bytes. Only success is remembered, and never that of a scrubbed root, which is not known by digest.

mod installed;
mod level;
pub(crate) mod provisions;

use std::collections::BTreeMap;

use plimsoll_inspect::{floor_reasons, inspect};
use plimsoll_model::{
    ArtifactId, ArtifactPlan, Class, Digest, Evidence, Failure, Means, Outcome, Plan, Probe, ProbeResult, ProductId, RootName, RootRecord,
    Target,
};
use plimsoll_store::{ActionRecord, KeyBuilder, Store};

use crate::graph::Stop;
use crate::kinds;
use crate::project::now;
use crate::reason;
use crate::sources::Sources;
use plimsoll_exec::launcher::Launcher;
use plimsoll_roots::emulator::Emulator;
use plimsoll_roots::runner::run_in;
use plimsoll_roots::{ExecEnv, Root, Roots, Unavailable, missing_library};
use provisions::Provisions;

pub use installed::Installed;

/// Number of the way probes are run; a change of what a root offers raises it.
const FORMAT: u32 = 9;

/// Runs probes.
pub struct ProveStage<'a> {
    /// Where blobs are.
    pub store: &'a Store,
    /// Clean places.
    pub roots: Roots<'a>,
    /// Starts programs.
    pub launcher: &'a Launcher,
    /// This machine's own target.
    pub host: &'a Target,
    /// The project's files, for kinds whose users compile some of them.
    pub sources: &'a Sources,
    /// Versions that evidence names: of plimsoll and of what compiled.
    pub tools: BTreeMap<String, String>,
    /// What compiled a product, if that was not `rustc` of `tools`.
    pub compilers: BTreeMap<ProductId, String>,
}

/// What is proven: an artifact with the bytes that were packed.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its id.
    pub id: &'a ArtifactId,
    /// What the plan says of it.
    pub artifact: &'a ArtifactPlan,
    /// Its bytes.
    pub digest: Digest,
}

impl ProveStage<'_> {
    /// The evidence of an artifact in a root, remembered or won now. `say` hears of long preparations.
    ///
    /// # Errors
    /// Not run, where this machine cannot have the root or run the target; a failure where the artifact cannot be installed.
    pub fn run(&self, subject: Subject<'_>, root_name: &RootName, say: &mut dyn FnMut(&str)) -> Result<(Evidence, bool), Stop> {
        let target = subject.artifact.target.as_ref().unwrap_or(self.host);
        let exec_env = self.exec_env(subject, root_name, target, say).map_err(|reason| no_root(subject.id, root_name, reason))?;
        if subject.artifact.native && exec_env.emulator.is_some() {
            return Err(Stop::NotRun(format!(
                "needs a real {} on {}: the plan takes no emulator (native = true)",
                target.system(),
                target.arch()
            )));
        }
        let baseline_cpu = self.baseline_cpu(subject, &exec_env, target, say)?;
        let record = self.record(&exec_env, root_name);
        let means = exec_env.means();
        let provisions = kinds::provisions(subject, self.sources)?;
        let trial = subject.artifact.trial(root_name);
        let key = KeyBuilder::new("prove", FORMAT)
            .part("artifact", subject.id)
            .part("file-name", &subject.artifact.file_name)
            .part("bytes", &subject.digest)
            .part("trial", &trial)
            .part("binaries", &subject.artifact.binaries)
            .part("provisions", &provisions.as_ref().map(Provisions::identity).unwrap_or_default())
            .part("means", &means)
            .part("emulator", &exec_env.emulator_identity())
            .part("lesser", &baseline_cpu.identity())
            .part("own-user", &self.roots.isolation.ok().map(|isolation| isolation.own_user))
            .part("root", &record);
        let lasting = !matches!(exec_env.root, Root::Scrubbed);
        let recalled = self.store.recall(key.key()).filter(|_| lasting);
        let recalled = recalled.and_then(|record| serde_json::from_value::<Evidence>(record.facts).ok());
        if let Some(evidence) = recalled.filter(|evidence| is_of(evidence, subject, trial.digest())) {
            return Ok((evidence, true));
        }
        let installed = match provisions {
            Some(provisions) => Installed::laid_out(provisions.lay_out(self.store)?),
            None => Installed::unpack(self.store, subject)?,
        };
        let started = now();
        let mut results = self.probe(subject, &exec_env, &installed)?;
        let not_tried = self.once_more(subject, &baseline_cpu, &installed, &mut results)?;
        let evidence = self.evidence(subject, &exec_env, (record, &installed), results, started);
        // What an emulator did not come to may come about the next time.
        let settled = not_tried.as_ref().is_none_or(|not_tried| not_tried.lasts);
        let evidence = Evidence { plain_not_tried: not_tried.map(|not_tried| not_tried.reason), ..evidence };
        if lasting && settled && evidence.passed() {
            let facts = serde_json::to_value(&evidence).unwrap_or_default();
            let milliseconds = evidence.results.iter().map(|result| result.milliseconds).sum();
            self.store.remember(&key, &ActionRecord { outputs: [].into(), facts, finished: now(), milliseconds }).map_err(Failure::from)?;
        }
        Ok((evidence, false))
    }

    /// Runs the probes once more on what came by another way; nothing is remembered.
    ///
    /// # Errors
    /// As [`ProveStage::run`]; that the root cannot be had is a failure here, whatever the reason: the artifact was proven in it.
    pub fn again(&self, subject: Subject<'_>, root_name: &RootName, installed: &Installed) -> Result<Evidence, Failure> {
        let exec_env = self.once_had(subject, root_name)?;
        let started = now();
        let results = self.probe(subject, &exec_env, installed)?;
        Ok(self.evidence(subject, &exec_env, (self.record(&exec_env, root_name), installed), results, started))
    }

    /// A user's day with what is got by a tool of the user's own, which `probe` runs; the network is open to it.
    ///
    /// # Errors
    /// As [`ProveStage::again`].
    pub fn downloaded(&self, subject: Subject<'_>, root_name: &RootName, probe: Probe) -> Result<Evidence, Failure> {
        let exec_env = ExecEnv { network: true, ..self.once_had(subject, root_name)? };
        let provisions = kinds::provisions(subject, self.sources)?.unwrap_or_default();
        let installed = Installed::laid_out(provisions.lay_out(self.store)?);
        let artifact = ArtifactPlan { probes: vec![probe], ..subject.artifact.clone() };
        let (subject, started) = (Subject { artifact: &artifact, ..subject }, now());
        let results = self.probe(subject, &exec_env, &installed)?;
        Ok(self.evidence(subject, &exec_env, (self.record(&exec_env, root_name), &installed), results, started))
    }

    /// The place that an artifact was proven in a moment ago.
    fn once_had(&self, subject: Subject<'_>, root: &RootName) -> Result<ExecEnv, Failure> {
        let target = subject.artifact.target.as_ref().unwrap_or(self.host);
        self.exec_env(subject, root, target, &mut |_| {}).map_err(|reason| {
            Failure::new(
                Class::NotProven,
                "root-gone",
                format!("cannot be tried as a user has it: the root {root} was there, and now {reason}"),
            )
            .about(subject.id.to_string())
            .hint("run the command again")
        })
    }

    fn record(&self, exec_env: &ExecEnv, name: &RootName) -> RootRecord {
        exec_env.record(name, self.roots.isolation.ok())
    }

    fn evidence(
        &self,
        subject: Subject<'_>,
        exec_env: &ExecEnv,
        (root, installed): (RootRecord, &Installed),
        results: Vec<ProbeResult>,
        started: u64,
    ) -> Evidence {
        let root = match kinds::runtime(&subject.artifact.kind) {
            // It is loaded by a program of the root.
            Some(_) => root,
            None => exec_env.narrowed(root, &installed.loaders(subject)),
        };
        let trial = subject.artifact.trial(&root.name);
        let mut tools = self.tools.clone();
        tools.extend(
            subject.artifact.product.as_ref().and_then(|id| self.compilers.get(id)).map(|rustc| ("rustc".to_owned(), rustc.clone())),
        );
        Evidence {
            artifact: subject.id.clone(),
            subjects: BTreeMap::from([(subject.artifact.file_name.clone(), subject.digest)]),
            required: trial.digest(),
            trial,
            root,
            means: exec_env.means(),
            results,
            plain_not_tried: None,
            started,
            tools,
        }
    }

    /// The place for the artifact, with what loads it.
    fn exec_env(&self, subject: Subject<'_>, root: &RootName, target: &Target, say: &mut dyn FnMut(&str)) -> Result<ExecEnv, Unavailable> {
        let runtime = kinds::runtime(&subject.artifact.kind);
        let exec_env = self.roots.with_runtime(runtime, root, target, self.host, say)?;
        match (&exec_env.emulator, subject.artifact.cpu) {
            // On a machine of another kind the only processor is an emulated one, which has what users must have and no more.
            (Some(Emulator::Qemu(_)), Some(level)) if target.arch() == "x86_64" => self.roots.lesser(&exec_env, target, (level, true), say),
            _ => Ok(exec_env),
        }
    }

    /// Runs every probe on what is installed; each in a scratch folder of its own.
    ///
    /// # Errors
    /// Where a scratch folder cannot be made, or on Ctrl-C.
    pub fn probe(&self, subject: Subject<'_>, exec_env: &ExecEnv, installed: &Installed) -> Result<Vec<ProbeResult>, Failure> {
        let scratch = self.store.temporary_folder().map_err(Failure::from)?;
        let isolation = self.roots.isolation.ok();
        let mut results = Vec::new();
        for probe in &subject.artifact.probes {
            let placement = installed.placement(scratch.path());
            results.push(run_in(exec_env, isolation, self.launcher, placement, probe));
            if self.launcher.is_cancelled() {
                return Err(Failure::interrupted());
            }
        }
        Ok(results)
    }
}

/// Whether what is remembered shows what is required of just these bytes.
fn is_of(evidence: &Evidence, subject: Subject<'_>, required: Digest) -> bool {
    evidence.is_about(subject.id, &subject.artifact.file_name, subject.digest) && evidence.shows(required).is_ok()
}

/// A root that another machine could have is a gap; one that should be here and is not, a failure.
fn no_root(id: &ArtifactId, root: &RootName, reason: Unavailable) -> Stop {
    let class = match reason {
        Unavailable::Elsewhere(why) => return Stop::NotRun(reason::reason(&why)),
        Unavailable::ToolMissing(_) => Class::ToolMissing,
        Unavailable::Failed(_) => Class::NotProven,
    };
    let failure = Failure::new(class, "no-root", format!("the root {root} cannot be had here: {reason}")).about(id.to_string());
    failure
        .hint("`plimsoll doctor` says what is missing; a root that is weaker does not count, unless the manifest asks for no more")
        .into()
}

/// What a person is told of evidence that did not pass.
pub fn failure(plan: &Plan, id: &ArtifactId, artifact: &ArtifactPlan, evidence: &Evidence) -> Failure {
    let core = artifact.product.as_ref().and_then(|id| plan.products.get(id)).map(|product| &product.core);
    let mut failure = Failure::new(Class::NotProven, "probe-failed", "did not pass its probes").about(id.to_string());
    let libc = evidence.root.libc.as_ref().map(|libc| format!(" ({libc})")).unwrap_or_default();
    failure = failure.cause("root", format!("{}{libc}", evidence.root.name));
    let mut hint = None;
    for result in &evidence.results {
        let (Outcome::Failed(reason) | Outcome::NotRun(reason)) = &result.outcome else { continue };
        if let Some(processor) = level::processor(result) {
            failure = failure.cause("processor", processor);
        }
        // Of a long script its name says more.
        let ran = result.ran.join(" ");
        let ran = if ran.lines().count() > 1 { format!("the script `{}`", result.probe) } else { ran };
        failure = failure.cause("ran", ran);
        if let Some(trouble) = kinds::explain(&artifact.kind, result) {
            hint = hint.or_else(|| level::hint(result, artifact, core)).or_else(|| trouble.hint.clone());
            failure = failure.cause("because", trouble.message.clone());
            failure = trouble.causes.iter().fold(failure, |failure, cause| failure.cause(&cause.label, &cause.text));
            continue;
        }
        if let (Outcome::Failed(_), Some(library)) = (&result.outcome, missing_library(&result.said)) {
            failure.message = format!("needs {library}, which {} does not have", place(evidence));
        }
        failure = failure.cause("because", reason);
        if !result.said.trim().is_empty() {
            failure = failure.cause("said", last_lines(result.said.trim()));
        }
        hint = hint.or_else(|| level::hint(result, artifact, core)).or_else(|| hint_for(&result.said, artifact, evidence));
    }
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// The symbols behind the versions that a loader did not find, which its own words do not name.
pub fn blame(store: &Store, programs: &[Digest], evidence: &Evidence) -> Vec<String> {
    let said = evidence.results.iter().map(|result| result.said.as_str()).collect::<String>();
    if !said.contains("GLIBC_") {
        return Vec::new();
    }
    let mut reasons = Vec::new();
    for digest in programs {
        let facts = store.read(*digest).ok().and_then(|bytes| inspect(&bytes).ok());
        let wanted = facts.iter().flat_map(floor_reasons).filter(|reason| said.contains(&format!("GLIBC_{}'", reason.version)));
        reasons.extend(wanted.map(|reason| reason.describe()));
    }
    reasons
}

/// The end of a long output; evidence keeps more.
fn last_lines(said: &str) -> String {
    const SHOWN: usize = 20;
    let lines = said.lines().collect::<Vec<_>>();
    match lines.len().checked_sub(SHOWN) {
        None | Some(0) => said.to_owned(),
        Some(more) => format!("({more} lines before)\n{}", lines[more..].join("\n")),
    }
}

/// What the loader's words call for.
fn hint_for(said: &str, artifact: &ArtifactPlan, evidence: &Evidence) -> Option<String> {
    // What fits any machine is linked to nothing.
    let target = artifact.target.as_ref()?;
    if said.contains("GLIBC_") && said.contains("not found") {
        let floor = evidence.root.libc.as_ref().and_then(|libc| libc.strip_prefix("glibc ")).unwrap_or("of this root");
        return Some(format!("set glibc = \"{floor}\" or lower under [target.{target}] (builder = \"zig\"), or require a newer root"));
    }
    let library = missing_library(said)?;
    Some(if evidence.means.is_wine() {
        format!("link {library} statically, or have it proven on Windows, which has more than wine: native = true under its target")
    } else {
        format!("link {library} statically, or require a root that has it")
    })
}

/// What evidence was sought in: wine brings its own Windows.
fn place(evidence: &Evidence) -> String {
    match &evidence.means {
        means @ Means::Emulated { emulator, version } if means.is_wine() => format!("{emulator} {version}"),
        _ => format!("the root {}", evidence.root.name),
    }
}

#[cfg(test)]
mod tests;
