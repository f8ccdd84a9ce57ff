//! `[file.NAME]`: which file it is, what it is called, and where it is tried.

use std::collections::BTreeMap;

use plimsoll_model::{KindPlan, RootName, Want};
use plimsoll_pack::Kind;
use semver::Version;

use super::Table;
use crate::manifest::check::file_names::{self, Named};
use crate::manifest::check::{Context, cores::Cores, details, probes, values};
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::nearest::nearest;
use crate::manifest::template::{Template, Values};
use crate::manifest::{Artifact, ArtifactTable, Shipment, Written};

/// One table; none if something in it is wrong.
pub(crate) fn check(
    table: &ArtifactTable,
    own: &Table,
    context: &Context<'_>,
    cores: &Cores<'_>,
    out: &mut Diagnostics,
) -> Option<Artifact> {
    let before = out.count();
    let label = table.label();
    let name = values::artifact_name(&table.name, out);
    let path = path(table, own.path.as_ref(), &label, context, out);
    let roots = roots(own, out);
    let declared = probes::Declared { probes: own.probe.as_ref(), label: &label, place: &table.name.span };
    let probes = declared.check(Kind::File, &[], [], out);
    let (name, path, probes) = (name?, path?, probes?);
    let named = Named { written: own.filename.as_ref(), place: &table.name.span, hint: "" };
    let template = match &own.filename {
        Some(written) => file_names::template(written, out)?,
        None => own_name(path)?,
    };
    // What has no version at all is told of the release.
    let version = version(context, cores).unwrap_or(Version::new(0, 0, 0));
    let values = Values { name: &name, version: &version, target: None };
    let file_name = named.file_name(&template, values, "", out)?;
    let files = BTreeMap::from([(path.to_owned(), file_name.to_string())]);
    let probes = probes.iter().map(|probe| probe.fill(values)).collect();
    let shipment = Shipment { want: Want::Wanted, file_name, kind: KindPlan::File, probes, roots };
    let artifact =
        Artifact { kind: Kind::File, name, core: None, binaries: Vec::new(), files, targets: BTreeMap::from([(None, shipment)]) };
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

/// The roots that are named, each once; none if none are.
fn roots(own: &Table, out: &mut Diagnostics) -> Option<Vec<RootName>> {
    let list = own.roots.as_ref()?;
    if list.value.is_empty() {
        let empty = Diagnostic::new("no-roots", &list.span, "an empty list of roots proves nothing");
        out.push(empty.label("no root").hint("leave it out for the default"));
    }
    let mut roots = Vec::new();
    for written in &list.value {
        match details::root(None, written) {
            Err(diagnostic) => out.push(*diagnostic),
            Ok(root) if roots.contains(&root) => {
                out.push(Diagnostic::new("named-twice", &written.span, format!("the root `{root}` is named twice")));
            }
            Ok(root) => roots.push(root),
        }
    }
    Some(roots)
}

/// The version of the release, as far as it is known before all artifacts are.
fn version(context: &Context<'_>, cores: &Cores<'_>) -> Option<Version> {
    let given = cores.version_giver().map(|(_, version)| version.clone());
    given.or_else(|| context.manifest.version.as_ref()?.value.parse().ok())
}
