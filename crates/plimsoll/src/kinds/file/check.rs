//! `[file.NAME]`: which file it is or what makes it, what it is called, and where it is tried.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{KindPlan, Name, Want};
use plimsoll_pack::Kind;
use semver::Version;

use super::Table;
use crate::manifest::check::cores::{Cores, Found};
use crate::manifest::check::file_names::{self, Named};
use crate::manifest::check::targets::artifact_wishes;
use crate::manifest::check::{Context, details, foreign, probes, values};
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::nearest::nearest;
use crate::manifest::template::{Template, Values};
use crate::manifest::{Artifact, ArtifactTable, Shipment, Written};

/// One table; none if something in it is wrong.
pub(crate) fn check(
    table: &ArtifactTable,
    own: &Table,
    context: &Context<'_>,
    cores: &mut Cores<'_>,
    out: &mut Diagnostics,
) -> Option<Artifact> {
    let before = out.count();
    let label = table.label();
    let name = values::artifact_name(&table.name, out);
    let origin = origin(table, own, context, cores, out);
    let roots = own.roots.as_ref().map(|list| details::listed_roots(None, list, out));
    let declared = probes::Declared { probes: own.probe.as_ref(), label: &label, place: &table.name.span };
    let probes = declared.check(Kind::File, &[], [], out);
    let (name, origin, probes) = (name?, origin?, probes?);
    // Its own name is told where it stands.
    let place = own.path.as_ref().or(table.output.as_ref()).map_or(&table.name.span, |path| &path.span);
    let named = Named { written: own.filename.as_ref(), place, hint: "" };
    let template = match (&own.filename, origin.path()) {
        (Some(written), _) => file_names::template(written, out)?,
        (None, path) if path.contains('*') => {
            let message = format!("`{label}` does not say what its file is called");
            let unnamed = Diagnostic::new("no-filename", place, message).label("may mean a file of any name");
            out.push_absence(unnamed.hint("add filename = \"NAME\", the name that users get it by"));
            return None;
        }
        (None, path) => own_name(path)?,
    };
    if probes.iter().any(probes::ProbeTemplate::depends_on_target) {
        let place = own.probe.as_ref().map_or(&table.name.span, |probes| &probes.span);
        let any = Diagnostic::new("no-target", place, format!("a probe of `{label}` says a target, and the file is one for every machine"));
        out.push(any.label("for which one?").hint("take what differs between targets out: {target}, {arch}, {os}, {goarch} and {goos}"));
        return None;
    }
    // That there is none is told of the release.
    let version = context.version.clone().unwrap_or(Version::new(0, 0, 0));
    let values = Values { name: &name, version: &version, target: None };
    let file_name = named.file_name(&template, values, "", out)?;
    let (core, files) = match origin {
        Origin::Source(path) => (None, BTreeMap::from([(path.to_owned(), file_name.to_string())])),
        Origin::Left { core, .. } => (Some(core), BTreeMap::new()),
    };
    let probes = probes.iter().map(|probe| probe.fill(values)).collect();
    let only = match &table.targets {
        None => BTreeSet::new(),
        Some(_) => {
            let wishes = artifact_wishes(table, context.project, out).into_iter();
            wishes.filter(|(_, want)| *want == Want::Wanted).map(|(target, _)| target).collect()
        }
    };
    let shipment = Shipment { want: Want::Wanted, file_name, kind: KindPlan::File, probes, roots, only };
    let targets = BTreeMap::from([(None, shipment)]);
    let (binaries, generated) = (Vec::new(), BTreeMap::new());
    let artifact = Artifact { kind: Kind::File, name, core, binaries, files, generated, needs: BTreeSet::new(), targets };
    (out.count() == before).then_some(artifact)
}

/// Where the file comes from.
enum Origin<'w> {
    /// It is a source.
    Source(&'w str),
    /// A command leaves it.
    Left { core: Name, output: &'w str },
}

impl<'w> Origin<'w> {
    /// Its path in the project.
    const fn path(&self) -> &'w str {
        match self {
            Self::Source(path) | Self::Left { output: path, .. } => path,
        }
    }
}

fn origin<'w>(
    table: &'w ArtifactTable,
    own: &'w Table,
    context: &Context<'_>,
    cores: &mut Cores<'_>,
    out: &mut Diagnostics,
) -> Option<Origin<'w>> {
    let label = table.label();
    match (foreign::core(table, context, cores, out), &own.path) {
        (None, path) => self::path(table, path.as_ref(), &label, context, out).map(Origin::Source),
        (Some(_), Some(path)) => {
            let both =
                Diagnostic::new("foreign-path", &path.span, format!("`{label}` has a `command`, which leaves the file, and a `path`"));
            out.push(both.label("which of the two is it?").hint("take one of them out"));
            None
        }
        (Some(Found::Wrong), None) => None,
        (Some(Found::Core(core)), None) => Some(Origin::Left { core, output: &table.output.as_ref()?.value }),
    }
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
        let hint = "add path = \"install.sh\", or `command` and `output` of what makes it";
        out.push_absence(missing.label("`path` is missing").hint(hint));
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
