//! What users get: `[archive.*]` and `[static.*]`, spread over their targets, with file names, files and probes.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{FileName, Name, Target, Want};
use plimsoll_pack::{Format, Kind, TreePath};

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::nearest::suggestion;
use super::super::project::{Artifact, Core, Shipment};
use super::super::template::{InvalidTemplate, Template, Values, placeholder_names};
use super::super::written::{ArtifactTable, Manifest, Written};
use super::cores::{Cores, Found, unknown_binary};
use super::targets::{Wishes, artifact_wishes};
use super::users::Users;
use super::{files, nifs, probes, values};

/// Names that a release itself takes in its folder.
const TAKEN_FILE_NAMES: [&str; 4] = ["evidence", "plan.json", "release.json", "sha256sums"];

/// Artifacts that are sound.
#[derive(Debug, Default)]
pub(super) struct Artifacts {
    /// Sorted by kind and name.
    pub(super) list: Vec<Artifact>,
    /// Whether these are all: where one was wrong, nothing is said about what is missing.
    pub(super) complete: bool,
}

/// All artifacts; where no kind is declared, an archive of the only core.
pub(super) fn check(
    manifest: &Manifest,
    project: &Wishes,
    cores: &mut Cores<'_>,
    sources: &BTreeSet<String>,
    out: &mut Diagnostics,
) -> Artifacts {
    let usual = if manifest.artifacts.is_empty() && manifest.nifs.is_empty() { usual_artifact(cores, out) } else { None };
    let mut artifacts = Artifacts { list: Vec::new(), complete: true };
    for table in manifest.artifacts.iter().chain(&usual) {
        match artifact(table, project, cores, sources, out) {
            Some(artifact) => artifacts.list.push(artifact),
            None => artifacts.complete = false,
        }
    }
    nifs::check(manifest, project, cores, sources, &mut artifacts, out);
    artifacts.complete &= !artifacts.list.is_empty();
    artifacts.list.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    no_name_twice(manifest, &artifacts.list, out);
    artifacts
}

fn usual_artifact(cores: &mut Cores<'_>, out: &mut Diagnostics) -> Option<ArtifactTable> {
    match cores.only(&(0..0), "the release", out) {
        Found::Core(name) => Some(ArtifactTable::new(Kind::Archive, Written { value: name.to_string(), span: 0..0 })),
        Found::Wrong => None,
    }
}

fn artifact(
    table: &ArtifactTable,
    project: &Wishes,
    cores: &mut Cores<'_>,
    sources: &BTreeSet<String>,
    out: &mut Diagnostics,
) -> Option<Artifact> {
    let before = out.count();
    let label = format!("{}.{}", table.kind, table.name.value);
    let name = values::artifact_name(&table.name, out);
    let wants = artifact_wishes(table, project, out);
    let found = match &table.core {
        Some(written) => cores.named(written, out),
        None => cores.for_artifact(&table.name, &format!("`{label}`"), out),
    };
    let core = match &found {
        Found::Core(name) => cores.get(name),
        Found::Wrong => None,
    };
    let format = format(table, out);
    let template = file_name_template(table, out);
    let (name, core) = (name?, core?);
    if let Some(library) = core.library() {
        let message = format!("`{label}` would ship the library `{library}`, which nobody could run");
        out.push(
            Diagnostic::new("library-as-program", &table.name.span, message)
                .label("ships programs")
                .hint("a library for the BEAM is a [nif.NAME]"),
        );
        return None;
    }
    let binaries = binaries(table, core, &label, out);
    let files = match table.kind {
        Kind::Archive => {
            let users = Users::of(&wants, format);
            let programs = binaries.clone().unwrap_or_default();
            users.check_programs(&programs, table.binaries.as_ref().map_or(&table.name.span, |list| &list.span), out);
            let sources = files::Sources {
                all: sources,
                core: core.compile.path(),
                licences: cores.licences(core),
                users: &users,
                place: &table.name.span,
            };
            files::check(table.files.as_ref(), &programs, &sources, out)
        }
        Kind::Nif | Kind::Static => BTreeMap::new(),
    };
    let (binaries, template) = (binaries?, template?);
    let probes = probes::check(table, &label, &binaries, &files, out)?;
    let mut targets = BTreeMap::new();
    for (target, want) in wants {
        let values = Values { name: &name, version: &core.version, target: &target };
        let format = (table.kind == Kind::Archive).then(|| format.unwrap_or_else(|| Format::default_for(&target)));
        let file_name = file_name(table, &template, values, format, out)?;
        let probes = probes.iter().map(|probe| probe.fill(values)).collect();
        targets.insert(target, Shipment { want, file_name, format, probes, roots: None, nif: None });
    }
    (out.count() == before).then(|| Artifact { kind: table.kind, name, core: core.name.clone(), binaries, files, targets })
}

fn binaries(table: &ArtifactTable, core: &Core, label: &str, out: &mut Diagnostics) -> Option<Vec<String>> {
    if let Some(list) = &table.binaries {
        let mut sound = true;
        for written in list.value.iter().filter(|written| !core.binaries.contains(&written.value)) {
            out.push(unknown_binary(written, &format!("the core `{}`", core.name), core.binaries.iter().map(String::as_str)));
            sound = false;
        }
        let names = values::distinct(list, "binary", out);
        return sound.then_some(names);
    }
    match (table.kind, core.binaries.as_slice()) {
        (Kind::Archive | Kind::Nif, binaries) => Some(sorted(binaries)),
        (Kind::Static, [one]) => Some(vec![one.clone()]),
        (Kind::Static, binaries) if binaries.contains(&table.name.value) => Some(vec![table.name.value.clone()]),
        (Kind::Static, binaries) => {
            let message = format!("it is not clear which program `{label}` ships");
            let hint = format!("set `binary` to one of: {}", binaries.join(", "));
            out.push_absence(Diagnostic::new("no-binary", &table.name.span, message).label("`binary` is missing").hint(hint));
            None
        }
    }
}

fn sorted(names: &[String]) -> Vec<String> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}

fn format(table: &ArtifactTable, out: &mut Diagnostics) -> Option<Format> {
    let written = table.format.as_ref()?;
    let found = written.value.parse::<Format>().ok();
    if found.is_none() {
        let shown = written.value.chars().take(40).collect::<String>();
        let hint = suggestion(written.value.trim_start_matches('.'), "formats", Format::ALL.iter().map(|format| format.as_str()));
        let unknown = Diagnostic::new("unknown-format", &written.span, format!("there is no archive format `{shown}`"));
        out.push(unknown.label("unknown format").maybe_hint(hint));
    }
    found
}

fn file_name_template(table: &ArtifactTable, out: &mut Diagnostics) -> Option<Template> {
    let Some(written) = &table.filename else {
        return Template::parse(table.kind.default_file_stem()?).ok();
    };
    let suffix = Format::ALL.iter().map(|format| format.suffix()).chain([".exe"]).find(|suffix| written.value.ends_with(suffix));
    if let Some(suffix) = suffix {
        let message = format!("`filename` ends in `{suffix}`, which is added by itself");
        let hint = format!("write it without `{suffix}`{}", if table.kind == Kind::Archive { "; `format` chooses the suffix" } else { "" });
        out.push(Diagnostic::new("file-name-suffix", &written.span, message).label("the suffix would stand there twice").hint(hint));
        return None;
    }
    template(written, out)
}

/// A template, or the diagnostic that says why it is none.
pub(super) fn template(written: &Written<String>, out: &mut Diagnostics) -> Option<Template> {
    match Template::parse(&written.value) {
        Ok(template) => Some(template),
        Err(error) => {
            let hint = match &error {
                InvalidTemplate::Unknown(word) if word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) => {
                    suggestion(word, "placeholders", placeholder_names())
                }
                _ => None,
            };
            let hint = hint.unwrap_or_else(|| "braces that are meant as they are: `{{` and `}}`".to_owned());
            out.push(Diagnostic::new("bad-placeholder", &written.span, error.to_string()).label("in this text").hint(hint));
            None
        }
    }
}

fn file_name(
    table: &ArtifactTable,
    template: &Template,
    values: Values<'_>,
    format: Option<Format>,
    out: &mut Diagnostics,
) -> Option<FileName> {
    let span = table.filename.as_ref().map_or(&table.name.span, |written| &written.span);
    let text = template.fill(values) + table.kind.file_suffix(values.target, format);
    let shown = text.chars().take(160).collect::<String>();
    let Ok(name) = text.parse::<FileName>() else {
        let bad = Diagnostic::new("bad-file-name", span, format!("`{shown}` cannot be a file name")).label("not a file name");
        out.push(bad.hint(plain_file_name(template, values)));
        return None;
    };
    let on_windows = text.parse::<TreePath>().map(|path| path.check_windows());
    if let (Ok(Err(error)), "windows") = (&on_windows, values.target.os()) {
        let bad = Diagnostic::new("windows-name", span, format!("`{shown}` cannot be a file on Windows: it {}", error.problem));
        out.push(bad.label(format!("is for {}", values.target)).hint("choose another `filename`, such as \"{name}-{target}\""));
        return None;
    }
    if TAKEN_FILE_NAMES.contains(&text.to_ascii_lowercase().as_str()) {
        out.push(Diagnostic::new("taken-file-name", span, format!("`{shown}` is a file of the release itself")).label("taken"));
        return None;
    }
    Some(name)
}

/// What to do about a file name that release pages would change.
fn plain_file_name(template: &Template, values: Values<'_>) -> &'static str {
    let of_release = semver::Version::new(values.version.major, values.version.minor, values.version.patch);
    let without = template.fill(Values { version: &of_release, ..values });
    if without.contains('+') || !template.fill(values).contains('+') {
        "letters, digits, `.`, `_` and `-`, starting with a letter or digit, at most 255: others are changed by release pages"
    } else {
        "release pages change the `+` of build metadata: take it out of the version, or {version} out of `filename`"
    }
}

/// Artifacts lie flat in one folder, on some systems one that does not tell capitals.
fn no_name_twice(manifest: &Manifest, artifacts: &[Artifact], out: &mut Diagnostics) {
    let mut taken = BTreeMap::<String, (&Artifact, &Target)>::new();
    let mut told = BTreeSet::<(Kind, &Name, Kind, &Name)>::new();
    for artifact in artifacts {
        for (target, shipment) in &artifact.targets {
            let Some((first, first_target)) = taken.get(&shipment.file_name.as_str().to_ascii_lowercase()) else {
                taken.insert(shipment.file_name.as_str().to_ascii_lowercase(), (artifact, target));
                continue;
            };
            if told.insert((first.kind, &first.name, artifact.kind, &artifact.name)) {
                let who = |artifact: &Artifact, target: &Target| format!("{} for {target}", artifact.label());
                let message =
                    format!("two files are called `{}`: {} and {}", shipment.file_name, who(first, first_target), who(artifact, target));
                let hint =
                    if first.label() == artifact.label() { "add {target} to `filename`" } else { "give one of them another `filename`" };
                out.push(Diagnostic::new("same-file-name", &place(manifest, artifact), message).label("taken already").hint(hint));
            }
        }
    }
}

/// Where an artifact's file name is decided.
fn place(manifest: &Manifest, artifact: &Artifact) -> std::ops::Range<usize> {
    let table = manifest.artifacts.iter().find(|table| table.kind == artifact.kind && table.name.value == artifact.name.as_str());
    table.map_or(0..0, |table| table.filename.as_ref().map_or(table.name.span.clone(), |written| written.span.clone()))
}

/// Whether an artifact is to be shipped for a target.
pub(super) fn is_wanted(artifact: &Artifact, target: &Target) -> bool {
    artifact.targets.get(target).is_some_and(|shipment| shipment.want == Want::Wanted)
}
