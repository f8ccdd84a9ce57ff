//! The plan: [`Project`] → [`Plan`], and the part of it that a person asked for. Pure and deterministic: the same project, sources and epoch
//! give the same plan on every machine. Must not look at a machine, a clock or a folder.

mod generated;
mod given;
mod graph;
mod select;
mod trials;

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::plan::{Content, ForeignBuild, Origin, PLAN_SCHEMA, Source};
use plimsoll_model::{
    ArtifactId, ArtifactPlan, CpuLevel, Fits, KindName, Name, PayloadId, PayloadPlan, Plan, ProductId, ProductPlan, Target,
};
use plimsoll_pack::Kind;

use crate::given::GivenFiles;
use crate::kinds;
use crate::manifest::{Artifact, Core, Project, Shipment};

pub use graph::Cycle;
pub use select::{SelectError, select};

/// What a file that is for every machine is built under; a product has a target.
const NOMINAL: &str = "x86_64-unknown-linux-gnu";

/// The plan of `project` for sources with this identity; `epoch` is what packed files carry as their time, in seconds since 1970.
///
/// # Errors
/// If something must be proven before it can be made. All else that could be wrong is found by `manifest`.
pub fn plan(project: &Project, given: &GivenFiles, source: Source, epoch: u64) -> Result<Plan, Cycle> {
    let mut plan = Plan {
        schema: PLAN_SCHEMA,
        name: project.name.clone(),
        version: project.version.clone(),
        source,
        epoch,
        targets: project.targets.clone(),
        products: BTreeMap::new(),
        generators: BTreeMap::new(),
        payloads: BTreeMap::new(),
        artifacts: BTreeMap::new(),
        trials: BTreeMap::new(),
        given: BTreeMap::new(),
        gates: project.gates.clone(),
        nodes: BTreeMap::new(),
    };
    for artifact in &project.artifacts {
        for (target, shipment) in &artifact.targets {
            let id = ArtifactId::new(&shipment.kind.name(), &artifact.name, target.as_ref());
            let built_for = target.clone().or_else(|| nominal(shipment)).filter(|_| shipment.is_wanted());
            let origin = match (core(artifact, project), &built_for) {
                (Some(core), Some(target)) if core.is_foreign() => Origin::Foreign(foreign(&mut plan, (artifact, shipment), core, target)),
                (Some(core), Some(target)) => {
                    let payload = Content::Payload(fill(&mut plan, &id, (artifact, shipment), core, target));
                    Origin::Packed([payload].into_iter().chain(files(artifact)).chain(generated::of_artifact(artifact)).collect())
                }
                _ => Origin::Packed(files(artifact).into_iter().collect()),
            };
            let planned = ArtifactPlan {
                kind: shipment.kind.clone(),
                name: artifact.name.clone(),
                fits: fits(target.as_ref(), shipment),
                want: shipment.want.clone(),
                file_name: shipment.file_name.clone(),
                origin,
                cpu: core(artifact, project).zip(target.as_ref()).and_then(|(core, target)| level(core, target)),
            };
            plan.artifacts.insert(id, planned);
        }
    }
    generated::generators(&mut plan, project);
    plan.trials = trials::of(&plan, project, given);
    given::build(&mut plan, project, given);
    given::origins(&mut plan, given);
    plan.nodes = graph::nodes(&plan, &trials::order(&plan, project));
    match graph::cycle(&plan.nodes) {
        Some(cycle) => Err(cycle),
        None => Ok(plan),
    }
}

/// The id of an artifact; a kind's name is always sound, so there always is one.
fn artifact_id(kind: Kind, name: &Name, target: Option<&Target>) -> Option<ArtifactId> {
    let kind = kind.as_str().parse::<KindName>().ok()?;
    Some(ArtifactId::new(&kind, name, target))
}

/// The core that an artifact is made of.
fn core<'p>(artifact: &Artifact, project: &'p Project) -> Option<&'p Core> {
    artifact.core.as_ref().and_then(|name| project.cores.get(name))
}

fn fits(target: Option<&Target>, shipment: &Shipment) -> Fits {
    match target {
        Some(target) => Fits::One(target.clone()),
        None if shipment.only.is_empty() => Fits::Any,
        None => Fits::Several(shipment.only.clone()),
    }
}

/// The target under which the product of a file for every machine stands, whether or not anything is wanted for it: its command is not told of it.
fn nominal(shipment: &Shipment) -> Option<Target> {
    shipment.only.first().cloned().or_else(|| NOMINAL.parse().ok())
}

/// The level that a core is compiled for.
fn level(core: &Core, target: &Target) -> Option<CpuLevel> {
    core.cpu.filter(|_| target.arch() == "x86_64")
}

/// The project's files that are shipped, if there are any.
fn files(artifact: &Artifact) -> Option<Content> {
    (!artifact.files.is_empty()).then(|| Content::Project(artifact.files.clone()))
}

/// What is left by an artifact's own command, with the product that stands for that.
fn foreign(plan: &mut Plan, (artifact, shipment): (&Artifact, &Shipment), core: &Core, target: &Target) -> ForeignBuild {
    let product = product(plan, core, target);
    ForeignBuild { product, binaries: artifact.binaries.iter().cloned().collect(), holds: kinds::holds(&shipment.kind) }
}

/// The payload of an artifact, with the product that it is made of: one that is there already, if it is the same.
fn fill(plan: &mut Plan, id: &ArtifactId, (artifact, shipment): (&Artifact, &Shipment), core: &Core, target: &Target) -> PayloadId {
    let product = product(plan, core, target);
    let binaries = artifact.binaries.iter().cloned().collect::<BTreeSet<_>>();
    let payload =
        PayloadPlan { target: target.clone(), products: BTreeMap::from([(product, binaries)]), holds: kinds::holds(&shipment.kind) };
    if let Some((same, _)) = plan.payloads.iter().find(|(_, planned)| **planned == payload) {
        return same.clone();
    }
    let new = PayloadId::new(id, target);
    plan.payloads.insert(new.clone(), payload);
    new
}

/// The product of a core for a target, which is planned if it is not yet.
fn product(plan: &mut Plan, core: &Core, target: &Target) -> ProductId {
    let id = ProductId::new(&core.name, target);
    plan.products.entry(id.clone()).or_insert_with(|| product_plan(core, target));
    id
}

fn product_plan(core: &Core, target: &Target) -> ProductPlan {
    let embed = core.embed.iter().filter_map(|(variable, embedded)| {
        let (kind, name, target) = embedded.in_build_for(target);
        Some((variable.clone(), artifact_id(kind, name, target)?))
    });
    ProductPlan {
        core: core.declared().clone(),
        variant: core.variant_of.as_ref().map(|(_, variant)| variant.clone()),
        target: target.clone(),
        compile: core.compile.clone(),
        strip: core.strip,
        cpu: level(core, target),
        env: core.env.clone(),
        inputs: core.inputs.clone(),
        system: core.system.clone(),
        embed: embed.collect(),
        prebuilt: BTreeMap::new(),
        leaves: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests;
