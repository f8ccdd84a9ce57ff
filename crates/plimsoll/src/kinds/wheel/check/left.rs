//! Wheels that a command leaves, or the project's own back end: what is to lie in them is known by their project, and they are audited like ours.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{GlibcVersion, KindPlan, Name, Target, Want, WheelPlan};
use plimsoll_pack::Kind;
use plimsoll_pack::wheel::{TagSet, Tags, WheelFileName};

use super::described::Described;
use super::{file_name, modules, required, steps, tag};
use crate::kinds::shell_words::quoted;
use crate::kinds::wheel::Table;
use crate::manifest::check::cores::{Cores, Found};
use crate::manifest::check::targets::artifact_wishes;
use crate::manifest::check::{Context, foreign, probes, values};
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::template::Values;
use crate::manifest::{Artifact, ArtifactTable, Shipment, Written};

/// Where a back end leaves its wheel, in the mirror that it builds in.
pub(super) const LEFT: &str = "plimsoll-wheel";

/// One table; none if something in it is wrong.
pub(super) fn check(
    table: &ArtifactTable,
    own: &Table,
    context: &Context<'_>,
    cores: &mut Cores<'_>,
    out: &mut Diagnostics,
) -> Option<Artifact> {
    let name = values::artifact_name(&table.name, out)?;
    if let Some(core) = table.core.as_ref().filter(|_| own.is_pure()) {
        let both = Diagnostic::new("pure-core", &core.span, format!("`{}` is pure, and has a core", table.label()));
        out.push(both.label("what would it be filled with?").hint("take one of the two out"));
        return None;
    }
    let described = Described::find((table, own), None, context, cores, out)?;
    let table = &with_command(table, own, &described);
    let modules = modules::find(own, &described, context.sources, out)?.names();
    let left = Left { name, described, modules, loaded_by: LoadedBy::AnyPython, usual: None };
    left.check((table, own), context, cores, out)
}

/// Which Pythons take a wheel, whatever the platform.
pub(super) enum LoadedBy {
    /// Any of version 3.
    AnyPython,
    /// Those of a stable interface of C: `cp39`.
    StableAbi(String),
    /// One minor version of 3 alone.
    OnePython(u32),
    /// Any of version 3, which loads what is compiled in it as a library of C.
    AnyPythonByC,
}

impl LoadedBy {
    fn tags(&self, platform: TagSet) -> Option<Tags> {
        Some(match self {
            Self::AnyPython | Self::AnyPythonByC => Tags::of_programs(platform),
            Self::OnePython(minor) => {
                let python = format!("cp3{minor}");
                Tags { python: python.parse().ok()?, abi: python.parse().ok()?, platform }
            }
            Self::StableAbi(python) => Tags { python: python.parse().ok()?, abi: "abi3".parse().ok()?, platform },
        })
    }
}

/// A wheel that something else makes, as far as it is known.
pub(super) struct Left {
    pub(super) name: Name,
    pub(super) described: Described,
    /// What can be imported.
    pub(super) modules: Vec<String>,
    pub(super) loaded_by: LoadedBy,
    /// The oldest glibc if the manifest does not say.
    pub(super) usual: Option<GlibcVersion>,
}

impl Left {
    /// The artifact; none if something is wrong.
    pub(super) fn check(
        self,
        (table, own): (&ArtifactTable, &Table),
        context: &Context<'_>,
        cores: &mut Cores<'_>,
        out: &mut Diagnostics,
    ) -> Option<Artifact> {
        let Self { name, described, modules, loaded_by, usual } = self;
        let core = match foreign::core(table, context, cores, out)? {
            Found::Core(name) => cores.get(&name)?.clone(),
            Found::Wrong => return None,
        };
        described.has_the_version_of(&core, &table.name, out);
        let commands = described.commands();
        let label = table.label();
        let declared = probes::Declared { probes: own.probe.as_ref(), label: &label, place: &table.name.span };
        // Its modules and commands are tried by themselves, and what they need is the project's to say.
        let probes = match &own.probe {
            Some(_) => declared.check(Kind::Wheel, &[], commands.iter().map(String::as_str), out)?,
            None => Vec::new(),
        };
        let wants = wants(table, own, context, out);
        let required = required::of(&described.project, table, context, out);
        let mut targets = BTreeMap::new();
        for (target, want) in wants {
            let platform = match &target {
                Some(target) => tag::of(target, (context.manifest, usual), &core, &table.name, out)?,
                None => "any".parse().ok()?,
            };
            let tags = loaded_by.tags(platform)?;
            let file = WheelFileName { distribution: described.project.name.clone(), version: described.project.version.clone(), tags };
            let compiled = !matches!(loaded_by, LoadedBy::AnyPython);
            let python = if let LoadedBy::OnePython(minor) = loaded_by { Some(format!("3.{minor}")) } else { None };
            let plan = WheelPlan { compiled, python, ..described.plan(modules.clone(), &required) };
            let values = Values { name: &name, version: &core.version, target: target.as_ref() };
            let shipment = Shipment {
                want,
                file_name: file_name(&file, &table.name, out)?,
                probes: steps::of(&plan, &commands, probes.iter().map(|probe| probe.fill(values))),
                roots: super::roots(
                    context.manifest,
                    target.as_ref(),
                    (described.project.requires_python.as_ref(), plan.python.as_deref()),
                ),
                only: if target.is_none() { required.only.clone() } else { BTreeSet::new() },
                kind: KindPlan::Wheel { wheel: Box::new(plan) },
            };
            targets.insert(target, shipment);
        }
        let (files, generated, needs) = (BTreeMap::new(), BTreeMap::new(), required.needs);
        Some(Artifact { kind: Kind::Wheel, name, core: Some(core.name), binaries: core.binaries, files, generated, needs, targets })
    }
}

/// What is wanted of it; of one for every machine that.
fn wants(table: &ArtifactTable, own: &Table, context: &Context<'_>, out: &mut Diagnostics) -> BTreeMap<Option<Target>, Want> {
    if own.is_pure() {
        return BTreeMap::from([(None, Want::Wanted)]);
    }
    artifact_wishes(table, context.project, out).into_iter().map(|(target, want)| (Some(target), want)).collect()
}

/// The table with the command of the project's own back end, if it has none.
fn with_command(table: &ArtifactTable, own: &Table, described: &Described) -> ArtifactTable {
    let mut table = table.clone();
    if own.is_pure() && table.command.is_none() && table.output.is_none() {
        let span = table.name.span.clone();
        let folder = if described.folder.is_empty() { "." } else { &described.folder };
        let words = ["uv", "build", "--wheel", "--no-config", "--out-dir", LEFT, folder].map(str::to_owned);
        // What an older version left would be a second wheel.
        table.command = Some(Written { value: format!("rm -rf {LEFT}\nexec {}", quoted(&words)), span: span.clone() });
        table.output = Some(Written { value: format!("{LEFT}/*.whl"), span });
    }
    table
}
