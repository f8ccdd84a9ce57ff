//! `[generate.NAME]`: who makes which files, and where archives take them.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::Name;
use plimsoll_model::plan::{Compile, Strip};
use semver::Version;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::nearest::suggestion;
use super::super::project::{Artifact, Core, Generator};
use super::super::written::{Files, GenerateTable, Manifest, Written};
use super::{Artifacts, probes, values};

/// How an entry of `files` begins that means a generator.
const PREFIX: &str = "generate.";

/// The generator that an entry of `files` means; none if it means a file.
pub(crate) fn meant<'w>(entry: &'w Written<String>, manifest: &Manifest) -> Option<&'w str> {
    let name = entry.value.strip_prefix(PREFIX)?;
    manifest.generate.iter().any(|(declared, _)| declared.value == name).then_some(name)
}

/// The generators whose files an archive takes, with their places: those that its `files` name, or all if nothing is written.
pub(crate) fn of_archive(files: Option<&Written<Files>>, manifest: &Manifest, out: &mut Diagnostics) -> BTreeMap<Name, Option<String>> {
    let name = |text: &str| text.parse::<Name>().ok();
    match files.map(|files| &files.value) {
        None => manifest.generate.iter().filter_map(|(written, _)| Some((name(&written.value)?, None))).collect(),
        Some(Files::Kept(list)) => list.iter().filter_map(|entry| Some((name(meant(entry, manifest)?)?, None))).collect(),
        Some(Files::Placed(table)) => {
            let mut placed = BTreeMap::new();
            for (entry, destination) in table {
                let Some(generator) = meant(entry, manifest).and_then(name) else { continue };
                let is_folder = destination.value.ends_with('/');
                if let Some(path) = values::path(destination, out) {
                    placed.insert(generator, Some(if is_folder { format!("{path}/") } else { path }));
                }
            }
            placed
        }
    }
}

/// What else is known when generators are looked at.
pub(crate) struct Made<'m> {
    /// Artifacts that are sound.
    pub(crate) artifacts: &'m Artifacts,
    /// The version of the release.
    pub(crate) version: &'m Version,
}

/// All generators that are sound; the cores of those with a command come to `cores`.
pub(crate) fn check(manifest: &Manifest, made: &Made<'_>, cores: &mut BTreeMap<Name, Core>, out: &mut Diagnostics) -> Vec<Generator> {
    let mut generators = Vec::new();
    for (written, table) in &manifest.generate {
        let name = values::name(written, "a generator", out);
        let output = output(written, table, out);
        let by = by(written, table, made, cores, out);
        if let (Some(name), Some(output), Some((core, run))) = (name, output, by) {
            generators.push(Generator { name, output, core, run });
        }
    }
    generators
}

fn output(written: &Written<String>, table: &GenerateTable, out: &mut Diagnostics) -> Option<String> {
    let Some(output) = &table.output else {
        let missing = Diagnostic::new("no-output", &written.span, format!("`generate.{}` has no `output`", written.value));
        out.push_absence(
            missing.label("which files does it make?").hint("add output = \"FILE\", in which `*` stands for any part of a name"),
        );
        return None;
    };
    values::path(output, out)
}

/// The core that makes the files, and the words that start its program if that does.
fn by(
    written: &Written<String>,
    table: &GenerateTable,
    made: &Made<'_>,
    cores: &mut BTreeMap<Name, Core>,
    out: &mut Diagnostics,
) -> Option<(Name, Option<Vec<String>>)> {
    let label = format!("generate.{}", written.value);
    let ways = [
        table.run.as_ref().map(|run| &run.span),
        table.command.as_ref().map(|text| &text.span),
        table.build_script.as_ref().map(|core| &core.span),
    ];
    let mut declared = ways.into_iter().flatten();
    if let (Some(first), Some(second)) = (declared.next(), declared.next()) {
        let both = Diagnostic::new("generated-twice", second, format!("`{label}` is made in two ways")).context(first, "the first one");
        out.push(both.hint("keep one of `run`, `command` and `build-script`"));
        return None;
    }
    if let Some(core) = table.core.as_ref().filter(|_| table.run.is_none()) {
        let message = format!("`core` of `{label}` is for `run`");
        out.push(Diagnostic::new("core-without-run", &core.span, message).label("no program is run").hint("take it out"));
        return None;
    }
    match (&table.run, &table.command, &table.build_script) {
        (Some(run), ..) => {
            let words = probes::run_words(run, out)?;
            let program = words.first().filter(|word| !word.value.is_empty());
            let Some(program) = program else {
                out.push(Diagnostic::new("empty", &run.span, "`run` is empty").label("nothing to run"));
                return None;
            };
            let core = of_program(program, table.core.as_ref(), made, out)?;
            Some((core, Some(words.iter().map(|word| word.value.clone()).collect())))
        }
        (_, Some(command), _) => Some((of_command(written, command, made, cores, out)?, None)),
        (.., Some(core)) => Some((of_build_script(core, cores, made, out)?, None)),
        _ => {
            let missing = Diagnostic::new("not-generated", &written.span, format!("nothing makes the files of `{label}`"));
            out.push_absence(missing.label("how?").hint("add run = \"PROGRAM ARGUMENTS\", command = \"…\" or build-script = \"CORE\""));
            None
        }
    }
}

/// The core whose program is run, of those that are shipped.
fn of_program(program: &Written<String>, core: Option<&Written<String>>, made: &Made<'_>, out: &mut Diagnostics) -> Option<Name> {
    let named = |artifact: &&Artifact| core.is_none_or(|core| artifact.core.as_ref().is_some_and(|name| name.as_str() == core.value));
    let ships = |artifact: &&Artifact| artifact.binaries.contains(&program.value) && artifact.wanted().next().is_some();
    let found = made.artifacts.list.iter().filter(named).filter(ships).filter_map(|artifact| artifact.core.clone());
    let found = found.collect::<BTreeSet<_>>();
    if let Some(only) = found.first().filter(|_| found.len() == 1) {
        return Some(only.clone());
    }
    let shown = program.value.chars().take(80).collect::<String>();
    if found.is_empty() {
        if made.artifacts.complete {
            let programs = made.artifacts.list.iter().filter(named).flat_map(|artifact| artifact.binaries.iter().map(String::as_str));
            let hint = suggestion(&program.value, "shipped", programs);
            let unknown = Diagnostic::new("unknown-program", &program.span, format!("no artifact ships a program `{shown}`"));
            out.push(unknown.label("not shipped").maybe_hint(hint));
        }
        return None;
    }
    let several = found.iter().map(Name::as_str).collect::<Vec<_>>().join(", ");
    let unclear = Diagnostic::new("ambiguous-core", &program.span, format!("several cores have a program `{shown}`"));
    out.push(unclear.label("of which one?").hint(format!("set `core` to one of: {several}")));
    None
}

/// A core of the generator's own, for its command.
fn of_command(
    written: &Written<String>,
    command: &Written<String>,
    made: &Made<'_>,
    cores: &mut BTreeMap<Name, Core>,
    out: &mut Diagnostics,
) -> Option<Name> {
    if !values::filled(command, "command", "nothing to run", out) {
        return None;
    }
    let label = Written { value: format!("{PREFIX}{}", written.value), span: written.span.clone() };
    let name = values::name(&label, "a core", out)?;
    let core = Core {
        name: name.clone(),
        variant_of: None,
        only_for: None,
        version: made.version.clone(),
        compile: Compile::Files { command: command.value.clone() },
        features_known: Vec::new(),
        binaries: Vec::new(),
        cpu: None,
        strip: Strip::None,
        env: BTreeMap::new(),
        inputs: Vec::new(),
        system: Vec::new(),
        embed: BTreeMap::new(),
    };
    cores.insert(name.clone(), core);
    Some(name)
}

/// The core whose build script makes the files.
fn of_build_script(written: &Written<String>, cores: &BTreeMap<Name, Core>, made: &Made<'_>, out: &mut Diagnostics) -> Option<Name> {
    let by_cargo = || cores.values().filter(|core| matches!(core.compile, Compile::Cargo { .. }));
    let found = by_cargo().find(|core| core.declared().as_str() == written.value);
    if found.is_none() && made.artifacts.complete {
        let shown = written.value.chars().take(80).collect::<String>();
        let hint = suggestion(&written.value, "built by cargo", by_cargo().map(|core| core.declared().as_str()));
        let unknown = Diagnostic::new("unknown-core", &written.span, format!("cargo builds no core `{shown}`"));
        out.push(unknown.label("no build script").maybe_hint(hint));
    }
    found.map(|core| core.name.clone())
}
