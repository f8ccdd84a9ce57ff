//! The text of the manifest that `init` writes: what is shipped, for what, and where its version stands.

use std::fmt::Write as _;
use std::path::Path;

use plimsoll_model::{Name, Target};

use super::found::{Core, Found, have_one_version};
use super::{Choice, Means};

/// The text of a manifest for what was chosen.
pub(super) fn text(found: &Found, root: &Path, host: &Target, choice: &Choice, means: Means) -> String {
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
    let files = version_files(found, root);
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
    let several = found.cores.len() > 1;
    if several {
        text.insert_str(text.find("targets = ").unwrap_or_default(), &format!("name = \"{}\"\n", release_name(&found.cores, root)));
    }
    for core in &found.cores {
        text.push_str(&tables(core, several));
    }
    text.push_str(&not_yet(found));
    text
}

/// The tables of a core and of what is shipped of it; nothing, if that is found without.
fn tables(core: &Core, several: bool) -> String {
    let (name, package) = (quoted_key(&core.name), &core.package);
    let mut text = String::new();
    if let Some(path) = &core.path {
        let _ = writeln!(text, "\n[core.{name}]\npath = {}", quoted(path));
        if core.name != package.name {
            let _ = writeln!(text, "package = {}", quoted(&package.name));
        }
    }
    if let Some((kind, keys)) = core.candidate.table(&core.name, several) {
        let _ = writeln!(text, "\n[{kind}.{name}]");
        for (key, value) in keys {
            let _ = writeln!(text, "{key} = {}", quoted(&value));
        }
    }
    text
}

/// What is there and cannot be released yet.
fn not_yet(found: &Found) -> String {
    if found.python.is_empty() {
        return String::new();
    }
    let files = found.python.join(", ");
    format!("\n# Not taken over yet: wheels and sdists of {files}.\n")
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

/// The folder's name; that of the first core where packages have versions of their own, since a release has one.
fn release_name(cores: &[Core], root: &Path) -> String {
    let folder = root.file_name().and_then(|name| name.to_str()).filter(|name| name.parse::<Name>().is_ok());
    let first = cores.first().map(|core| core.name.clone()).unwrap_or_default();
    folder.filter(|_| have_one_version(cores)).map_or(first, str::to_owned)
}

/// The files that say the one version of what is shipped, the source first; none if one lies outside of the project, or packages have
/// versions of their own. What ships a library may have the version in a file of its own, and Python packages that say the same are kept in step.
fn version_files(found: &Found, root: &Path) -> Vec<String> {
    let cores = &found.cores;
    let Some(first) = cores.first().filter(|_| have_one_version(cores)) else { return Vec::new() };
    let Some(of_packages) = cores.iter().map(|core| core.version_file.clone()).collect::<Option<Vec<_>>>() else { return Vec::new() };
    let says = |file: &&String| plimsoll_version::says(root, file, Some(&first.package.version));
    let of_kinds = cores.iter().filter_map(|core| core.candidate.version_file());
    let of_kinds = of_kinds.filter(|file| plimsoll_version::says(root, file, None)).map(str::to_owned);
    let python = found.python.iter().filter(says).cloned();
    let mut files = Vec::new();
    for file in of_kinds.chain(of_packages).chain(python) {
        if !files.contains(&file) {
            files.push(file);
        }
    }
    files
}

/// A key of TOML.
fn quoted_key(text: &str) -> String {
    let is_bare = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if is_bare { text.to_owned() } else { quoted(text) }
}

/// A string of TOML.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
