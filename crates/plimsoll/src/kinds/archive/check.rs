//! `[archive.NAME]`, spread over its targets: programs, files, container.

use std::collections::BTreeMap;

use plimsoll_model::{KindPlan, Target};
use plimsoll_pack::{Format, Kind};

use super::{Formats, Table};
use crate::manifest::check::file_names::Named;
use crate::manifest::check::programs::{Content, Shipped};
use crate::manifest::check::users::Users;
use crate::manifest::check::{Context, cores::Cores, files, generate, probes, programs};
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::nearest::suggestion;
use crate::manifest::{Artifact, ArtifactTable, Written};

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
    let chosen = Chosen::read(own.format.as_ref(), out);
    let named = Named { written: own.filename.as_ref(), place: &table.name.span, hint: "; `format` chooses the suffix" };
    let template = named.template(Kind::Archive, out);
    let shipped = shipped?;
    let Shipped { label, wants, core, .. } = &shipped;
    let binaries = match &own.binaries {
        Some(list) => programs::listed(list, core, out),
        None => Some(programs::all(core)),
    };
    let users = Users::of(wants, |target| Some(chosen.of(target)));
    let known = binaries.clone().unwrap_or_default();
    users.check_programs(&known, own.binaries.as_ref().map_or(&table.name.span, |list| &list.span), out);
    let sources = files::Sources {
        all: context.sources,
        core: core.compile.path(),
        licences: cores.licences(core),
        manifest: context.manifest,
        users: &users,
        place: &table.name.span,
    };
    let files = match &own.files {
        Some(files) if core.is_foreign() => {
            let whole = Diagnostic::new("foreign-files", &files.span, format!("`{label}` is left whole by its command"));
            out.push(whole.label("nothing is put into it").hint("take `files` out, or have the command put them in"));
            BTreeMap::new()
        }
        None if core.is_foreign() => BTreeMap::new(),
        files => files::check(files.as_ref(), &known, &sources, out),
    };
    let generated = if core.is_foreign() { BTreeMap::new() } else { generate::of_archive(own.files.as_ref(), context.manifest, out) };
    let (binaries, template) = (binaries?, template?);
    let declared = probes::Declared { probes: own.probe.as_ref(), label, place: &table.name.span };
    let probes = declared.check(Kind::Archive, &binaries, files.values().map(String::as_str), out)?;
    let of = |target: &Target| {
        let format = chosen.of(target);
        (KindPlan::Archive { format: format.as_str().to_owned() }, format.suffix())
    };
    let artifact = shipped.spread(Kind::Archive, Content { named, template, binaries, files, generated, probes }, of, out)?;
    (out.count() == before).then_some(artifact)
}

/// The systems that a container can be chosen for.
const SYSTEMS: [&str; 2] = ["unix", "windows"];

/// The containers that are written down; none of a system for what is usual there.
#[derive(Debug, Default, Clone, Copy)]
struct Chosen {
    unix: Option<Format>,
    windows: Option<Format>,
}

impl Chosen {
    fn read(written: Option<&Written<Formats>>, out: &mut Diagnostics) -> Self {
        let mut chosen = Self::default();
        match written.map(|written| &written.value) {
            None => {}
            Some(Formats::All(word)) => {
                let format = format(word, out);
                chosen = Self { unix: format, windows: format };
            }
            Some(Formats::Each(table)) => {
                for (system, word) in table {
                    match system.value.as_str() {
                        "unix" => chosen.unix = format(word, out),
                        "windows" => chosen.windows = format(word, out),
                        other => out.push(unknown_system(other, system)),
                    }
                }
            }
        }
        chosen
    }

    fn of(self, target: &Target) -> Format {
        let chosen = if target.os() == "windows" { self.windows } else { self.unix };
        chosen.unwrap_or_else(|| Format::default_for(target))
    }
}

fn unknown_system(word: &str, written: &Written<String>) -> Diagnostic {
    let shown = word.chars().take(40).collect::<String>();
    let unknown = Diagnostic::new("unknown-system", &written.span, format!("`format` knows no system `{shown}`"));
    unknown.label("unknown system").maybe_hint(suggestion(word, "systems", SYSTEMS))
}

fn format(written: &Written<String>, out: &mut Diagnostics) -> Option<Format> {
    let found = written.value.parse::<Format>().ok();
    if found.is_none() {
        let shown = written.value.chars().take(40).collect::<String>();
        let hint = suggestion(written.value.trim_start_matches('.'), "formats", Format::ALL.iter().map(|format| format.as_str()));
        let unknown = Diagnostic::new("unknown-format", &written.span, format!("there is no archive format `{shown}`"));
        out.push(unknown.label("unknown format").maybe_hint(hint));
    }
    found
}
