//! `plimsoll init`: a short manifest that runs as it is.
//!
//! Wants what this machine can build and prove, as `doctor` finds it; the other usual targets are listed as planned, for a person to move.

mod draft;
mod found;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use plimsoll_model::{Class, Failure, Target};

use super::doctor::Wishes;
use super::{Common, Ending, Outcome, named_targets};
use crate::doctor::{Examination, TargetReport};
use crate::manifest;
use crate::report::{self, Text, print_json};
use found::Found;
use plimsoll_exec::availability::Availability;
use plimsoll_exec::tool::Tool;
use plimsoll_store::durable;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Replace a plimsoll.toml that is there.
    #[arg(long)]
    force: bool,
    /// Want this target, or those of a family such as `macos`, instead of all that this machine can build and prove; may be given several
    /// times.
    #[arg(long = "target", value_name = "TARGET")]
    targets: Vec<String>,
    /// Print the manifest instead of writing it.
    #[arg(long)]
    print: bool,
}

/// What projects ship for, in the order in which people ask for it.
const USUAL: [&str; 7] = [
    "x86_64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-gnu",
    "aarch64-unknown-linux-musl",
    "aarch64-apple-darwin",
    "x86_64-apple-darwin",
    "x86_64-pc-windows-gnu",
];

pub(super) fn run(arguments: &Arguments, common: &Common) -> Outcome {
    let bench = common.bench()?;
    let root = common.root.canonicalize().map_err(|error| Failure::io(&common.root, &error))?;
    let path = root.join(manifest::FILE_NAME);
    if path.exists() && !arguments.force && !arguments.print {
        let failure = Failure::new(Class::Usage, "manifest-exists", "is there already").about(path.display().to_string());
        return Err(failure.hint("`plimsoll plan` shows what it says; --force replaces it, --print only shows the new one").into());
    }
    let project = Found::look(&root, &bench.launcher)?;
    project.passed_over.iter().for_each(|failure| report::note(format!("note: passed over: {failure}")));
    let host = &project.workspaces.own().toolchain.host;
    if project.cores.is_empty() {
        return Err(nothing_to_ship(&project).into());
    }
    let asked = asked(&arguments.targets)?;
    let candidates = candidates(host, &asked);
    let found = wishes(&project, &root, host, candidates)?.examine(&bench, &root);
    let choice = Choice::make(&asked, host, &found.targets);
    if choice.wanted.is_empty() {
        return Err(nothing_to_build_with(host, &found).into());
    }
    let has = |tool: Tool| found.tools.iter().any(|report| report.tool == tool && is_ready(&report.state));
    let means = Means { zig: has(Tool::Zig) && has(Tool::CargoZigbuild), isolation: is_ready(&found.isolation) };
    let text = draft::text(&project, &root, host, &choice, means);
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
        advise(&root, &project, &choice.lacking(&found.targets));
    }
    Ok(Ending::Done)
}

/// Writes the manifest by a rename: a link in its place is replaced, and what it leads to stays.
fn write(path: &Path, text: &str, replace: bool) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| Failure::io(folder, &error))?;
    file.write_all(text.as_bytes()).map_err(|error| Failure::io(path, &error))?;
    let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    file.as_file().set_permissions(readable).map_err(|error| Failure::io(path, &error))?;
    let named = if replace { durable::replace(file, path) } else { durable::put_new(file, path) };
    named.map_err(|error| Failure::io(path, &error))
}

/// What the candidates need here: for programs what runs them, for what is loaded by a runtime that one.
fn wishes(project: &Found, root: &Path, host: &Target, candidates: Vec<Target>) -> Result<Wishes, Failure> {
    let folders = project.shipping().map(|folder| folder.path.clone()).collect();
    if project.cores.iter().any(|core| core.candidate.is_programs()) {
        return Ok(Wishes::of_targets(candidates).built_in(folders));
    }
    let every = Choice { wanted: candidates, planned: Vec::new() };
    let text = draft::text(project, root, host, &every, Means { zig: true, isolation: true });
    let written = manifest::parse(manifest::FILE_NAME, &text).map_err(|error| error.failure())?;
    Ok(Wishes::of_manifest(&written).built_in(folders))
}

/// What is next, and what is still missing: of this machine, and of the project.
fn advise(root: &Path, project: &Found, lacking: &[(Target, String)]) {
    for (target, what) in lacking {
        report::note(format!("note: {target} cannot be built and proven here yet: it needs {what}"));
    }
    report::note(if lacking.is_empty() {
        "next: `plimsoll rehearse`"
    } else {
        "next: `plimsoll doctor --install`, then `plimsoll rehearse`"
    });
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

/// The targets that were named, those of families among them, each once.
fn asked(words: &[String]) -> Result<Vec<Target>, Failure> {
    let mut targets = Vec::new();
    for word in words {
        for target in named_targets(word)? {
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
    }
    Ok(targets)
}

/// What is shipped for, and why not for the rest.
struct Choice {
    wanted: Vec<Target>,
    /// Target → reason.
    planned: Vec<(Target, String)>,
}

impl Choice {
    /// What was asked for; else this machine's own target, and the usual ones that `doctor` finds can be built and proven here.
    fn make(asked: &[Target], host: &Target, found: &[TargetReport]) -> Self {
        let ready = |report: &&TargetReport| is_ready(&report.build) && is_ready(&report.prove);
        let mut wanted = asked.to_vec();
        if wanted.is_empty() {
            wanted.extend(found.iter().filter(ready).map(|report| report.target.clone()));
            // This machine's own first.
            wanted.sort_by_key(|target| target != host);
        }
        let planned = found.iter().filter(|report| USUAL.contains(&report.target.as_str()) && !wanted.contains(&report.target));
        let planned = planned.map(|report| (report.target.clone(), reason(report))).collect();
        Self { wanted, planned }
    }

    /// What is wanted because it was asked for, and what it still needs here.
    fn lacking(&self, found: &[TargetReport]) -> Vec<(Target, String)> {
        let wanted = found.iter().filter(|report| self.wanted.contains(&report.target));
        let lacks = |report: &TargetReport| match (&report.build, &report.prove) {
            (Availability::Missing { what }, _) | (_, Availability::Missing { what }) => Some((report.target.clone(), what.clone())),
            _ => None,
        };
        wanted.filter_map(lacks).collect()
    }
}

const fn is_ready(state: &Availability) -> bool {
    matches!(state, Availability::Ready { .. })
}

/// What of this machine a manifest depends on.
#[derive(Debug, Clone, Copy)]
struct Means {
    /// zig and cargo-zigbuild.
    zig: bool,
    /// A bubblewrap that works.
    isolation: bool,
}

/// A manifest that could not be rehearsed would be of no use.
fn nothing_to_build_with(host: &Target, found: &Examination) -> Failure {
    let own = found.targets.iter().find(|report| report.target == *host);
    let why = own.map(reason).unwrap_or_default();
    let failure =
        Failure::new(Class::ToolMissing, "nothing-can-be-built", format!("nothing can be built here yet, so nothing was written: {why}"));
    let commands = found.remedies.iter().fold(failure, |failure, remedy| failure.cause(&remedy.why, remedy.commands.join("\n")));
    commands.hint("install what is missing (`plimsoll doctor --install` does what it can), and run it again")
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

/// Why a usual target is only planned: what is missing here to build or to prove it, or who could.
fn reason(report: &TargetReport) -> String {
    match (&report.build, &report.prove) {
        (_, Availability::Elsewhere { reason }) | (Availability::Elsewhere { reason }, _) => reason.clone(),
        (Availability::Missing { what }, _) if *what == format!("the standard library for {}", report.target) => {
            format!("needs: rustup target add {}", report.target)
        }
        (Availability::Missing { what }, _) | (_, Availability::Missing { what }) => format!("needs {what}: plimsoll doctor --install"),
        (Availability::Ready { .. }, Availability::Ready { .. }) => "not tried yet".to_owned(),
    }
}

/// This machine's own target, the one with musl beside it, the usual ones, and those that were asked for.
fn candidates(host: &Target, asked: &[Target]) -> Vec<Target> {
    let musl = format!("{}-unknown-linux-musl", host.arch());
    let own = std::iter::once(host.as_str()).chain(Some(musl.as_str()).filter(|_| host.os() == "linux"));
    let mut targets = own.chain(USUAL).filter_map(|target| target.parse::<Target>().ok()).collect::<Vec<_>>();
    targets.extend_from_slice(asked);
    let mut seen = BTreeSet::new();
    targets.retain(|target| seen.insert(target.clone()));
    targets
}

fn nothing_to_ship(project: &Found) -> Failure {
    let message = "no cargo package with a program, and no library that an Elixir module loads, was found here";
    let mut failure = Failure::new(Class::Usage, "nothing-to-ship", message);
    if !project.python.is_empty() {
        failure = failure.cause("found", format!("{}; wheels and sdists cannot be released yet", project.python.join(", ")));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn report(target: &str, build: Availability, prove: Availability) -> TargetReport {
        TargetReport { target: target.parse().unwrap(), build, emulator: None, prove }
    }

    fn found() -> Vec<TargetReport> {
        let ready = || Availability::Ready { how: "zig".to_owned() };
        let mac = || Availability::Elsewhere { reason: "needs a macOS runner".to_owned() };
        vec![
            report("x86_64-unknown-linux-gnu", ready(), ready()),
            report(
                "x86_64-unknown-linux-musl",
                Availability::Missing { what: "the standard library for x86_64-unknown-linux-musl".to_owned() },
                ready(),
            ),
            report("aarch64-unknown-linux-gnu", ready(), ready()),
            report("aarch64-unknown-linux-musl", ready(), Availability::Missing { what: "mmdebstrap".to_owned() }),
            report("aarch64-apple-darwin", ready(), mac()),
            report("x86_64-apple-darwin", Availability::Missing { what: "the standard library".to_owned() }, mac()),
        ]
    }

    #[test]
    fn what_can_be_built_and_proven_here_is_wanted_and_the_rest_has_its_reason() {
        let host = "x86_64-unknown-linux-gnu".parse().unwrap();
        let choice = Choice::make(&[], &host, &found());
        assert_eq!(choice.wanted.iter().map(Target::as_str).collect::<Vec<_>>(), ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]);
        let reasons = choice.planned.iter().map(|(target, reason)| format!("{target}: {reason}")).collect::<Vec<_>>();
        assert_eq!(
            reasons,
            [
                "x86_64-unknown-linux-musl: needs: rustup target add x86_64-unknown-linux-musl",
                "aarch64-unknown-linux-musl: needs mmdebstrap: plimsoll doctor --install",
                "aarch64-apple-darwin: needs a macOS runner",
                "x86_64-apple-darwin: needs a macOS runner",
            ]
        );
        let asked = asked(&["x86_64-unknown-linux-musl".to_owned(), "x86_64-unknown-linux-musl".to_owned()]).unwrap();
        let choice = Choice::make(&asked, &host, &found());
        assert_eq!(choice.wanted, asked);
        assert_eq!(choice.planned[0], (host, "not tried yet".to_owned()));
        let lacking = choice.lacking(&found());
        assert_eq!(lacking, [(asked[0].clone(), "the standard library for x86_64-unknown-linux-musl".to_owned())]);
    }

    #[test]
    fn where_nothing_can_be_built_nothing_is_wanted() {
        let host = "x86_64-unknown-linux-gnu".parse().unwrap();
        let bare = [report(
            "x86_64-unknown-linux-gnu",
            Availability::Missing { what: "cc".to_owned() },
            Availability::Ready { how: "native".to_owned() },
        )];
        assert!(Choice::make(&[], &host, &bare).wanted.is_empty());
    }

    #[test]
    fn a_target_that_is_none_is_told_with_the_nearest() {
        let failure = asked(&["x86_64-unknown-linux-gun".to_owned()]).unwrap_err();
        assert_eq!(failure.message, "there is no target `x86_64-unknown-linux-gun`");
        assert!(failure.hint.unwrap().contains("x86_64-unknown-linux-gnu"));
        assert_eq!(asked(&["mcaos".to_owned()]).unwrap_err().hint.as_deref(), Some("did you mean `macos`?"));
    }

    #[test]
    fn a_family_stands_for_its_targets_each_once() {
        let asked = asked(&["aarch64-unknown-linux-gnu".to_owned(), "linux-gnu".to_owned()]).unwrap();
        assert_eq!(asked.iter().map(Target::as_str).collect::<Vec<_>>(), ["aarch64-unknown-linux-gnu", "x86_64-unknown-linux-gnu"]);
    }

    #[test]
    fn the_usual_targets_are_asked_about_once_each_and_listed_readably() {
        let host = "x86_64-unknown-linux-gnu".parse().unwrap();
        assert_eq!(candidates(&host, &[]).len(), USUAL.len());
        let host = "riscv64gc-unknown-linux-gnu".parse().unwrap();
        assert_eq!(candidates(&host, &[]).len(), USUAL.len() + 2);
        assert_eq!(draft::target_list(&candidates(&host, &[])[..1]), "targets = [\"riscv64gc-unknown-linux-gnu\"]");
        assert!(draft::target_list(&candidates(&host, &[])).starts_with("targets = [\n    \"riscv64gc-unknown-linux-gnu\",\n"));
    }
}
