//! The name and the version of the release.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::Name;
use semver::Version;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::facts::CargoFacts;
use super::super::project::Core;
use super::super::written::Manifest;
use super::Artifacts;
use super::values;

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
    let versions = cores.values().map(|core| &core.version).collect::<BTreeSet<_>>();
    match versions.into_iter().collect::<Vec<_>>().as_slice() {
        [] => declared.map(|version| (name, version)),
        [one] => Some((name, (*one).clone())),
        _ => {
            let own = cores.get(&name).map(|core| core.version.clone());
            if own.is_none() && artifacts.complete {
                let list = cores.values().map(|core| format!("{} {}", core.name, core.version)).collect::<Vec<_>>().join(", ");
                let span = manifest.name.as_ref().map_or(0..0, |written| written.span.clone());
                let differ = Diagnostic::new("versions-differ", &span, format!("it is not clear which version the release has: {list}"));
                out.push_absence(differ.hint("give the release the name of the core whose version it carries: name = \"…\""));
            }
            Some((name, own?))
        }
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
    let mut names = cores.values().map(|core| core.declared().clone()).collect::<BTreeSet<_>>().into_iter();
    if let (Some(only), None) = (names.next(), names.next()) {
        return Some(only);
    }
    let root = facts.packages.iter().find(|package| package.folder.is_empty()).and_then(|package| package.name.parse().ok());
    let root = root.or_else(|| repository_name(facts));
    if root.is_none() {
        let message = "the release has no name, and several cores that it could take it from";
        out.push_absence(Diagnostic::new("no-name", &(0..0), message).label("`name` is missing").hint("add name = \"…\" at the top"));
    }
    root
}

/// The last part of the address that all packages with binaries give for their repository.
fn repository_name(facts: &CargoFacts) -> Option<Name> {
    let mut addresses = facts.with_binaries().map(|package| package.repository.as_deref());
    let first = addresses.next()??;
    let last = first.trim_end_matches('/').rsplit('/').next()?;
    let name = last.strip_suffix(".git").unwrap_or(last);
    addresses.all(|address| address == Some(first)).then(|| name.parse().ok())?
}
