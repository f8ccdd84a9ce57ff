//! The plan: [`Project`] → [`Plan`], and the part of it that a person asked for. Pure and deterministic: the same project, sources and epoch
//! give the same plan on every machine. Must not look at a machine, a clock or a folder, and cannot fail: what could is found by `manifest`.

mod select;

use std::collections::BTreeMap;

use plimsoll_model::plan::{Demand, Node, PLAN_SCHEMA, Source, Work};
use plimsoll_model::{ArtifactId, ArtifactPlan, KindName, Name, NodeId, Plan, ProductId, ProductPlan, RootName, Target, Want};
use plimsoll_pack::Kind;

use crate::manifest::{Artifact, Core, Project, Shipment};

pub use select::{SelectError, select};

/// The plan of `project` for sources with this identity; `epoch` is what packed files carry as their time, in seconds since 1970.
pub fn plan(project: &Project, source: Source, epoch: u64) -> Plan {
    let mut plan = Plan {
        schema: PLAN_SCHEMA,
        name: project.name.clone(),
        version: project.version.clone(),
        source,
        epoch,
        targets: project.targets.clone(),
        products: BTreeMap::new(),
        artifacts: BTreeMap::new(),
        gates: project.gates.clone(),
        nodes: BTreeMap::new(),
    };
    for artifact in &project.artifacts {
        for (target, shipment) in &artifact.targets {
            let planned = artifact_plan(artifact, target.as_ref(), shipment, project);
            let id = ArtifactId::new(&planned.kind.name(), &planned.name, planned.target.as_ref());
            plan.artifacts.insert(id, planned);
        }
        for (target, _) in artifact.wanted() {
            if let (Some(core), Some(target)) = (core(artifact, project), target) {
                plan.products.insert(ProductId::new(&core.name, target), product_plan(core, target));
            }
        }
    }
    plan.nodes = nodes(&plan);
    plan
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

/// Where what fits any machine is tried unless the manifest says otherwise: not what a machine has, but what every Linux can make.
fn usual_roots() -> Vec<RootName> {
    "sandbox".parse().into_iter().collect()
}

fn artifact_plan(artifact: &Artifact, target: Option<&Target>, shipment: &Shipment, project: &Project) -> ArtifactPlan {
    let place = target.and_then(|target| project.targets.get(target));
    ArtifactPlan {
        kind: shipment.kind.clone(),
        name: artifact.name.clone(),
        target: target.cloned(),
        want: shipment.want.clone(),
        file_name: shipment.file_name.clone(),
        product: artifact.core.as_ref().zip(target).map(|(core, target)| ProductId::new(core, target)),
        binaries: artifact.binaries.clone(),
        files: artifact.files.clone(),
        probes: shipment.probes.clone(),
        roots: shipment.roots.clone().unwrap_or_else(|| place.map_or_else(usual_roots, |place| place.roots.clone())),
        native: place.is_some_and(|place| place.native),
        cpu: core(artifact, project).and_then(|core| core.cpu).filter(|_| target.is_some_and(|target| target.arch() == "x86_64")),
    }
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
        cpu: core.cpu.filter(|_| target.arch() == "x86_64"),
        env: core.env.clone(),
        inputs: core.inputs.clone(),
        embed: embed.collect(),
    }
}

/// The graph over what is wanted: gates one after the other, then every product, artifact and root.
fn nodes(plan: &Plan) -> BTreeMap<NodeId, Node> {
    let mut nodes = BTreeMap::new();
    let mut last_gate = None;
    for (index, gate) in plan.gates.before.iter().enumerate() {
        let id = NodeId::new("gate", &format!("before/{}", gate.name));
        let needs = last_gate.replace(id.clone()).into_iter().map(|gate| (gate, Demand::Finished)).collect();
        nodes.insert(id, Node { work: Work::Gate { index }, needs });
    }
    for (id, product) in &plan.products {
        let mut needs = last_gate.iter().cloned().map(|gate| (gate, Demand::Finished)).collect::<BTreeMap<_, _>>();
        for artifact in product.embed.values() {
            needs.extend(proofs(plan, artifact).map(|proof| (proof, Demand::Proven)));
        }
        nodes.insert(build(id), Node { work: Work::Build { product: id.clone() }, needs });
    }
    for (id, artifact) in plan.artifacts.iter().filter(|(_, artifact)| artifact.want == Want::Wanted) {
        let step = |work: Work, needs: NodeId| Node { work, needs: BTreeMap::from([(needs, Demand::Finished)]) };
        let (assemble, pack) = (NodeId::new("assemble", id.as_str()), NodeId::new("pack", id.as_str()));
        let first = artifact.product.as_ref().map(build).or_else(|| last_gate.clone());
        let needs = first.into_iter().map(|node| (node, Demand::Finished)).collect();
        nodes.insert(assemble.clone(), Node { work: Work::Assemble { artifact: id.clone() }, needs });
        nodes.insert(pack.clone(), step(Work::Pack { artifact: id.clone() }, assemble));
        for root in &artifact.roots {
            let work = Work::Prove { artifact: id.clone(), root: root.clone(), required: artifact.trial(root).digest() };
            nodes.insert(NodeId::new("prove", &format!("{id}/{root}")), step(work, pack.clone()));
        }
    }
    nodes
}

fn build(product: &ProductId) -> NodeId {
    NodeId::new("build", product.as_str())
}

/// The nodes that prove an artifact.
fn proofs<'p>(plan: &'p Plan, artifact: &'p ArtifactId) -> impl Iterator<Item = NodeId> + 'p {
    let roots = plan.artifacts.get(artifact).into_iter().flat_map(|planned| &planned.roots);
    roots.map(move |root| NodeId::new("prove", &format!("{artifact}/{root}")))
}

#[cfg(test)]
mod tests;
