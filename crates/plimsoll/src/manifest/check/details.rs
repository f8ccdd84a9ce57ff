//! How each target is built and proven: `[target.*]` and its defaults.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{GlibcVersion, MacosVersion, RootName, Target, TargetPlan, Want};

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::nearest::nearest;
use super::super::written::{Manifest, Strings, TargetTable, Written};
use super::Artifacts;
use super::builder::{self, CoreKinds};
use super::cores::Cores;
use super::floors;
use super::targets::{Wishes, project_targets, unknown_target};

/// All targets with how they are built and proven; the details of `[target.*]` are held against what is wanted.
pub(crate) fn check(
    manifest: &Manifest,
    project: &Wishes,
    artifacts: &Artifacts,
    cores: &Cores<'_>,
    out: &mut Diagnostics,
) -> BTreeMap<Target, TargetPlan> {
    let wants = all_wants(project, artifacts);
    every_wanted_target_is_shipped(project, artifacts, out);
    let mut tables = BTreeMap::new();
    for (written, table) in &manifest.target {
        match Target::named(&written.value).as_deref() {
            Some([target]) if wants.contains_key(target) => {
                tables.insert(target.clone(), table);
            }
            Some([target]) => {
                if project.incomplete || !artifacts.complete {
                    continue;
                }
                let message = format!("details for {target}, which the project does not have");
                let unused = Diagnostic::new("target-not-in-project", &written.span, message).label("not a target of the project");
                out.push_absence(unused.hint(project_targets(wants.keys())));
            }
            Some(members) => {
                let message = format!("details are for one triple, and `{}` stands for several", written.value);
                let tables = members.iter().map(|target| format!("[target.{target}]")).collect::<Vec<_>>().join(" and ");
                let family = Diagnostic::new("unknown-target", &written.span, message).label("a family");
                out.push(family.hint(format!("write {tables}")));
            }
            None => out.push(unknown_target(written, false)),
        }
    }
    let none = TargetTable::default();
    let plans = wants.into_iter().map(|(target, want)| {
        let table = tables.get(&target).copied().unwrap_or(&none);
        let plan = detail(&target, want, table, kinds_of_cores(&target, artifacts, cores), out);
        (target, plan)
    });
    plans.collect()
}

fn all_wants(project: &Wishes, artifacts: &Artifacts) -> BTreeMap<Target, Want> {
    let mut wants = project.by_target.iter().map(|(target, (want, _))| (target.clone(), want.clone())).collect::<BTreeMap<_, _>>();
    // What the project does not mention is wanted as soon as one artifact wants it, and else what the first artifact says.
    for (target, shipment) in artifacts.list.iter().flat_map(|artifact| &artifact.targets) {
        for target in target.iter().chain(&shipment.only) {
            match wants.get(target) {
                Some(_) if project.by_target.contains_key(target) || shipment.want != Want::Wanted => {}
                _ => {
                    wants.insert(target.clone(), shipment.want.clone());
                }
            }
        }
    }
    wants
}

fn every_wanted_target_is_shipped(project: &Wishes, artifacts: &Artifacts, out: &mut Diagnostics) {
    if !artifacts.complete || artifacts.list.is_empty() {
        return;
    }
    for (target, (want, span)) in &project.by_target {
        let mut shipments = artifacts.list.iter().flat_map(|artifact| &artifact.targets);
        let shipped = shipments.any(|(own, shipment)| own.as_ref() == Some(target) || shipment.only.contains(target));
        if *want == Want::Wanted && !shipped {
            let message = format!("no artifact is made for {target}");
            let hint = "add it to an artifact's targets, or mark it as planned with a reason";
            out.push_absence(Diagnostic::new("target-without-artifact", span, message).label("wanted here").hint(hint));
        }
    }
}

fn kinds_of_cores(target: &Target, artifacts: &Artifacts, cores: &Cores<'_>) -> CoreKinds {
    let mut kinds = CoreKinds::default();
    let target = Some(target.clone());
    for core in
        artifacts.list.iter().filter(|artifact| artifact.targets.contains_key(&target)).filter_map(|artifact| artifact.core.as_ref())
    {
        if cores.is_command(core) { kinds.command = true } else { kinds.cargo = true }
    }
    kinds
}

/// What is known of a target before it is asked of what is built for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Floors {
    /// The oldest glibc that must do.
    pub(crate) glibc: Option<GlibcVersion>,
    /// The oldest macOS that must do.
    pub(crate) macos: Option<MacosVersion>,
}

/// The floors of a target, for whoever must know them before the targets are checked, where all that is wrong with them is told.
pub(crate) fn floors(target: &Target, manifest: &Manifest, kinds: CoreKinds) -> Floors {
    let none = TargetTable::default();
    let table = manifest.target.iter().find(|(name, _)| name.value == target.as_str()).map_or(&none, |(_, table)| table);
    let plan = detail(target, Want::Wanted, table, kinds, &mut Diagnostics::default());
    Floors { glibc: plan.glibc, macos: plan.macos }
}

fn detail(target: &Target, want: Want, table: &TargetTable, kinds: CoreKinds, out: &mut Diagnostics) -> TargetPlan {
    let builder = builder::choose(target, table, kinds, out);
    let glibc = floors::glibc(target, table, builder, out);
    let macos = floors::macos(target, table, out);
    TargetPlan {
        want,
        glibc,
        macos,
        builder,
        roots: roots(target, table, out),
        native: table.native.as_ref().is_some_and(|native| native.value),
    }
}

/// Distributions whose names are common enough to be mistyped.
const DISTRIBUTIONS: [&str; 7] = ["alpine", "archlinux", "debian", "fedora", "opensuse", "rockylinux", "ubuntu"];

fn roots(target: &Target, table: &TargetTable, out: &mut Diagnostics) -> Vec<RootName> {
    let Some(list) = &table.roots else {
        let usual = if target.os() == "linux" { "sandbox" } else { "scrubbed" };
        return usual.parse().into_iter().collect();
    };
    listed_roots(Some(target), list, out)
}

/// The roots of a list, each once; for a target, or for what fits any.
pub(crate) fn listed_roots(target: Option<&Target>, list: &Strings, out: &mut Diagnostics) -> Vec<RootName> {
    if list.value.is_empty() {
        out.push(
            Diagnostic::new("no-roots", &list.span, "an empty list of roots proves nothing")
                .label("no root")
                .hint("leave it out for the default"),
        );
    }
    let mut seen = BTreeSet::new();
    let mut roots = Vec::new();
    for written in &list.value {
        match root(target, written) {
            Err(diagnostic) => out.push(*diagnostic),
            Ok(root) if !seen.insert(root.clone()) => {
                out.push(Diagnostic::new("named-twice", &written.span, format!("the root `{root}` is named twice")));
            }
            Ok(root) => roots.push(root),
        }
    }
    roots
}

fn root(target: Option<&Target>, written: &Written<String>) -> Result<RootName, Box<Diagnostic>> {
    let shown = written.value.chars().take(80).collect::<String>();
    let bad = |hint: Option<String>| {
        let rule = "`scrubbed`, `sandbox`, or a distribution with its version, such as `debian:12`".to_owned();
        let bad = Diagnostic::new("bad-root", &written.span, format!("there is no root `{shown}`"));
        Box::new(bad.label("not a root").hint(hint.unwrap_or(rule)))
    };
    let root = match written.value.parse::<RootName>() {
        Ok(root) => root,
        Err(_) if DISTRIBUTIONS.contains(&shown.as_str()) => {
            return Err(bad(Some(format!("a distribution needs its version: `{shown}:VERSION`"))));
        }
        Err(_) => return Err(bad(nearest(&written.value, ["scrubbed", "sandbox"]).map(|near| format!("did you mean `{near}`?")))),
    };
    if let Some((name, version)) = written.value.split_once(':')
        && !DISTRIBUTIONS.contains(&name)
        && let Some(near) = nearest(name, DISTRIBUTIONS)
    {
        return Err(bad(Some(format!("did you mean `{near}:{version}`?"))));
    }
    if let Some(target) = target.filter(|target| target.os() != "linux" && root.as_str() != "scrubbed") {
        let message = format!("the root `{root}` is a Linux one, and {target} is not");
        return Err(Box::new(Diagnostic::new("bad-root", &written.span, message).label("no such root there").hint("`scrubbed`")));
    }
    Ok(root)
}
