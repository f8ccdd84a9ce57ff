//! `[wheel.NAME]`, spread over its targets: what it says of its project, what lies in it, the tag that its floor allows, and what must work.

mod described;
mod extension;
mod left;
mod modules;
mod required;
pub(crate) mod steps;
mod tag;

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::python::Specifiers;
use plimsoll_model::{GlibcVersion, KindPlan, Libc, RootName, Target, WheelPlan};
use plimsoll_pack::Kind;
use plimsoll_pack::wheel::{Tags, WheelFileName};
use plimsoll_roots::python::versions::{PythonRoot, oldest_and_newest};
use plimsoll_roots::{PYTHON_ROOTS, Runtime};

use super::Table;
use crate::manifest::check::programs::{self, Shipped};
use crate::manifest::check::{Context, cores::Cores, probes};
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::template::Values;
use crate::manifest::{Artifact, ArtifactTable, Manifest, Shipment, Written};
use described::Described;

/// One table; none if something in it is wrong.
pub(crate) fn check(
    table: &ArtifactTable,
    own: &Table,
    context: &Context<'_>,
    cores: &mut Cores<'_>,
    out: &mut Diagnostics,
) -> Option<Vec<Artifact>> {
    let before = out.count();
    let artifacts = if own.is_pure() || table.command.is_some() || table.output.is_some() {
        left::check(table, own, context, cores, out).map(|one| vec![one])
    } else {
        of_core(table, own, context, cores, out)
    };
    artifacts.filter(|_| out.count() == before)
}

/// What a core fills, or maturin makes of it.
fn of_core(
    table: &ArtifactTable,
    own: &Table,
    context: &Context<'_>,
    cores: &mut Cores<'_>,
    out: &mut Diagnostics,
) -> Option<Vec<Artifact>> {
    let shipped = Shipped::find_any(table, context, cores, out)?;
    if shipped.core.library().is_some() {
        return extension::check((table, own), shipped, context, cores, out);
    }
    if let Some(pythons) = &own.pythons {
        let any = Diagnostic::new("bad-python", &pythons.span, "programs are for any Python, which only installs them");
        out.push(any.label("for none in particular").hint("take `pythons` out"));
        return None;
    }
    of_programs((table, own), shipped, context, cores, out).map(|one| vec![one])
}

/// A wheel that is written from programs of a core.
fn of_programs(
    (table, own): (&ArtifactTable, &Table),
    shipped: Shipped,
    context: &Context<'_>,
    cores: &Cores<'_>,
    out: &mut Diagnostics,
) -> Option<Artifact> {
    let Shipped { label, wants, core, name } = &shipped;
    let described = Described::find((table, own), Some(core), context, cores, out)?;
    described.has_the_version_of(core, &table.name, out);
    let binaries = match &own.binaries {
        Some(list) => programs::listed(list, core, out)?,
        None => programs::all(core),
    };
    let modules = modules::find(own, &described, context.sources, out)?;
    let required = required::of(&described.project, table, context, out);
    let commands = described.commands();
    let declared = probes::Declared { probes: own.probe.as_ref(), label, place: &table.name.span };
    let probes = declared.check(Kind::Wheel, &binaries, commands.iter().map(String::as_str), out)?;
    let mut targets = BTreeMap::new();
    for (target, want) in wants {
        let tags = Tags::of_programs(tag::of(target, (context.manifest, None), core, &table.name, out)?);
        let file = WheelFileName { distribution: described.project.name.clone(), version: described.project.version.clone(), tags };
        let plan = WheelPlan { described: Some(described.text(&table.name, out)?), ..described.plan(modules.names(), &required) };
        let values = Values { name, version: &core.version, target: Some(target) };
        let steps = steps::of(&plan, &commands, probes.iter().map(|probe| probe.fill(values)));
        let shipment = Shipment {
            want: want.clone(),
            file_name: file_name(&file, &table.name, out)?,
            kind: KindPlan::Wheel { wheel: Box::new(plan) },
            probes: steps,
            roots: roots(context.manifest, Some(target), (described.project.requires_python.as_ref(), None)),
            only: BTreeSet::new(),
        };
        targets.insert(Some(target.clone()), shipment);
    }
    let files = modules.files.into_iter().chain(described.license_files(&targets)).collect();
    Some(Artifact {
        kind: Kind::Wheel,
        name: shipped.name,
        core: Some(shipped.core.name),
        binaries,
        files,
        generated: BTreeMap::new(),
        needs: required.needs,
        targets,
    })
}

/// A release page holds the name as it is.
fn file_name(file: &WheelFileName, name: &Written<String>, out: &mut Diagnostics) -> Option<plimsoll_model::FileName> {
    let text = file.to_string();
    let parsed = text.parse().ok();
    if parsed.is_none() {
        out.push(Diagnostic::new("bad-file-name", &name.span, format!("`{text}` cannot be a file name")).label("not a file name"));
    }
    parsed
}

/// Where the wheels of a table are installed, root and target, as far as it can be told without its project.
pub(crate) fn runtimes(manifest: &Manifest, table: &ArtifactTable) -> Vec<(Runtime, RootName, Target)> {
    let of_target = |target: Target| {
        let named = manifest.target.iter().find(|(name, _)| name.value == target.as_str()).and_then(|(_, table)| table.roots.as_ref());
        let named = named.map(|roots| roots.value.iter().filter_map(|root| root.value.parse().ok()).collect::<Vec<_>>());
        let roots = named.or_else(|| roots(manifest, Some(&target), (None, None))).unwrap_or_default();
        roots.into_iter().map(move |root| (Runtime::Python, root, target.clone()))
    };
    manifest.targets_of(table).into_iter().flat_map(of_target).collect()
}

/// The roots of wheels that are installed together: with the oldest and the newest Python that all of them ask for.
pub(crate) fn roots_together<'p>(
    manifest: &Manifest,
    target: Option<&Target>,
    plans: impl IntoIterator<Item = &'p KindPlan>,
) -> Option<Vec<RootName>> {
    let asked = plans.into_iter().filter_map(|plan| match plan {
        KindPlan::Wheel { wheel } => wheel.requires_python.as_deref(),
        _ => None,
    });
    let asked = asked.collect::<Vec<_>>().join(",");
    roots(manifest, target, (asked.parse().ok().filter(|_| !asked.is_empty()).as_ref(), None))
}

/// The oldest and the newest Python that roots have and the project asks for; none if the manifest names roots itself, or Python is not to be had in any.
fn roots(manifest: &Manifest, target: Option<&Target>, (requires, one): (Option<&Specifiers>, Option<&str>)) -> Option<Vec<RootName>> {
    let table = target.and_then(|target| manifest.target.iter().find(|(name, _)| name.value == target.as_str())).map(|(_, table)| table);
    if table.is_some_and(|table| table.roots.is_some()) || target.is_some_and(|target| target.libc().is_none()) {
        return None;
    }
    // Nobody promises that it runs on a system that is older than its floor.
    let floor = table.and_then(|table| table.glibc.as_ref()?.value.parse::<GlibcVersion>().ok());
    let floor = floor.filter(|_| target.is_some_and(|target| target.libc() == Some(Libc::Gnu)));
    // Of a version that no root has the newest is named, and tells that it is another.
    let only = one.and_then(|one| PYTHON_ROOTS.iter().find(|root| root.python.starts_with(&format!("{one}."))));
    if let Some(root) = only {
        return Some(root.root().into_iter().collect());
    }
    let requires = requires.filter(|_| one.is_none());
    let mut roots = oldest_and_newest(requires, floor);
    if one.is_some() {
        roots.drain(..roots.len().saturating_sub(1));
    }
    Some(roots.iter().filter_map(PythonRoot::root).collect())
}
