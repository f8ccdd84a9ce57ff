//! What kinds that ship programs of a core have in common: name, targets, and the core with its programs.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{KindPlan, Name, Target, Want};
use plimsoll_pack::Kind;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::project::{Artifact, Core, Shipment};
use super::super::template::{Template, Values};
use super::super::written::{ArtifactTable, Strings};
use super::core_keys::unknown_binary;
use super::cores::{Cores, Found};
use super::file_names::Named;
use super::probes::ProbeTemplate;
use super::targets::artifact_wishes;
use super::{Context, foreign, values};

/// An artifact's table of which all of that was found.
pub(crate) struct Shipped {
    /// `KIND.NAME`.
    pub(crate) label: String,
    pub(crate) name: Name,
    pub(crate) wants: BTreeMap<Target, Want>,
    pub(crate) core: Core,
}

impl Shipped {
    /// Looks it up; what is wrong is told.
    pub(crate) fn find(table: &ArtifactTable, context: &Context<'_>, cores: &mut Cores<'_>, out: &mut Diagnostics) -> Option<Self> {
        let found = Self::find_any(table, context, cores, out)?;
        if let Some(library) = found.core.library() {
            let message = format!("`{}` would ship the library `{library}`, which nobody could run", found.label);
            let shipped = Diagnostic::new("library-as-program", &table.name.span, message).label("ships programs");
            out.push(shipped.hint(crate::kinds::TAKES_LIBRARIES));
            return None;
        }
        Some(found)
    }

    /// As [`Shipped::find`], of a core that may make a library.
    pub(crate) fn find_any(table: &ArtifactTable, context: &Context<'_>, cores: &mut Cores<'_>, out: &mut Diagnostics) -> Option<Self> {
        let label = table.label();
        let name = values::artifact_name(&table.name, out);
        let wants = artifact_wishes(table, context.project, out);
        let found = foreign::core(table, context, cores, out).unwrap_or_else(|| match &table.core {
            Some(written) => cores.named(written, out),
            None => cores.for_artifact(&table.name, &format!("`{label}`"), out),
        });
        let core = match &found {
            Found::Core(name) => cores.get(name).cloned(),
            Found::Wrong => None,
        };
        Some(Self { label, name: name?, wants, core: core? })
    }
}

/// What an artifact is whatever the target, sound as far as the table goes.
pub(crate) struct Content<'w> {
    pub(crate) named: Named<'w>,
    pub(crate) template: Template,
    pub(crate) binaries: Vec<String>,
    /// Path in the project → path in the artifact.
    pub(crate) files: BTreeMap<String, String>,
    /// Generator → path in the artifact.
    pub(crate) generated: BTreeMap<Name, Option<String>>,
    pub(crate) probes: Vec<ProbeTemplate>,
}

impl Shipped {
    /// The artifact for each of its targets, of which `of` says the kind's part of the plan and what the file name ends in.
    pub(crate) fn spread(
        self,
        kind: Kind,
        content: Content<'_>,
        of: impl Fn(&Target) -> (KindPlan, &'static str),
        out: &mut Diagnostics,
    ) -> Option<Artifact> {
        let Self { name, wants, core, .. } = self;
        let Content { named, template, binaries, files, generated, probes } = content;
        let mut targets = BTreeMap::new();
        for (target, want) in wants {
            let values = Values { name: &name, version: &core.version, target: Some(&target) };
            let (plan, suffix) = of(&target);
            let file_name = named.file_name(&template, values, suffix, out)?;
            let probes = probes.iter().map(|probe| probe.fill(values)).collect();
            targets.insert(Some(target), Shipment { want, file_name, kind: plan, probes, roots: None, only: BTreeSet::new() });
        }
        Some(Artifact { kind, name, core: Some(core.name), binaries, files, generated, needs: BTreeSet::new(), targets })
    }
}

/// The programs that are listed, each of which the core must have.
pub(crate) fn listed(list: &Strings, core: &Core, out: &mut Diagnostics) -> Option<Vec<String>> {
    let mut sound = true;
    for written in list.value.iter().filter(|written| !core.binaries.contains(&written.value)) {
        out.push(unknown_binary(written, &format!("the core `{}`", core.name), core.binaries.iter().map(String::as_str)));
        sound = false;
    }
    let names = values::distinct(list, "binary", out);
    sound.then_some(names)
}

/// All programs of the core.
pub(crate) fn all(core: &Core) -> Vec<String> {
    let mut names = core.binaries.clone();
    names.sort_unstable();
    names
}
