//! `[file.NAME]`: which file it is, what it is called, and where it is tried.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{KindPlan, Want};
use plimsoll_pack::Kind;
use semver::Version;

use super::Table;
use crate::manifest::check::file_names::{self, Named};
use crate::manifest::check::targets::artifact_wishes;
use crate::manifest::check::{Context, details, probes, values};
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::nearest::nearest;
use crate::manifest::template::{Template, Values};
use crate::manifest::{Artifact, ArtifactTable, Shipment, Written};

/// One table; none if something in it is wrong.
pub(crate) fn check(table: &ArtifactTable, own: &Table, context: &Context<'_>, out: &mut Diagnostics) -> Option<Artifact> {
    let before = out.count();
    let label = table.label();
    let name = values::artifact_name(&table.name, out);
    let path = path(table, own.path.as_ref(), &label, context, out);
    let roots = own.roots.as_ref().map(|list| details::listed_roots(None, list, out));
    let declared = probes::Declared { probes: own.probe.as_ref(), label: &label, place: &table.name.span };
    let probes = declared.check(Kind::File, &[], [], out);
    let (name, path, probes) = (name?, path?, probes?);
    // Its own name is told where it stands.
    let place = own.path.as_ref().map_or(&table.name.span, |path| &path.span);
    let named = Named { written: own.filename.as_ref(), place, hint: "" };
    let template = match &own.filename {
        Some(written) => file_names::template(written, out)?,
        None => own_name(path)?,
    };
    if probes.iter().any(probes::ProbeTemplate::depends_on_target) {
        let place = own.probe.as_ref().map_or(&table.name.span, |probes| &probes.span);
        let any = Diagnostic::new("no-target", place, format!("a probe of `{label}` says a target, and the file is one for every machine"));
        out.push(any.label("for which one?").hint("take {target}, {arch} and {os} out"));
        return None;
    }
    // That there is none is told of the release.
    let version = context.version.clone().unwrap_or(Version::new(0, 0, 0));
    let values = Values { name: &name, version: &version, target: None };
    let file_name = named.file_name(&template, values, "", out)?;
    let files = BTreeMap::from([(path.to_owned(), file_name.to_string())]);
    let probes = probes.iter().map(|probe| probe.fill(values)).collect();
    let only = match &table.targets {
        None => BTreeSet::new(),
        Some(_) => {
            let wishes = artifact_wishes(table, context.project, out).into_iter();
            wishes.filter(|(_, want)| *want == Want::Wanted).map(|(target, _)| target).collect()
        }
    };
    let shipment = Shipment { want: Want::Wanted, file_name, kind: KindPlan::File, probes, roots, only };
    let artifact = Artifact {
        kind: Kind::File,
        name,
        core: None,
        binaries: Vec::new(),
        files,
        generated: BTreeMap::new(),
        targets: BTreeMap::from([(None, shipment)]),
    };
    (out.count() == before).then_some(artifact)
}

/// The source file, which must be one.
fn path<'w>(
    table: &ArtifactTable,
    written: Option<&'w Written<String>>,
    label: &str,
    context: &Context<'_>,
    out: &mut Diagnostics,
) -> Option<&'w str> {
    let Some(written) = written else {
        let missing = Diagnostic::new("no-path", &table.name.span, format!("`{label}` does not say which file it is"));
        out.push_absence(missing.label("`path` is missing").hint("add path = \"install.sh\""));
        return None;
    };
    if context.sources.contains(&written.value) {
        return Some(&written.value);
    }
    let shown = written.value.chars().take(120).collect::<String>();
    let unknown = Diagnostic::new("file-missing", &written.span, format!("`{shown}` is no source file of the project"));
    let near = nearest(&written.value, context.sources.iter().map(String::as_str));
    let hint = near.map_or_else(
        || "a path of a file below the project, with `/`, that git does not ignore".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    out.push(unknown.label("not there, a folder, or ignored by git").hint(hint));
    None
}

/// The file's own name, which is no template: braces in it are doubled.
fn own_name(path: &str) -> Option<Template> {
    let name = path.rsplit('/').next().unwrap_or(path);
    Template::parse(&name.replace('{', "{{").replace('}', "}}")).ok()
}
