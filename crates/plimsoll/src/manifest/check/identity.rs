//! The name and the version of the release.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::Name;
use semver::Version;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::facts::CargoFacts;
use super::super::project::Core;
use super::super::written::Manifest;
use super::cores::Cores;
use super::{Artifacts, values};

/// Both; none where one is not to be had, or where cores are missing that would tell.
pub(crate) fn check(
    manifest: &Manifest,
    facts: &CargoFacts,
    version_giver: Option<&(String, Version)>,
    artifacts: &Artifacts,
    cores: &BTreeMap<Name, Core>,
    out: &mut Diagnostics,
) -> Option<(Name, Version)> {
    let declared = declared_version(manifest, version_giver, out);
    let name = match &manifest.name {
        Some(written) => values::name(written, "a release", out)?,
        None if artifacts.complete => default_name(facts, cores, out)?,
        None => return None,
    };
    if cores.is_empty() {
        if declared.is_none() && manifest.version.is_none() && artifacts.complete {
            let missing = Diagnostic::new("no-version", &(0..0), "the release has no version, and no core that it could take it from");
            out.push_absence(
                missing.label("`version` is missing").hint("add version = \"1.2.3\" at the top, or a [version] with its `source`"),
            );
        }
        return declared.map(|version| (name, version));
    }
    let own = of_cores(Some(&name), cores.values()).cloned();
    if own.is_none() && artifacts.complete {
        let list = cores.values().map(|core| format!("{} {}", core.name, core.version)).collect::<Vec<_>>().join(", ");
        let span = manifest.name.as_ref().map_or(0..0, |written| written.span.clone());
        let differ = Diagnostic::new("versions-differ", &span, format!("it is not clear which version the release has: {list}"));
        out.push_absence(differ.hint("give the release the name of the core whose version it carries: name = \"…\""));
    }
    Some((name, own?))
}

/// The version that a release will have, as far as it can be told from what is shipped so far; nothing is said of what cannot.
pub(crate) fn foreseen(manifest: &Manifest, facts: &CargoFacts, artifacts: &Artifacts, cores: &Cores<'_>) -> Option<Version> {
    let shipped = artifacts.list.iter().filter_map(|artifact| cores.get(artifact.core.as_ref()?)).collect::<Vec<_>>();
    if shipped.is_empty() {
        return manifest.version.as_ref()?.value.parse().ok();
    }
    let written = manifest.name.as_ref().and_then(|name| name.value.parse().ok());
    let name = written.or_else(|| usual_name(facts, shipped.iter().copied()));
    of_cores(name.as_ref(), shipped.into_iter()).cloned()
}

/// The version that cores give to a release of that name: their only one, or that of the core which has it.
fn of_cores<'c>(name: Option<&Name>, mut cores: impl Iterator<Item = &'c Core> + Clone) -> Option<&'c Version> {
    let versions = cores.clone().map(|core| &core.version).collect::<BTreeSet<_>>();
    match versions.into_iter().collect::<Vec<_>>().as_slice() {
        [] => None,
        [one] => Some(*one),
        _ => cores.find(|core| Some(&core.name) == name).map(|core| &core.version),
    }
}

/// The manifest's own version, which is for projects without a cargo package that gives it.
fn declared_version(manifest: &Manifest, giver: Option<&(String, Version)>, out: &mut Diagnostics) -> Option<Version> {
    let written = manifest.version.as_ref()?;
    if let (Some((package, version)), Some(_)) = (giver, &manifest.versions) {
        if written.value.parse::<Version>().is_ok_and(|own| own == *version) {
            return Some(version.clone());
        }
        out.push(super::versions::differs(written, package, version));
        return None;
    }
    if let Some((package, version)) = giver {
        let message = format!("the version is given by the cargo package `{package}`");
        let hint = "take `version` out; a version that stands in two places differs one day";
        out.push(Diagnostic::new("version-twice", &written.span, message).label(format!("the package has {version}")).hint(hint));
        return None;
    }
    match written.value.parse::<Version>() {
        Ok(version) => Some(version),
        Err(error) => {
            let message = format!("`{}` is not a version", written.value.chars().take(60).collect::<String>());
            out.push(Diagnostic::new("bad-version", &written.span, message).label(error.to_string()).hint("three numbers: \"1.2.3\""));
            None
        }
    }
}

fn default_name(facts: &CargoFacts, cores: &BTreeMap<Name, Core>, out: &mut Diagnostics) -> Option<Name> {
    let name = usual_name(facts, cores.values());
    if name.is_none() {
        let why = if cores.is_empty() { "no core that it could take it from" } else { "several cores that it could take it from" };
        let missing = Diagnostic::new("no-name", &(0..0), format!("the release has no name, and {why}"));
        out.push_absence(missing.label("`name` is missing").hint("add name = \"…\" at the top"));
    }
    name
}

/// The name of the only core (what makes a file for every machine counts if there is nothing else), else that of the package at the root, else that of
/// the repository.
fn usual_name<'c>(facts: &CargoFacts, cores: impl Iterator<Item = &'c Core>) -> Option<Name> {
    let (for_any, for_targets) = cores.partition::<Vec<_>, _>(|core| core.compile.is_for_any());
    let chosen = if for_targets.is_empty() { for_any } else { for_targets };
    let mut names = chosen.iter().map(|core| core.release_name().clone()).collect::<BTreeSet<_>>().into_iter();
    if let (Some(only), None) = (names.next(), names.next()) {
        return Some(only);
    }
    workspace_name(facts)
}

/// The name of the package at the root, else that of the repository.
pub(crate) fn workspace_name(facts: &CargoFacts) -> Option<Name> {
    let root = facts.packages.iter().find(|package| package.folder.is_empty()).and_then(|package| package.name.parse().ok());
    root.or_else(|| repository_name(facts))
}

/// The last part of the address that all packages with binaries give for their repository.
fn repository_name(facts: &CargoFacts) -> Option<Name> {
    let mut addresses = facts.with_binaries().map(|package| package.repository.as_deref());
    let first = addresses.next()??;
    let last = first.trim_end_matches('/').rsplit('/').next()?;
    let name = last.strip_suffix(".git").unwrap_or(last);
    addresses.all(|address| address == Some(first)).then(|| name.parse().ok())?
}
