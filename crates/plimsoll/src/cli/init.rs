//! `plimsoll init`: a short manifest that runs as it is.
//!
//! Wants what this machine can build and prove; the other usual targets are listed as planned, for a person to move.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use plimsoll_model::{Class, Failure, Name, Target};

use super::{Common, Ending, Outcome};
use crate::build::Toolchain;
use crate::io_failure;
use crate::machine::Machine;
use crate::manifest::{self, PackageFacts};
use crate::report;
use crate::session::Cargo;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Replace a plimsoll.toml that is there.
    #[arg(long)]
    force: bool,
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
    let root = common.root.canonicalize().map_err(|error| io_failure(&common.root, &error))?;
    let path = root.join(manifest::FILE_NAME);
    if path.exists() && !arguments.force && !arguments.print {
        let failure = Failure::new(Class::Usage, "manifest-exists", "is there already").about(path.display().to_string());
        return Err(failure.hint("`plimsoll plan` shows what it says; --force replaces it, --print only shows the new one").into());
    }
    let toolchain = Toolchain::detect(&root, &bench.launcher)?;
    let cargo = Cargo::ask(&root, &toolchain, &bench.launcher)?;
    if cargo.facts.with_binaries().next().is_none() {
        return Err(nothing_to_ship().into());
    }
    let machine = Machine::look(&bench.store, &bench.launcher);
    let text = write_manifest(&cargo, &root, &toolchain, &machine);
    // What init writes must run as it is; anything else is a fault of init, and better said now.
    manifest::parse(manifest::FILE_NAME, &text).map_err(|error| error.failure())?;
    if arguments.print {
        if common.json {
            super::print_json(&serde_json::json!({ "manifest": text }));
        } else {
            report::print(&text);
        }
        return Ok(Ending::Done);
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(!arguments.force).create(true).truncate(true);
    let mut file = options.open(&path).map_err(|error| io_failure(&path, &error))?;
    file.write_all(text.as_bytes()).map_err(|error| io_failure(&path, &error))?;
    if common.json {
        super::print_json(&serde_json::json!({ "written": path, "manifest": text }));
    } else {
        report::print(&format!("{text}\n"));
        report::print_error(&format!("wrote {}\nnext: `plimsoll rehearse`\n", path.display()));
        ignore_dist(&root);
        let workspace = cargo.workspace.as_deref().unwrap_or(&root);
        if !workspace.join("Cargo.lock").is_file() {
            report::print_error(
                "note: there is no Cargo.lock, and releases are built --locked: run `cargo generate-lockfile` and commit it\n",
            );
        }
    }
    Ok(Ending::Done)
}

fn write_manifest(cargo: &Cargo, root: &Path, toolchain: &Toolchain, machine: &Machine) -> String {
    let mut text = String::from("# What is shipped, and for which machines. Every key: docs/reference/manifest.md of plimsoll.\n");
    let host = &toolchain.host;
    let mut wanted = vec![host.to_string()];
    let musl = musl_beside(host).filter(|musl| toolchain.has(musl));
    wanted.extend(musl.map(|musl| musl.to_string()));
    let list = wanted.iter().map(|target| format!("\"{target}\"")).collect::<Vec<_>>().join(", ");
    let _ = writeln!(text, "targets = [{list}]");
    let _ = writeln!(text, "\n# Not yet. To ship one, move it up.\n[planned]");
    for target in USUAL.iter().filter(|target| !wanted.iter().any(|wanted| wanted == *target)) {
        let _ = writeln!(text, "{target} = \"{}\"", reason(target, host, toolchain, machine));
    }
    if machine.builders.zig.is_none() && host.os() == "linux" {
        let _ = writeln!(
            text,
            "\n# Without zig the oldest glibc is whatever this machine's linker gives: `plimsoll doctor --install`, then remove this."
        );
        for target in &wanted {
            let _ = writeln!(text, "[target.{target}]\nbuilder = \"native\"");
        }
    }
    let packages = own_packages(cargo, root);
    if cargo.facts.with_binaries().count() > 1 {
        text.insert_str(text.find("targets = ").unwrap_or_default(), &format!("name = \"{}\"\n", release_name(&packages, root)));
        for package in packages {
            let _ = writeln!(text, "\n[archive.{0}]\ncore = \"{0}\"", package.name);
        }
    }
    text
}

/// Packages with programs in the project's folder; all of the workspace's where the folder is the workspace's own.
fn own_packages<'a>(cargo: &'a Cargo, root: &Path) -> Vec<&'a PackageFacts> {
    let inside = cargo.workspace.as_deref().and_then(|workspace| root.strip_prefix(workspace).ok()).unwrap_or(Path::new(""));
    let own = cargo.facts.with_binaries().filter(|package| Path::new(&package.folder).starts_with(inside)).collect::<Vec<_>>();
    if own.is_empty() { cargo.facts.with_binaries().collect() } else { own }
}

/// The folder's name; that of the first package where packages have versions of their own, since a release has one.
fn release_name(packages: &[&PackageFacts], root: &Path) -> String {
    let one_version = packages.windows(2).all(|pair| pair[0].version == pair[1].version);
    let folder = root.file_name().and_then(|name| name.to_str()).filter(|name| name.parse::<Name>().is_ok());
    let first = packages.first().map(|package| package.name.clone()).unwrap_or_default();
    folder.filter(|_| one_version).map_or(first, str::to_owned)
}

/// Why a usual target is only planned: what is missing here to build it, or who could prove it.
fn reason(target: &str, host: &Target, toolchain: &Toolchain, machine: &Machine) -> String {
    let Ok(parsed) = target.parse::<Target>() else { return "not tried yet".to_owned() };
    if host.os() == "linux" && machine.builders.zig.is_none() {
        return "needs zig: plimsoll doctor --install".to_owned();
    }
    if !toolchain.has(&parsed) {
        return format!("needs: rustup target add {target}");
    }
    match parsed.os() {
        "macos" if host.os() != "macos" => "built here, but needs a Mac to run it on".to_owned(),
        "windows" if host.os() == "linux" => "not tried yet; wine can run it here".to_owned(),
        "linux" if host.os() == "linux" && parsed.arch() != host.arch() => "not tried yet; qemu can run it here".to_owned(),
        _ => "not tried yet".to_owned(),
    }
}

fn musl_beside(host: &Target) -> Option<Target> {
    (host.os() == "linux").then(|| format!("{}-unknown-linux-musl", host.arch()).parse().ok())?
}

fn nothing_to_ship() -> Failure {
    Failure::new(Class::Usage, "nothing-to-ship", "no cargo package with a program was found here")
        .hint("run it in the folder of a cargo project with a binary, or write plimsoll.toml by hand: see docs/reference/manifest.md")
}

/// `dist/` is no source, but git would offer it.
fn ignore_dist(root: &Path) {
    let ignored = fs::read_to_string(root.join(".gitignore")).unwrap_or_default();
    if root.join(".git").exists() && !ignored.lines().any(|line| matches!(line.trim(), "dist" | "dist/" | "/dist" | "/dist/")) {
        report::print_error("note: add `/dist/` to .gitignore; sealed releases land there\n");
    }
}
