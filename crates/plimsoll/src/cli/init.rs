//! `plimsoll init`: a short manifest that runs as it is.
//!
//! Wants what a machine of this kind can build and prove; the other usual targets are listed as planned, for a person to move. What a project told the
//! tool that released it so far is kept. What this machine lacks is told, and installed if the user wants it.

mod choice;
mod draft;
mod earlier;
mod found;
#[cfg(test)]
mod shapes;
mod shipped;

use std::fs;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure, Target};

use super::doctor::Wishes;
use super::{Bench, Common, Ending, Outcome, Trouble};
use crate::doctor::Examination;
use crate::kinds::Inquiry;
use crate::manifest;
use crate::report::{self, Text, print_json};
use choice::{Choice, asked, candidates};
use found::{Found, package_of};
use plimsoll_store::{durable, platform};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Replace a plimsoll.toml that is there.
    #[arg(long)]
    force: bool,
    /// Want this target, or those of a family such as `macos`, instead of all that a machine of this kind can build and prove; may be given several
    /// times.
    #[arg(long = "target", value_name = "TARGET")]
    targets: Vec<String>,
    /// Print the manifest instead of writing it.
    #[arg(long)]
    print: bool,
    /// Then install what is missing here, after asking, as `plimsoll doctor --install` does.
    #[arg(long, conflicts_with = "print")]
    install: bool,
    /// Install without asking.
    #[arg(short = 'y', long, requires = "install")]
    yes: bool,
}

pub(super) fn run(arguments: &Arguments, common: &Common) -> Outcome {
    let bench = common.bench()?;
    let root = common.root.canonicalize().map_err(|error| Failure::io(&common.root, &error))?;
    free_place(&root, arguments)?;
    let inquiry = Inquiry { store: &bench.store, launcher: &bench.launcher, evaluates: true, may_contradict: true };
    let (root, project) = package_of(root, inquiry)?;
    let path = free_place(&root, arguments)?;
    project.passed_over.iter().for_each(|failure| report::note(format!("note: passed over: {failure}")));
    let host = &project.workspaces.own().toolchain.host;
    if project.cores.is_empty() && project.packages().is_empty() {
        return Err(nothing_to_ship(&project).into());
    }
    let asked = asked(&arguments.targets)?;
    let ships_programs = project.cores.iter().any(|core| core.candidate.is_programs());
    // What uses a library says for which targets; programs were released for some so far.
    let promised = project.candidates.promised().filter(|_| !ships_programs).unwrap_or(&project.earlier.targets);
    let candidates = candidates(host, promised, &asked);
    let found = wishes(&project, &root, candidates)?.examine(&bench, &root);
    let choice = Choice::make(&asked, promised, host, &found.targets);
    let text = draft::text(&project, &root, &choice);
    // What init writes must run as it is; anything else is a fault of init, and better said now.
    manifest::parse(manifest::FILE_NAME, &text).map_err(|error| error.failure())?;
    if arguments.print {
        if common.json {
            print_json(&serde_json::json!({ "manifest": text }))?;
        } else {
            report::print(&Text::document(&text))?;
        }
        return Ok(Ending::Done);
    }
    write(&path, &text, arguments.force)?;
    if common.json {
        print_json(&serde_json::json!({ "written": path, "manifest": text }))?;
    } else {
        report::print(Text::document(&text).end())?;
        report::note(format!("wrote {}", path.display()));
        advise(&root, &project);
    }
    complete(arguments, common, &bench, (&root, &choice, &found))
}

fn there_already(path: &Path) -> Failure {
    let failure = Failure::new(Class::Usage, "manifest-exists", "is there already").about(path.display().to_string());
    let here =
        std::env::current_dir().is_ok_and(|here| path.parent().is_some_and(|folder| here.canonicalize().is_ok_and(|here| here != folder)));
    let own = if here { "; it is that of this folder too, and `--root DIR` gives a folder one of its own" } else { "" };
    failure.hint(format!("`plimsoll plan` shows what it says; --force replaces it, --print only shows the new one{own}"))
}

/// Where the manifest is written, if nothing stands there that should stay.
fn free_place(root: &Path, arguments: &Arguments) -> Result<PathBuf, Failure> {
    let path = root.join(manifest::FILE_NAME);
    if path.exists() && !arguments.force && !arguments.print {
        return Err(there_already(&path));
    }
    Ok(path)
}

/// Writes the manifest by a rename: a link in its place is replaced, and what it leads to stays.
fn write(path: &Path, text: &str, replace: bool) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| Failure::io(folder, &error))?;
    file.write_all(text.as_bytes()).map_err(|error| Failure::io(path, &error))?;
    platform::set_mode_of_open(file.as_file(), 0o644).map_err(|error| Failure::io(path, &error))?;
    let named = if replace { durable::replace(file, path) } else { durable::put_new(file, path) };
    named.map_err(|error| Failure::io(path, &error))
}

/// What the candidates need here: for programs what runs them, for what is loaded by a runtime that one.
fn wishes(project: &Found, root: &Path, candidates: Vec<Target>) -> Result<Wishes, Failure> {
    let folders = project.shipping().map(|folder| folder.path.clone()).collect();
    if project.cores.iter().any(|core| core.candidate.is_programs()) {
        return Ok(Wishes::of_targets(candidates).built_in(folders));
    }
    let every = Choice { wanted: candidates, planned: Vec::new() };
    let text = draft::text(project, root, &every);
    let written = manifest::parse(manifest::FILE_NAME, &text).map_err(|error| error.failure())?;
    Ok(Wishes::of_manifest(&written).built_in(folders))
}

/// What is still missing of this machine comes first: said, and installed if that was asked for, or if somebody is there who can be asked.
fn complete(arguments: &Arguments, common: &Common, bench: &Bench, (root, choice, found): (&Path, &Choice, &Examination)) -> Outcome {
    let lacking = choice.lacking(found);
    if lacking.is_empty() {
        note(common, "next: `plimsoll rehearse`");
        return Ok(Ending::Done);
    }
    note(common, "first: this is missing here:");
    for (what, targets) in &lacking {
        note(common, &format!("  {what}: for {}", targets.join(", ")));
    }
    let can_ask = std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && !common.json && !common.quiet;
    if arguments.install || can_ask {
        let wishes = Wishes::of(root)?;
        let failures = wishes.install(bench, root, &wishes.examine(bench, root), arguments.yes).map_err(Trouble::from)?;
        match failures {
            Some(failures) if failures.is_empty() => {
                note(common, "next: `plimsoll doctor`, which says whether anything is left, then `plimsoll rehearse`");
                return Ok(Ending::Done);
            }
            Some(failures) => return Ok(Ending::Failed(failures)),
            None => {}
        }
    }
    note(common, "next: `plimsoll doctor --install`, then `plimsoll rehearse`");
    Ok(Ending::Done)
}

fn note(common: &Common, text: &str) {
    if !common.json && !common.quiet {
        report::note(text);
    }
}

/// What is missing of the project.
fn advise(root: &Path, project: &Found) {
    if let Some(advice) = project.candidates.advice() {
        report::note(format!("note: {advice}"));
    }
    ignore_dist(root);
    let ships_programs = project.cores.iter().any(|core| core.candidate.is_programs());
    if ships_programs && !has_licence(root, project) {
        report::note(
            "note: there is no LICENSE, COPYING or LICENSES/, so users are not told what they may do with the program: add one, or name one in \
             `files`",
        );
    }
    for folder in project.shipping() {
        let workspace = folder.cargo.workspace.as_deref().unwrap_or(root);
        if !workspace.join("Cargo.lock").is_file() {
            let place = workspace.strip_prefix(root).ok().filter(|inside| !inside.as_os_str().is_empty());
            let place = place.map(|inside| format!(" in {}", inside.display())).unwrap_or_default();
            report::note(format!(
                "note: there is no Cargo.lock{place}, and releases are built --locked: run `cargo generate-lockfile`{place} and commit it"
            ));
        }
    }
}

/// Whether anything says what users may do with the programs.
fn has_licence(root: &Path, project: &Found) -> bool {
    let packages = project.shipping().flat_map(|folder| {
        let workspace = folder.cargo.workspace.as_deref().unwrap_or(root);
        let packages = folder.cargo.facts.with_binaries().map(|package| (workspace.join(&package.folder), package.license_file.is_some()));
        packages.chain([(workspace.to_owned(), false), (root.join(&folder.path), false)]).collect::<Vec<_>>()
    });
    let packages = packages.chain([(root.to_owned(), false)]).collect::<Vec<_>>();
    let mut entries = packages.iter().filter_map(|(folder, _)| fs::read_dir(folder).ok()).flatten().flatten();
    entries.any(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        manifest::is_licence(&if entry.path().is_dir() { format!("{name}/x") } else { name })
    }) || packages.iter().any(|(_, names_one)| *names_one)
}

fn nothing_to_ship(project: &Found) -> Failure {
    let message = "no cargo package with a program, no library that an Elixir module loads, and no package of Python's was found here";
    let mut failure = Failure::new(Class::Usage, "nothing-to-ship", message);
    if !project.python.is_empty() {
        failure = failure.cause("found", format!("{}, without a name or a [build-system]", project.python.join(", ")));
    }
    failure.hint("run it in the folder of a project with such a package, or write plimsoll.toml by hand: see docs/reference/manifest.md")
}

/// `dist/` is no source, but git would offer it.
fn ignore_dist(root: &Path) {
    let ignored = plimsoll_store::plain_file::read_text(&root.join(".gitignore")).unwrap_or_default();
    if root.join(".git").exists() && !ignored.lines().any(|line| matches!(line.trim(), "dist" | "dist/" | "/dist" | "/dist/")) {
        report::note("note: add `/dist/` to .gitignore; sealed releases land there");
    }
}
