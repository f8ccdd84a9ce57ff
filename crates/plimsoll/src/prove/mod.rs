//! Proving: the artifacts of a trial are installed in a clean root as a user would install them, and every step is run there.
//!
//! What is recorded is about exactly those bytes. Only success is remembered, and never that of a scrubbed root, which is not known by digest.

pub(crate) mod client;
mod day;
mod given;
mod installed;
mod level;
pub(crate) mod provisions;
mod told;
pub(crate) mod unpack;
mod way_out;

use std::collections::BTreeMap;

use plimsoll_model::{
    ArtifactId, ArtifactPlan, Class, Digest, Evidence, Failure, Plan, Probe, ProbeResult, ProductId, RootName, RootRecord, Target, Trial,
    TrialId,
};
use plimsoll_store::{ActionRecord, KeyBuilder, Store};

use crate::graph::Stop;
use crate::kinds;
use crate::project::now;
use crate::reason;
use crate::sources::Sources;
use client::{InstallClient, InstallContext, Installer, Supply};
use plimsoll_exec::launcher::Launcher;
use plimsoll_roots::emulator::Emulator;
use plimsoll_roots::session::Session;
use plimsoll_roots::{ExecEnv, Root, Roots, Unavailable};
use provisions::Provisions;

pub(crate) use day::Day;
pub use day::Extent;
pub use installed::Installed;
pub use told::{blame, failure};

/// Number of the way trials are run; a change of what a root offers raises it.
const FORMAT: u32 = 10;

/// Runs trials.
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

/// What is tried: an artifact with the bytes that were packed.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its id.
    pub id: &'a ArtifactId,
    /// What the plan says of it.
    pub artifact: &'a ArtifactPlan,
    /// Its bytes.
    pub digest: Digest,
}

/// A trial with the bytes that it is about.
#[derive(Debug, Clone, Copy)]
pub struct Trying<'a> {
    /// Its id.
    pub id: &'a TrialId,
    /// What the plan says of it.
    pub trial: &'a Trial,
    /// The artifacts that are installed together, in the order of their ids.
    pub subjects: &'a [Subject<'a>],
}

impl<'a> Trying<'a> {
    /// The way the subjects are installed.
    pub(crate) fn client(self) -> &'static dyn InstallClient {
        kinds::install_client(self.trial.client)
    }

    /// The machine that it is tried on; this one if it may be any.
    fn target(self, host: &'a Target) -> &'a Target {
        self.trial.target.as_ref().unwrap_or(host)
    }

    /// Programs that a subject promises.
    pub(crate) fn binaries(self, subject: Subject<'_>) -> &'a [String] {
        self.trial.subjects.get(subject.id).map_or(&[], |planned| planned.binaries.as_slice())
    }

    /// File name → digest.
    fn files(self) -> BTreeMap<plimsoll_model::FileName, Digest> {
        self.subjects.iter().map(|subject| (subject.artifact.file_name.clone(), subject.digest)).collect()
    }

    /// What a person is told it is about: the subject that is tried by itself, or the trial, if a test declares it.
    pub(crate) fn about(self) -> String {
        let own = self.subjects.iter().find(|subject| self.id.is_of(subject.id));
        own.map_or_else(|| self.id.to_string(), |subject| subject.id.to_string())
    }
}

impl ProveStage<'_> {
    /// The evidence of a trial, remembered or won now. `say` hears of long preparations.
    ///
    /// # Errors
    /// Not run, if this machine cannot have the root or run the target; a failure if the subjects cannot be installed.
    pub fn run(&self, trying: Trying<'_>, plan: &Plan, say: &mut dyn FnMut(&str)) -> Result<(Evidence, bool), Stop> {
        let (trial, target) = (trying.trial, trying.target(self.host));
        let unfit = trying.subjects.iter().find_map(|subject| trying.client().unfit(&trial.root, subject.artifact));
        if let Some(reason) = unfit {
            return Err(Stop::NotRun(reason));
        }
        let emulated = || {
            let (system, arch) = (target.system(), target.arch());
            Stop::NotRun(format!("needs a real {system} on {arch}: the plan takes no emulator (native = true)"))
        };
        // A root that only an emulator could enter takes minutes to make.
        if trial.native && is_foreign(target, self.host) {
            return Err(emulated());
        }
        let exec_env = self.exec_env(trying, say).map_err(|reason| no_root(trying, reason))?;
        if trial.native && exec_env.emulator.is_some() {
            return Err(emulated());
        }
        let baseline_cpu = self.baseline_cpu(trying, &exec_env, target, say)?;
        let record = self.record(&exec_env, &trial.root);
        let steps = self.started(trying, Supply::Store, &trying.trial.steps)?;
        let installer = trying.client().installer(trying, self.install_context(), Supply::Store)?;
        let key = self
            .key((FORMAT, "prove"), trying, &steps, &exec_env, &record)?
            .part("installer", &identity(installer.as_ref()))
            .part("lesser", &baseline_cpu.identity());
        let lasting = !matches!(exec_env.root, Root::Scrubbed);
        let recalled = self.store.recall(key.key()).filter(|_| lasting);
        let recalled = recalled.and_then(|record| serde_json::from_value::<Evidence>(record.facts).ok());
        if let Some(evidence) = recalled.filter(|evidence| is_of(evidence, trying)) {
            return Ok((evidence, true));
        }
        let installed = trying.client().install(trying, self.install_context(), Supply::Store)?;
        let installed = installed.beside(self.given(trying, plan)?);
        let started = now();
        let mut results = self.run_steps((trying, &steps), &exec_env, &installed)?;
        if let Some(reason) = results.iter().find_map(|result| trying.client().lacking(result)) {
            return Err(Stop::NotRun(reason));
        }
        let not_tried = self.once_more((trying, &steps), &baseline_cpu, &installed, &mut results)?;
        let evidence = self.evidence((trying, plan), &exec_env, (record, &installed, installer), results, started);
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

    /// Everything that the outcome of steps depends on.
    fn key(
        &self,
        (format, stage): (u32, &'static str),
        trying: Trying<'_>,
        steps: &[StartedStep<'_>],
        exec_env: &ExecEnv,
        record: &RootRecord,
    ) -> Result<KeyBuilder, Failure> {
        let key = KeyBuilder::new(stage, format)
            .part("trial", trying.trial)
            .part("steps", &steps.iter().map(|step| &step.started).collect::<Vec<_>>())
            .part("bytes", &trying.files())
            .part("project", &self.working_files(trying).identity())
            .part("client", &trying.client().identity(trying, self.install_context())?)
            .part("means", &exec_env.means())
            .part("emulator", &exec_env.emulator_identity())
            .part("own-user", &self.roots.isolation.ok().map(|isolation| isolation.own_user))
            .part("root", record);
        Ok(key)
    }

    /// Steps as the client of a trial starts them.
    fn started<'s>(
        &self,
        trying: Trying<'_>,
        supply: Supply<'_>,
        steps: impl IntoIterator<Item = &'s Probe>,
    ) -> Result<Vec<StartedStep<'s>>, Failure> {
        let started = |step| Ok(StartedStep { step, started: trying.client().step(trying, step, self.install_context(), supply)? });
        steps.into_iter().map(started).collect()
    }

    /// Files of the project that a trial finds in its working folder.
    fn working_files(&self, trying: Trying<'_>) -> Provisions<'_> {
        let mut files = Provisions::default();
        let named = &trying.trial.given.project;
        let is_named = |path: &str| {
            named.iter().any(|name| path.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
        };
        for (path, file) in self.sources.of_project().filter(|(path, _)| is_named(path)) {
            files.source(path, file);
        }
        files
    }

    fn install_context(&self) -> InstallContext<'_> {
        InstallContext { store: self.store, sources: self.sources, host: self.host }
    }

    /// A clean place for what users run, whatever they do there.
    ///
    /// # Errors
    /// Not run, if this machine cannot have the root or run the target; a failure if it should.
    pub(crate) fn place(&self, root: &RootName, target: &Target, say: &mut dyn FnMut(&str)) -> Result<ExecEnv, Stop> {
        self.roots.with_runtime(None, root, target, self.host, say).map_err(|reason| root_missing(root, reason))
    }

    /// What is known of that place.
    pub(crate) fn root_record(&self, exec_env: &ExecEnv, name: &RootName) -> RootRecord {
        self.record(exec_env, name)
    }

    fn record(&self, exec_env: &ExecEnv, name: &RootName) -> RootRecord {
        exec_env.record(name, self.roots.isolation.ok())
    }

    fn evidence(
        &self,
        (trying, plan): (Trying<'_>, &Plan),
        exec_env: &ExecEnv,
        (root, installed, installer): (RootRecord, &Installed, Option<Installer>),
        results: Vec<ProbeResult>,
        started: u64,
    ) -> Evidence {
        let root = match trying.client().runtime() {
            // It is loaded by a program of the root.
            Some(_) => root,
            None => exec_env.narrowed(root, &installed.loaders(trying)),
        };
        let mut tools = self.tools.clone();
        tools.extend(installer.map(|installer| (installer.name, installer.identity)));
        let products = trying.subjects.iter().flat_map(|subject| plan.products_of(subject.artifact));
        tools.extend(products.filter_map(|id| self.compilers.get(id)).map(|rustc| ("rustc".to_owned(), rustc.clone())));
        Evidence {
            subjects: trying.files(),
            required: trying.trial.digest(),
            trial: trying.trial.clone(),
            root,
            means: exec_env.means(),
            results,
            plain_not_tried: None,
            started,
            tools,
        }
    }

    /// The place for the trial, with what loads its subjects.
    fn exec_env(&self, trying: Trying<'_>, say: &mut dyn FnMut(&str)) -> Result<ExecEnv, Unavailable> {
        let (root, target) = (&trying.trial.root, trying.target(self.host));
        let exec_env = self.roots.with_runtime(trying.client().runtime(), root, target, self.host, say)?;
        match (&exec_env.emulator, trying.trial.cpu) {
            // On a machine of another kind the only processor is an emulated one, which has what users must have and no more.
            (Some(Emulator::Qemu(_)), Some(level)) if target.arch() == "x86_64" => self.roots.lesser(&exec_env, target, (level, true), say),
            _ => Ok(exec_env),
        }
    }

    /// Runs steps on what is installed, in their order, in a session that keeps what they write. A machine that can keep nothing over a root still
    /// runs what is one step, since there is none after it that could miss something.
    ///
    /// # Errors
    /// Not run, if this machine cannot keep what they write; a failure if a scratch folder cannot be made, or on Ctrl-C.
    fn run_steps(
        &self,
        (trying, steps): (Trying<'_>, &[StartedStep<'_>]),
        exec_env: &ExecEnv,
        installed: &Installed,
    ) -> Result<Vec<ProbeResult>, Stop> {
        let scratch = self.store.temporary_folder().map_err(Failure::from)?;
        let isolation = self.roots.isolation.ok();
        let session = match Session::begin(exec_env, isolation, self.launcher, scratch.path()) {
            Err(_) if steps.len() == 1 => Session::read_only(exec_env, isolation, self.launcher, scratch.path()),
            session => session,
        };
        let not_kept = |reason| Stop::NotRun(reason::reason(&format!("what one step writes cannot be kept for the next: {reason}")));
        let mut session = session.map_err(not_kept)?;
        self.working_files(trying).lay_into(self.store, &session.work_folder())?;
        let mut results = Vec::new();
        for StartedStep { step, started } in steps {
            let result = session.step(installed.placement(), started);
            // How a client does a step is no part of what was asked.
            results.push(ProbeResult { definition: step.digest(), ..result });
            if self.launcher.is_cancelled() {
                return Err(Failure::interrupted().into());
            }
        }
        Ok(results)
    }
}

/// A step with the form in which its client starts it.
pub(crate) struct StartedStep<'a> {
    step: &'a Probe,
    started: Probe,
}

/// What a key knows of the program that installs: what evidence will say of it.
fn identity(installer: Option<&Installer>) -> Option<&str> {
    installer.map(|installer| installer.identity.as_str())
}

/// Whether what is remembered shows what is required of just these bytes.
fn is_of(evidence: &Evidence, trying: Trying<'_>) -> bool {
    evidence.subjects == trying.files() && evidence.shows(trying.trial.digest()).is_ok()
}

/// Whether a machine surely has no program of `target`'s processor run by itself; of others its roots tell.
fn is_foreign(target: &Target, host: &Target) -> bool {
    matches!((host.arch(), target.arch()), ("x86_64", "aarch64") | ("aarch64", "x86_64"))
}

/// A root that another machine could have is a gap; one that should be here and is not, a failure.
fn no_root(trying: Trying<'_>, reason: Unavailable) -> Stop {
    root_missing(&trying.trial.root, reason).about(trying.about())
}

fn root_missing(root: &RootName, reason: Unavailable) -> Stop {
    let class = match reason {
        Unavailable::Elsewhere(why) => return Stop::NotRun(reason::reason(&why)),
        Unavailable::ToolMissing(_) => Class::ToolMissing,
        Unavailable::Failed(_) => Class::NotProven,
    };
    let failure = Failure::new(class, "no-root", format!("the root {root} cannot be had here: {reason}"));
    failure
        .hint("`plimsoll doctor` says what is missing; a root that is weaker does not count, unless the manifest asks for no more")
        .into()
}

#[cfg(test)]
pub(crate) mod tests;
