//! The text of the manifest that `init` writes: what is shipped, for what, and where its version stands.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use plimsoll_model::{Name, Target};

use super::{Choice, Means};
use crate::manifest::PackageFacts;
use crate::session::Cargo;

/// The text of a manifest for what was chosen.
pub(super) fn text(cargo: &Cargo, root: &Path, host: &Target, choice: &Choice, means: Means) -> String {
    let mut text = String::from("# What is shipped, and for which machines. Every key: docs/reference/manifest.md of plimsoll.\n");
    let _ = writeln!(text, "{}", target_list(&choice.wanted));
    if !choice.planned.is_empty() {
        let _ = writeln!(text, "\n# Not yet. To ship one, move it up.\n[planned]");
    }
    for (target, reason) in &choice.planned {
        let _ = writeln!(text, "{target} = {}", quoted(reason));
    }
    let own = choice.wanted.iter().filter(|target| target.os() == host.os() && target.arch() == host.arch());
    let lacking = [
        (means.zig, "Without zig the oldest glibc is whatever this machine's linker gives", "builder = \"native\""),
        (means.isolation, "Without a bubblewrap that works, programs see the whole machine when they are proven", "roots = [\"scrubbed\"]"),
    ];
    let lacking = lacking.into_iter().filter(|(has, ..)| !has && host.os() == "linux").collect::<Vec<_>>();
    for (at, (_, why, _)) in lacking.iter().enumerate() {
        let _ = writeln!(text, "{}# {why}: `plimsoll doctor --install`, then remove this.", if at == 0 { "\n" } else { "" });
    }
    for target in own.filter(|_| !lacking.is_empty()) {
        let settings = lacking.iter().map(|(_, _, setting)| *setting).collect::<Vec<_>>().join("\n");
        let _ = writeln!(text, "[target.{target}]\n{settings}");
    }
    let packages = own_packages(cargo, root);
    let files = version_files(cargo, &packages, root);
    if let Some((source, copies)) = files.split_first() {
        let _ = writeln!(
            text,
            "\n# Where a person writes the version; a release is of the commit with its tag.\n[version]\nsource = {}",
            quoted(source)
        );
        if !copies.is_empty() {
            let _ = writeln!(text, "copies = [{}]", copies.iter().map(|file| quoted(file)).collect::<Vec<_>>().join(", "));
        }
    }
    if cargo.facts.with_binaries().count() > 1 {
        text.insert_str(text.find("targets = ").unwrap_or_default(), &format!("name = \"{}\"\n", release_name(&packages, root)));
        for package in packages {
            let _ = writeln!(text, "\n[archive.{0}]\ncore = \"{0}\"", package.name);
        }
    }
    text
}

/// `targets = […]`: two in a line, more in a line each, so that one is easily taken out.
pub(super) fn target_list(targets: &[Target]) -> String {
    if targets.len() <= 2 {
        let list = targets.iter().map(|target| format!("\"{target}\"")).collect::<Vec<_>>().join(", ");
        return format!("targets = [{list}]");
    }
    let lines = targets.iter().map(|target| format!("    \"{target}\",\n")).collect::<String>();
    format!("targets = [\n{lines}]")
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

/// The files that give the packages their one version; none where one lies outside of the project, or packages have versions of their own.
fn version_files(cargo: &Cargo, packages: &[&PackageFacts], root: &Path) -> Vec<String> {
    let Some(workspace) = cargo.workspace.as_deref() else { return Vec::new() };
    let files = packages.iter().map(|package| plimsoll_version::source_of_package(root, workspace, &workspace.join(&package.folder)));
    let mut seen = BTreeSet::new();
    let mut files = files.collect::<Option<Vec<_>>>().unwrap_or_default();
    files.retain(|file| seen.insert(file.clone()));
    if packages.windows(2).all(|pair| pair[0].version == pair[1].version) { files } else { Vec::new() }
}

/// A string of TOML.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
