//! `[static.NAME]`, spread over its targets: which program it is.

use std::collections::BTreeMap;

use plimsoll_model::KindPlan;
use plimsoll_pack::Kind;

use super::Table;
use crate::manifest::check::file_names::Named;
use crate::manifest::check::programs::Shipped;
use crate::manifest::check::{Context, cores::Cores, probes, programs};
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::template::Values;
use crate::manifest::{Artifact, ArtifactTable, Core, Shipment, Written};

/// One table; none if something in it is wrong.
pub(crate) fn check(
    table: &ArtifactTable,
    own: &Table,
    context: &Context<'_>,
    cores: &mut Cores<'_>,
    out: &mut Diagnostics,
) -> Option<Artifact> {
    let before = out.count();
    let shipped = Shipped::find(table, context, cores, out);
    let named = Named { written: own.filename.as_ref(), place: &table.name.span, hint: "" };
    let template = named.template(Kind::Static, out);
    let Shipped { label, name, wants, core } = shipped?;
    let binary = binary(table, own, &core, &label, out);
    let (binaries, template) = (vec![binary?], template?);
    let declared = probes::Declared { probes: own.probe.as_ref(), label: &label, place: &table.name.span };
    let probes = declared.check(Kind::Static, &binaries, [], out)?;
    let mut targets = BTreeMap::new();
    for (target, want) in wants {
        let values = Values { name: &name, version: &core.version, target: Some(&target) };
        let file_name = named.file_name(&template, values, target.executable_suffix(), out)?;
        let probes = probes.iter().map(|probe| probe.fill(values)).collect();
        targets.insert(Some(target), Shipment { want, file_name, kind: KindPlan::Static, probes, roots: None });
    }
    let artifact = Artifact { kind: Kind::Static, name, core: Some(core.name), binaries, files: BTreeMap::new(), targets };
    (out.count() == before).then_some(artifact)
}

/// The program; the only one, or that of the artifact's name, if none is named.
fn binary(table: &ArtifactTable, own: &Table, core: &Core, label: &str, out: &mut Diagnostics) -> Option<String> {
    if let Some(written) = &own.binary {
        let list = Written { span: written.span.clone(), value: vec![written.clone()] };
        return programs::listed(&list, core, out)?.pop();
    }
    match core.binaries.as_slice() {
        [one] => Some(one.clone()),
        binaries if binaries.contains(&table.name.value) => Some(table.name.value.clone()),
        binaries => {
            let message = format!("it is not clear which program `{label}` ships");
            let hint = format!("set `binary` to one of: {}", binaries.join(", "));
            out.push_absence(Diagnostic::new("no-binary", &table.name.span, message).label("`binary` is missing").hint(hint));
            None
        }
    }
}
