//! Files that are made while the release is. They are the same for every target, so that one makes them: which one does not depend on the machine.

use plimsoll_model::plan::{Content, GeneratedBy, Generator};
use plimsoll_model::{ArtifactPlan, Name, PayloadId, Plan, Target, Want};

use crate::manifest::{self, Artifact, Project};

/// Targets whose programs most machines can run, the most first.
const USUAL: [&str; 4] =
    ["x86_64-unknown-linux-musl", "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-musl", "aarch64-unknown-linux-gnu"];

/// The generated files that an artifact takes, if there are any.
pub(super) fn of_artifact(artifact: &Artifact) -> Option<Content> {
    (!artifact.generated.is_empty()).then(|| Content::Generated(artifact.generated.clone()))
}

/// Plans those generators that a wanted artifact takes files of.
pub(super) fn generators(plan: &mut Plan, project: &Project) {
    for generator in &project.generators {
        let is_taken =
            |artifact: &ArtifactPlan| artifact.want == Want::Wanted && artifact.generated().any(|(name, _)| *name == generator.name);
        if !plan.artifacts.values().any(is_taken) {
            continue;
        }
        let by = match &generator.run {
            Some(words) => by_program(plan, project, generator, words),
            None => by_build(plan, project, generator),
        };
        if let Some(by) = by {
            plan.generators.insert(generator.name.clone(), Generator { output: generator.output.clone(), by });
        }
    }
}

/// A program of a payload that is shipped.
fn by_program(plan: &Plan, project: &Project, generator: &manifest::Generator, words: &[String]) -> Option<GeneratedBy> {
    let program = words.first()?;
    let core = project.cores.get(&generator.core)?;
    let products = |target: &Target| plimsoll_model::ProductId::new(&core.name, target);
    let fitting = plan
        .payloads
        .iter()
        .filter(|(_, payload)| payload.products.get(&products(&payload.target)).is_some_and(|binaries| binaries.contains(program)));
    let (payload, planned) = fitting.min_by_key(|(id, payload)| (rank(&payload.target), (*id).clone()))?;
    let root = if planned.target.os() == "linux" { "sandbox" } else { "scrubbed" };
    Some(GeneratedBy::Program { payload: PayloadId::clone(payload), run: words.to_vec(), root: root.parse().ok()? })
}

/// A build: that of the core whose build script makes the files, or the generator's own command.
fn by_build(plan: &mut Plan, project: &Project, generator: &manifest::Generator) -> Option<GeneratedBy> {
    let core = project.cores.get(&generator.core)?;
    let of_core = plan.products.values().filter(|product| product.core == *core.declared()).map(|product| product.target.clone());
    let wanted = plan.targets.iter().filter(|(_, planned)| planned.want == Want::Wanted).map(|(target, _)| target.clone());
    let target = of_core.min_by_key(rank).or_else(|| wanted.min_by_key(rank))?;
    let product = super::product(plan, core, &target);
    leave(plan, &product, &generator.name, &generator.output);
    Some(GeneratedBy::Build(product))
}

fn leave(plan: &mut Plan, product: &plimsoll_model::ProductId, name: &Name, output: &str) {
    if let Some(planned) = plan.products.get_mut(product) {
        planned.leaves.insert(name.clone(), output.to_owned());
    }
}

fn rank(target: &Target) -> (usize, Target) {
    let usual = USUAL.iter().position(|known| *known == target.as_str()).unwrap_or(USUAL.len());
    (usual, target.clone())
}
