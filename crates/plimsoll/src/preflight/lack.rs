//! What one node of a plan needs and this machine does not have.

use std::collections::BTreeMap;
use std::path::Path;

use plimsoll_model::plan::{Builder, Compile, GeneratedBy, Work};
use plimsoll_model::{NodeId, Plan, ProductId, RootName, Target, Trial};

use super::linker;
use crate::build::{called_for, possible};
use crate::graph::Stop;
use crate::kinds;
use crate::prove::ProveStage;
use crate::run_context::RunContext;
use plimsoll_exec::availability::Availability;
use plimsoll_exec::bubblewrap::NoIsolation;
use plimsoll_exec::tool::Tool;
use plimsoll_roots::root_status::Provider;

/// What is said of a bubblewrap that is there and may not do its work.
const FORBIDDEN: &str = ": see `plimsoll doctor`";

/// Whether something is missing because bubblewrap may not do its work.
pub(super) fn wants_isolation(lacks: &BTreeMap<NodeId, Vec<Lack>>) -> bool {
    lacks.values().flatten().any(|lack| matches!(lack, Lack::Missing(what) if what.ends_with(FORBIDDEN)))
}

/// Why a node cannot be done here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lack {
    /// Something that can be installed, as a person is told.
    Missing(String),
    /// Another machine could do it.
    Elsewhere,
}

impl Lack {
    fn of(state: Availability) -> Option<Self> {
        match state {
            Availability::Ready { .. } => None,
            Availability::Missing { what } => Some(Self::Missing(what)),
            Availability::Elsewhere { .. } => Some(Self::Elsewhere),
        }
    }
}

/// What a node lacks, as far as it is known.
pub(super) fn of(context: &RunContext<'_>, plan: &Plan, work: &Work) -> Vec<Lack> {
    match work {
        Work::Build { product } => of_command(context, plan, product).chain(of_build(context, plan, product)).collect(),
        Work::Prove { trial } => plan.trials.get(trial).map(|trial| of_trial(&context.prove(), plan, trial)).unwrap_or_default(),
        Work::Generate { generator } => match plan.generators.get(generator).map(|generator| &generator.by) {
            Some(GeneratedBy::Program { payload, root, .. }) => {
                let target = plan.payloads.get(payload).map(|payload| &payload.target);
                target.map(|target| of_start(&context.prove(), root, target)).unwrap_or_default()
            }
            Some(GeneratedBy::Build(_)) | None => Vec::new(),
        },
        Work::Gate { .. } | Work::Assemble { .. } | Work::Inspect { .. } | Work::Pack { .. } => Vec::new(),
    }
}

/// What the project's own command calls and is not here.
fn of_command<'c>(context: &'c RunContext<'_>, plan: &Plan, id: &ProductId) -> impl Iterator<Item = Lack> + use<'c> {
    let called = plan.products.get(id).map(|product| called_for(&product.compile)).unwrap_or_default();
    called.into_iter().filter_map(|tool| context.host_tools.toolbox.locate(tool).err()).map(|error| Lack::Missing(error.to_string()))
}

fn of_build(context: &RunContext<'_>, plan: &Plan, id: &ProductId) -> Option<Lack> {
    let product = plan.products.get(id)?;
    if product.compile.is_for_any() {
        return None;
    }
    let builder = plan.targets.get(&product.target)?.builder;
    let folder = context.below.get(product.compile.path()).unwrap_or(&context.own);
    let builders = &context.host_tools.builders;
    match possible(&product.target, builder, &folder.toolchain, builders) {
        Err(Stop::Failed(failure)) => return Some(Lack::Missing(failure.message)),
        Err(Stop::NotRun(_)) => return Some(Lack::Elsewhere),
        Ok(()) => {}
    }
    let by_cargo = matches!(product.compile, Compile::Cargo { .. }) && builder != Builder::Command;
    if by_cargo
        && builder == Builder::Native
        && let Some(missing) = linker::missing(context, folder, product)
    {
        return Some(Lack::Missing(missing));
    }
    by_cargo.then(|| builders.program(builder, Path::new("cargo")).err())?.map(|failure| Lack::Missing(failure.message))
}

fn of_trial(stage: &ProveStage<'_>, plan: &Plan, trial: &Trial) -> Vec<Lack> {
    let roots = &stage.roots;
    let target = trial.target.as_ref().unwrap_or(stage.host);
    let client = kinds::install_client(trial.client);
    if trial.subjects.keys().filter_map(|id| plan.artifacts.get(id)).any(|artifact| client.unfit(&trial.root, artifact).is_some()) {
        return vec![Lack::Elsewhere];
    }
    if let Some(runtime) = client.runtime() {
        return Lack::of(roots.runtime_support(runtime, &trial.root, target)).into_iter().collect();
    }
    if trial.native && roots.target_support(target).emulator.is_some() {
        return vec![Lack::Elsewhere];
    }
    let level = trial.cpu.and_then(|_| roots.level_support(target)).and_then(Lack::of);
    of_start(stage, &trial.root, target).into_iter().chain(level).collect()
}

/// What is lacking to start a program of a target in a root.
fn of_start(stage: &ProveStage<'_>, root: &RootName, target: &Target) -> Vec<Lack> {
    let support = Lack::of(stage.roots.target_support(target).state);
    let mut lacks = support.into_iter().chain(of_root(stage, root, target)).collect::<Vec<_>>();
    // Both may miss the same tool.
    lacks.dedup();
    lacks
}

/// What a root lacks. Windows comes with wine, whatever the root's name.
fn of_root(stage: &ProveStage<'_>, root: &RootName, target: &Target) -> Vec<Lack> {
    if target.os() != "linux" || root.as_str() == "scrubbed" {
        return Vec::new();
    }
    let isolation = stage.roots.isolation.err().map(|reason| match reason {
        NoIsolation::Tool(error) => Lack::Missing(error.to_string()),
        other => Lack::Missing(format!("{other}{FORBIDDEN}")),
    });
    isolation.into_iter().chain(of_files(stage, root, target)).collect()
}

/// What is lacking to have a root's files.
fn of_files(stage: &ProveStage<'_>, root: &RootName, target: &Target) -> Option<Lack> {
    let status = stage.roots.root_status(root, target).filter(|status| status.digest.is_none())?;
    let has = |tool: Tool| stage.roots.toolbox.locate(tool).is_ok();
    match status.provider {
        Provider::Debian if !has(Tool::Mmdebstrap) && !has(Tool::Debootstrap) => {
            Some(Lack::Missing(format!("mmdebstrap is missing, which makes the root {root}")))
        }
        Provider::Debian => None,
        Provider::Archive | Provider::Image => status.lacks.map(|_| Lack::Elsewhere),
    }
}
