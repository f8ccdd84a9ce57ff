//! What one node of a plan needs and this machine does not have.

use std::collections::BTreeMap;
use std::path::Path;

use plimsoll_model::plan::{Builder, Compile, GeneratedBy, Work};
use plimsoll_model::{NodeId, Plan, ProductId, RootName, Target, Trial};

use crate::build::possible;
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
pub(super) fn wants_isolation(lacks: &BTreeMap<NodeId, Lack>) -> bool {
    lacks.values().any(|lack| matches!(lack, Lack::Missing(what) if what.ends_with(FORBIDDEN)))
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

/// What a node lacks; none where nothing is known to be missing.
pub(super) fn of(context: &RunContext<'_>, plan: &Plan, work: &Work) -> Option<Lack> {
    match work {
        Work::Build { product } => of_build(context, plan, product),
        Work::Prove { trial } => of_trial(&context.prove(), plan.trials.get(trial)?),
        Work::Generate { generator } => match &plan.generators.get(generator)?.by {
            GeneratedBy::Program { payload, root, .. } => {
                let stage = context.prove();
                let target = &plan.payloads.get(payload)?.target;
                Lack::of(stage.roots.target_support(target).state).or_else(|| of_root(&stage, root, target))
            }
            GeneratedBy::Build(_) => None,
        },
        Work::Gate { .. } | Work::Assemble { .. } | Work::Inspect { .. } | Work::Pack { .. } => None,
    }
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
    by_cargo.then(|| builders.program(builder, Path::new("cargo")).err())?.map(|failure| Lack::Missing(failure.message))
}

fn of_trial(stage: &ProveStage<'_>, trial: &Trial) -> Option<Lack> {
    let roots = &stage.roots;
    let target = trial.target.as_ref().unwrap_or(stage.host);
    if let Some(runtime) = kinds::install_client(trial.client).runtime() {
        return Lack::of(roots.runtime_support(runtime, &trial.root, target));
    }
    let support = roots.target_support(target);
    if trial.native && support.emulator.is_some() {
        return Some(Lack::Elsewhere);
    }
    let level = || trial.cpu.and_then(|_| roots.level_support(target)).and_then(Lack::of);
    Lack::of(support.state).or_else(|| of_root(stage, &trial.root, target)).or_else(level)
}

/// What a root lacks. Windows comes with wine, whatever the root's name.
fn of_root(stage: &ProveStage<'_>, root: &RootName, target: &Target) -> Option<Lack> {
    if target.os() != "linux" || root.as_str() == "scrubbed" {
        return None;
    }
    if let Err(reason) = stage.roots.isolation {
        return Some(Lack::Missing(match reason {
            NoIsolation::Tool(error) => error.to_string(),
            other => format!("{other}{FORBIDDEN}"),
        }));
    }
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
