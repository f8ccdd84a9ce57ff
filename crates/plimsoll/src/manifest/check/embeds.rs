//! Artifacts that a core embeds: each must be one that is shipped for the target, and no product may need itself.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{Name, Target};

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::nearest::nearest;
use super::super::project::{Artifact, Core, Embedded};
use super::super::written::{Manifest, Written};
use super::Artifacts;
use super::artifacts::is_wanted;
use super::values;

/// A product by core and target.
type Product<'p> = (&'p Name, &'p Target);

/// Fills in what each core embeds.
pub(crate) fn check(manifest: &Manifest, artifacts: &Artifacts, cores: &mut BTreeMap<Name, Core>, out: &mut Diagnostics) {
    let before = out.count();
    for (name, table) in &manifest.core {
        let mut embed = BTreeMap::new();
        for (variable, written) in &table.embed {
            let is_variable = values::is_variable(variable, out);
            if let Some((clash, _)) = table.env.iter().find(|(env, _)| env.value == variable.value) {
                let message = format!("`{}` is set by `env` and by `embed`", variable.value);
                out.push(Diagnostic::new("named-twice", &variable.span, message).context(&clash.span, "the other one"));
            }
            if let Some(embedded) = resolve(written, artifacts, out).filter(|_| is_variable) {
                embed.insert(variable.value.clone(), embedded);
            }
        }
        if let Some(core) = cores.values_mut().find(|core| core.name.as_str() == name.value) {
            for (variable, embedded) in &embed {
                for target in targets_of(&core.name, artifacts) {
                    is_shipped(variable, embedded, target, artifacts, &table.embed, out);
                }
            }
            core.embed = embed;
        }
    }
    if out.count() == before {
        no_cycle(manifest, artifacts, cores, out);
    }
}

/// Targets that a core is built for.
fn targets_of<'a>(core: &Name, artifacts: &'a Artifacts) -> BTreeSet<&'a Target> {
    artifacts
        .list
        .iter()
        .filter(|artifact| artifact.core.as_ref() == Some(core))
        .flat_map(|artifact| artifact.wanted().filter_map(|(target, _)| target))
        .collect()
}

/// `KIND.NAME`, `KIND.NAME/TARGET`, or a file name.
fn resolve(written: &Written<String>, artifacts: &Artifacts, out: &mut Diagnostics) -> Option<Embedded> {
    let (label, target) = written.value.split_once('/').map_or((written.value.as_str(), None), |(label, target)| (label, Some(target)));
    if let Some(artifact) = artifacts.list.iter().find(|artifact| artifact.label() == label) {
        match target.map(|text| artifact.targets.keys().find(|target| target.as_ref().is_some_and(|target| target.as_str() == text))) {
            None if artifact.targets.contains_key(&None) => return Some(Embedded::For(artifact.kind, artifact.name.clone(), None)),
            None => return Some(Embedded::SameTarget(artifact.kind, artifact.name.clone())),
            Some(Some(target)) => return Some(Embedded::For(artifact.kind, artifact.name.clone(), target.clone())),
            Some(None) => {}
        }
    }
    for artifact in &artifacts.list {
        let named = artifact.targets.iter().find(|(_, shipment)| shipment.file_name.as_str() == written.value);
        if let Some((target, _)) = named {
            return Some(Embedded::For(artifact.kind, artifact.name.clone(), target.clone()));
        }
    }
    if artifacts.complete {
        let labels = artifacts.list.iter().map(Artifact::label).collect::<Vec<_>>();
        let ids = artifacts
            .list
            .iter()
            .flat_map(|artifact| artifact.targets.keys().flatten().map(move |target| format!("{}/{target}", artifact.label())));
        let ids = ids.collect::<Vec<_>>();
        let files = artifacts.list.iter().flat_map(|artifact| artifact.targets.values().map(|shipment| shipment.file_name.as_str()));
        let near = nearest(&written.value, labels.iter().chain(&ids).map(String::as_str).chain(files));
        let hint = near.map_or_else(|| format!("artifacts: {}", labels.join(", ")), |near| format!("did you mean `{near}`?"));
        let shown = written.value.chars().take(120).collect::<String>();
        let unknown = Diagnostic::new("unknown-artifact", &written.span, format!("there is no artifact `{shown}`"));
        out.push(unknown.label("neither a file name nor KIND.NAME").hint(hint));
    }
    None
}

fn is_shipped(
    variable: &str,
    embedded: &Embedded,
    target: &Target,
    artifacts: &Artifacts,
    entries: &[(Written<String>, Written<String>)],
    out: &mut Diagnostics,
) {
    let (kind, name, target) = embedded.in_build_for(target);
    let artifact = artifacts.list.iter().find(|artifact| artifact.kind == kind && artifact.name == *name);
    if artifact.is_some_and(|artifact| is_wanted(artifact, target)) {
        return;
    }
    if let Some((_, written)) = entries.iter().find(|(entry, _)| entry.value == variable) {
        let whose = target.map_or("any machine", Target::as_str);
        let message = format!("`{kind}.{name}` is not wanted for {whose}, so there is no proven file to embed");
        out.push(
            Diagnostic::new("embeds-unwanted", &written.span, message).label("embedded here").hint(format!("add {whose} to its targets")),
        );
    }
}

/// What a product embeds.
fn needs<'a>(product: Product<'a>, artifacts: &'a Artifacts, cores: &'a BTreeMap<Name, Core>) -> Vec<Product<'a>> {
    let embeds = cores.get(product.0).into_iter().flat_map(|core| core.embed.values());
    let needed = embeds.filter_map(|embedded| {
        let (kind, name, target) = embedded.in_build_for(product.1);
        let artifact = artifacts.list.iter().find(|artifact| artifact.kind == kind && artifact.name == *name)?;
        Some((artifact.core.as_ref()?, target?))
    });
    needed.collect()
}

fn no_cycle(manifest: &Manifest, artifacts: &Artifacts, cores: &BTreeMap<Name, Core>, out: &mut Diagnostics) {
    let mut told = BTreeSet::new();
    for core in cores.values().filter(|core| !core.embed.is_empty()) {
        for target in targets_of(&core.name, artifacts) {
            let (start, mut waiting, mut seen) = ((&core.name, target), Vec::new(), BTreeSet::new());
            waiting.extend(needs(start, artifacts, cores));
            while let Some(product) = waiting.pop() {
                if product == start && told.insert(&core.name) {
                    report_cycle(manifest, start, out);
                    break;
                }
                if seen.insert(product) {
                    waiting.extend(needs(product, artifacts, cores));
                }
            }
        }
    }
}

fn report_cycle(manifest: &Manifest, (core, target): Product<'_>, out: &mut Diagnostics) {
    let table = manifest.core.iter().find(|(name, _)| name.value == core.as_str());
    let span = table.and_then(|(_, table)| table.embed.first()).map_or(0..0, |(_, written)| written.span.clone());
    let message = format!("the core `{core}` for {target} embeds, directly or through others, an artifact that is made from itself");
    out.push(Diagnostic::new("embed-cycle", &span, message).label("needs itself").hint("what is embedded must come from another core"));
}
