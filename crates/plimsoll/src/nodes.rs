//! Each node's work: which stage does it, what it is given, and what is told of it.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::time::Duration;

use plimsoll_model::plan::{Builder, GeneratedBy, Node, Origin, Work};
use plimsoll_model::{
    ArtifactId, ArtifactPlan, Class, Digest, Failure, Measured, Name, NodeId, PayloadId, Plan, ProductId, ProductPlan, TargetPlan, Trial,
    TrialId,
};

use plimsoll_store::Output;

use crate::assemble::{AssembleStage, Built};
use crate::build::{BuildRequest, BuildStage};
use crate::foreign::{InspectStage, Left};
use crate::gates::GateStage;
use crate::generate::{GenerateStage, Program};
use crate::graph::Stop;
use crate::packing::{PackStage, Parts};
use crate::prove::{ProveStage, Subject, Trying};
use crate::report::{self, Event, Reporter};
use crate::results::Results;
use plimsoll_exec::cores::Cores;

/// The stages of one run, and the map that they fill.
pub struct Nodes<'a> {
    /// What is done.
    pub plan: &'a Plan,
    /// Gates.
    pub gates: GateStage<'a>,
    /// Builds of the project's own folder.
    pub build: BuildStage<'a>,
    /// Builds of folders below it, by their paths.
    pub builds_below: BTreeMap<&'a str, BuildStage<'a>>,
    /// Assembles.
    pub assemble: AssembleStage<'a>,
    /// Inspects what the project's own commands left.
    pub inspect: InspectStage<'a>,
    /// Packs.
    pub pack: PackStage<'a>,
    /// Proves.
    pub prove: ProveStage<'a>,
    /// The budget of cores.
    pub cores: &'a Cores,
    /// Whether the run was interrupted.
    pub interrupted: &'a (dyn Fn() -> bool + Sync),
    /// What was found out.
    pub results: &'a Results,
    /// Who hears of it.
    pub reporter: &'a Reporter,
}

impl Nodes<'_> {
    /// Does a node's work.
    ///
    /// # Errors
    /// A failure, or the reason why this machine cannot do it.
    pub fn work(&self, id: &NodeId, node: &Node) -> Result<(), Stop> {
        let worked = self.cores.work(self.interrupted, || self.work_with_core(id, node));
        let worked = worked.map_err(|error| Failure::from_error(Class::NotProven, "cores", &error))?;
        worked.unwrap_or_else(|| Err(Failure::interrupted().into()))
    }

    fn work_with_core(&self, id: &NodeId, node: &Node) -> Result<(), Stop> {
        self.reporter.tell(Event::Started { node: id.clone(), title: title(self.plan, &node.work) });
        match &node.work {
            Work::Gate { index } => self.gate(id, *index),
            Work::Build { product } => self.build(id, product),
            Work::Assemble { payload } => self.assemble(payload),
            Work::Generate { generator } => self.generate(id, generator),
            Work::Inspect { artifact } => self.inspect(id, artifact),
            Work::Pack { artifact } => self.pack(id, artifact),
            Work::Prove { trial } => self.prove(id, trial),
        }
    }

    fn gate(&self, id: &NodeId, index: usize) -> Result<(), Stop> {
        let gate = self.plan.gates.before.get(index).ok_or_else(|| inconsistent(id.as_str()))?;
        let (time, remembered) = self.gates.before(gate)?;
        self.done(id, "passed", format!("gate {}", gate.name), report::duration(time), remembered);
        Ok(())
    }

    fn build(&self, id: &NodeId, product_id: &ProductId) -> Result<(), Stop> {
        let product = self.plan.products.get(product_id).ok_or_else(|| inconsistent(product_id.as_str()))?;
        let of_any = TargetPlan::of_any_machine();
        let target = if product.compile.is_for_any() { &of_any } else { self.target(&product.target)? };
        let stage = self.builds_below.get(product.compile.path()).unwrap_or(&self.build);
        if !product.compile.is_for_any() {
            crate::build::possible(&product.target, target.builder, stage.toolchain, stage.builders)?;
        }
        if target.builder == Builder::Cross && stage.repository.is_some() {
            let untold = "the build asks git, and a container does not see the repository, so it may ship `unknown`";
            self.reporter.tell(Event::Warning(format!("{product_id}: {untold}")));
        }
        let taken = self.plan.payloads.values().filter_map(|payload| payload.products.get(product_id));
        let binaries = taken.flatten().cloned().collect::<BTreeSet<_>>();
        let embedded = self.embedded(&product.embed)?;
        let request = BuildRequest { product, target, binaries: &binaries, embedded: &embedded, given: &self.plan.given };
        let mut say = |text: &str| self.reporter.tell(Event::Progress { node: id.clone(), text: text.to_owned() });
        let built = stage.run(request, &mut say).map_err(|stop| stop.about(product_id.to_string()))?;
        if let Some(reason) = &built.uncacheable {
            self.reporter.tell(Event::Warning(format!("{product_id} will be built every time: {reason}")));
        }
        let floor = target.glibc.map(|floor| format!(", glibc {floor}")).unwrap_or_default();
        let note = format!("{}{floor}", report::duration(Duration::from_millis(built.milliseconds)));
        self.done(id, "built", title_of_product(product_id, product), note, built.remembered);
        self.results.products.put(product_id.clone(), built);
        Ok(())
    }

    /// Proven artifacts that a build is given.
    fn embedded(&self, embed: &BTreeMap<String, ArtifactId>) -> Result<BTreeMap<String, (String, Digest)>, Stop> {
        let given = embed.iter().map(|(variable, artifact)| {
            let (packed, _) = self.results.packed.get(artifact).ok_or_else(|| inconsistent(artifact.as_str()))?;
            Ok((variable.clone(), (self.artifact(artifact)?.file_name.to_string(), packed.digest)))
        });
        given.collect()
    }

    fn assemble(&self, payload_id: &PayloadId) -> Result<(), Stop> {
        let payload = self.plan.payloads.get(payload_id).ok_or_else(|| inconsistent(payload_id.as_str()))?;
        let mut binaries = BTreeMap::new();
        for id in payload.products.keys() {
            let built = self.results.products.get(id).zip(self.plan.products.get(id));
            let (built, planned) = built.ok_or_else(|| inconsistent(id.as_str()))?;
            binaries.extend(built.programs.into_iter().map(|(name, output)| (name, (output, planned.strip))));
        }
        let built = Built { payload, plan: self.target(&payload.target)?, binaries: &binaries };
        let (assembled, _) = self.assemble.run(payload_id, built)?;
        self.results.assembled.put(payload_id.clone(), assembled);
        Ok(())
    }

    fn generate(&self, id: &NodeId, name: &Name) -> Result<(), Stop> {
        let generator = self.plan.generators.get(name).ok_or_else(|| inconsistent(name.as_str()))?;
        let (files, remembered) = match &generator.by {
            GeneratedBy::Build(product) => {
                let built = self.results.products.get(product).ok_or_else(|| inconsistent(product.as_str()))?;
                (built.left.get(name).cloned().unwrap_or_default(), built.remembered)
            }
            GeneratedBy::Program { payload, run, root } => {
                let planned = self.plan.payloads.get(payload).ok_or_else(|| inconsistent(payload.as_str()))?;
                let assembled = self.results.assembled.get(payload).ok_or_else(|| inconsistent(payload.as_str()))?;
                let stage = GenerateStage { store: self.prove.store, prove: &self.prove };
                let program = Program { target: &planned.target, binaries: &assembled.binaries, run, root, epoch: self.plan.epoch };
                let mut say = |text: &str| self.reporter.tell(Event::Progress { node: id.clone(), text: text.to_owned() });
                stage.run(name, &generator.output, program, &mut say)?
            }
        };
        self.done(id, "generated", name.to_string(), report::bytes(files.values().map(|file| file.size).sum()), remembered);
        self.results.generated.put(name.clone(), files);
        Ok(())
    }

    /// The generated files that an artifact takes, each with its place in it.
    fn generated(&self, artifact: &ArtifactPlan) -> Result<BTreeMap<String, Output>, Failure> {
        let mut files = BTreeMap::new();
        for (name, place) in artifact.generated() {
            let made = self.results.generated.get(name).ok_or_else(|| inconsistent(name.as_str()))?;
            files.extend(crate::packing::placed(&artifact.kind, made, place));
        }
        Ok(files)
    }

    fn inspect(&self, id: &NodeId, artifact_id: &ArtifactId) -> Result<(), Stop> {
        let artifact = self.artifact(artifact_id)?;
        let Origin::Foreign(foreign) = &artifact.origin else { return Err(inconsistent(artifact_id.as_str()).into()) };
        let built = self.results.products.get(&foreign.product).ok_or_else(|| inconsistent(foreign.product.as_str()))?;
        let output = built.programs.into_values().next().ok_or_else(|| inconsistent(foreign.product.as_str()))?;
        let target = artifact.fits.one().map(|target| self.target(target).map(|plan| (target, plan))).transpose()?;
        let left = Left { id: artifact_id, artifact, foreign, target, output: &output };
        let (measured, remembered) = self.inspect.run(left)?;
        self.done(id, "inspected", artifact.file_name.to_string(), report::bytes(output.size), remembered);
        self.results.packed.put(artifact_id.clone(), (output, measured));
        Ok(())
    }

    fn pack(&self, id: &NodeId, artifact_id: &ArtifactId) -> Result<(), Stop> {
        let artifact = self.artifact(artifact_id)?;
        let mut payloads = Vec::new();
        for (payload, planned) in self.plan.payloads_of(artifact) {
            let assembled = self.results.assembled.get(payload).ok_or_else(|| inconsistent(payload.as_str()))?;
            payloads.push((&planned.target, assembled));
        }
        let further = self.cores.try_acquire_up_to(self.cores.total().saturating_sub(1));
        let threads = u32::try_from(further.len() + 1).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
        let stage = PackStage { threads, ..self.pack };
        let (output, remembered) =
            stage.run(self.plan, Parts { id: artifact_id, artifact, payloads: &payloads, generated: &self.generated(artifact)? })?;
        self.done(id, "packed", artifact.file_name.to_string(), report::bytes(output.size), remembered);
        // What is filled with several is for several machines, each of which has a floor of its own.
        let measured = match payloads.as_slice() {
            [(_, only)] => only.measured.clone(),
            _ => Measured::default(),
        };
        self.results.packed.put(artifact_id.clone(), (output, measured));
        Ok(())
    }

    fn prove(&self, id: &NodeId, trial_id: &TrialId) -> Result<(), Stop> {
        let trial = self.plan.trials.get(trial_id).ok_or_else(|| inconsistent(trial_id.as_str()))?;
        let mut subjects = Vec::new();
        for id in trial.subjects.keys() {
            let (packed, _) = self.results.packed.get(id).ok_or_else(|| inconsistent(id.as_str()))?;
            subjects.push(Subject { id, artifact: self.artifact(id)?, digest: packed.digest });
        }
        let mut say = |text: &str| self.reporter.tell(Event::Progress { node: id.clone(), text: text.to_owned() });
        let trying = Trying { id: trial_id, trial, subjects: &subjects };
        let (evidence, remembered) = self.prove.run(trying, self.plan, &mut say)?;
        if let Some(doubt) = evidence.doubted() {
            return Err(Stop::NotRun(doubt.to_owned()));
        }
        self.results.evidence.put(trial_id.clone(), evidence.clone());
        if !evidence.passed() {
            let binaries = self.binaries(&subjects).into_iter().map(|output| output.digest).collect::<Vec<_>>();
            let failure = crate::prove::failure(self.plan, trying, &evidence);
            let demands = crate::prove::blame(self.prove.store, &binaries, &subjects, &evidence);
            return Err(demands.into_iter().fold(failure, |failure, demand| failure.cause("demands", demand)).into());
        }
        let note = report::proof(&evidence);
        self.done(id, "proven", title_of_trial(trial_id, trial), note, remembered);
        Ok(())
    }

    /// The programs and libraries that artifacts are filled with.
    fn binaries(&self, subjects: &[Subject<'_>]) -> Vec<Output> {
        let payloads = subjects.iter().flat_map(|subject| subject.artifact.payloads());
        payloads.filter_map(|id| self.results.assembled.get(id)).flat_map(|assembled| assembled.binaries.into_values()).collect()
    }

    fn artifact(&self, id: &ArtifactId) -> Result<&ArtifactPlan, Failure> {
        self.plan.artifacts.get(id).ok_or_else(|| inconsistent(id.as_str()))
    }

    fn target(&self, target: &plimsoll_model::Target) -> Result<&TargetPlan, Failure> {
        self.plan.targets.get(target).ok_or_else(|| inconsistent(target.as_str()))
    }

    fn done(&self, id: &NodeId, verb: &'static str, title: String, note: String, remembered: bool) {
        self.reporter.tell(Event::Done { node: Some(id.clone()), verb, title, note, remembered });
    }
}

/// The place that a node works in alone: builds that share a work folder come one after the other.
pub fn place(plan: &Plan, work: &Work) -> Option<String> {
    match work {
        Work::Build { product } => plan.products.get(product).map(crate::build::shared_folder),
        Work::Gate { .. }
        | Work::Assemble { .. }
        | Work::Generate { .. }
        | Work::Inspect { .. }
        | Work::Pack { .. }
        | Work::Prove { .. } => None,
    }
}

/// What a node does, in a few words.
pub fn title(plan: &Plan, work: &Work) -> String {
    let file = |artifact: &ArtifactId| {
        plan.artifacts.get(artifact).map_or_else(|| artifact.to_string(), |artifact| artifact.file_name.to_string())
    };
    match work {
        Work::Gate { index } => format!("gate {}", plan.gates.before.get(*index).map(|gate| gate.name.as_str()).unwrap_or_default()),
        Work::Build { product } => match plan.products.get(product) {
            Some(planned) => format!("building {}", title_of_product(product, planned)),
            None => format!("building {product}"),
        },
        Work::Assemble { payload } => format!("assembling {payload}"),
        Work::Generate { generator } => format!("generating {generator}"),
        Work::Inspect { artifact } => format!("inspecting {}", file(artifact)),
        Work::Pack { artifact } => format!("packing {}", file(artifact)),
        Work::Prove { trial } => match plan.trials.get(trial) {
            Some(planned) => format!("proving {} in {}", title_of_trial(trial, planned), planned.root),
            None => format!("proving {trial}"),
        },
    }
}

/// The file that is tried by itself, or the trial, if a test declares it.
fn title_of_trial(id: &TrialId, trial: &Trial) -> String {
    let own = trial.subjects.iter().find(|(artifact, _)| id.is_of(artifact));
    own.map_or_else(|| id.to_string(), |(_, subject)| subject.file_name.to_string())
}

fn title_of_product(id: &ProductId, product: &ProductPlan) -> String {
    if product.compile.is_for_any() { product.core.to_string() } else { id.as_str().replacen('/', " for ", 1) }
}

/// A plan whose nodes refer to what is not there; a fault of plimsoll, or of a plan from elsewhere.
fn inconsistent(what: &str) -> Failure {
    Failure::new(Class::NotProven, "plan", "the plan refers to something that is not there").about(what)
}
