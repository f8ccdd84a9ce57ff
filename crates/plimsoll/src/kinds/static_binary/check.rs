//! `[static.NAME]`, spread over its targets: which program it is.

use std::collections::BTreeMap;

use plimsoll_model::KindPlan;
use plimsoll_pack::Kind;

use super::Table;
use crate::manifest::check::file_names::Named;
use crate::manifest::check::programs::{Content, Shipped};
use crate::manifest::check::{Context, cores::Cores, probes, programs};
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::{Artifact, ArtifactTable, Core, Written};

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
    let shipped = shipped?;
    let binary = binary(table, own, &shipped.core, &shipped.label, out);
    let (binaries, template) = (vec![binary?], template?);
    let declared = probes::Declared { probes: own.probe.as_ref(), label: &shipped.label, place: &table.name.span };
    let probes = declared.check(Kind::Static, &binaries, [], out)?;
    let content = Content { named, template, binaries, files: BTreeMap::new(), generated: BTreeMap::new(), probes };
    let artifact = shipped.spread(Kind::Static, content, |target| (KindPlan::Static, target.executable_suffix()), out)?;
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
