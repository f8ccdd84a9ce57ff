//! The text of the manifest that `init` writes: what is shipped, for what, and where its version stands.

use std::fmt::Write as _;
use std::path::Path;

use plimsoll_model::{Name, Target};

use super::choice::Choice;
use super::found::{Core, Found, have_one_version};
use crate::manifest;

/// The floor that a Linux target has if nothing is said.
const USUAL_GLIBC: &str = "2.28";

/// The text of a manifest for what was chosen. Nothing of this machine is in it, so that it is the same for all who work on the project.
pub(super) fn text(found: &Found, root: &Path, choice: &Choice) -> String {
    let mut text = String::from("# What is shipped, and for which machines. Every key: docs/reference/manifest.md of plimsoll.\n");
    if let Some(name) = release_name(found, root) {
        let _ = writeln!(text, "name = {}", quoted(&name));
    }
    // What is Python alone is for every machine.
    let has_targets = !found.cores.is_empty();
    if has_targets {
        let _ = writeln!(text, "{}", target_list(&choice.wanted));
    }
    if has_targets && !choice.planned.is_empty() {
        let _ = writeln!(text, "\n# Not yet. To ship one, move it up.\n[planned]");
    }
    for (target, reason) in choice.planned.iter().filter(|_| has_targets) {
        let _ = writeln!(text, "{target} = {}", quoted(reason));
    }
    for target in &choice.wanted {
        if let Some(floor) = found.earlier.glibc(target).filter(|floor| *floor != USUAL_GLIBC) {
            let _ = writeln!(text, "\n[target.{target}]\nglibc = {}", quoted(floor));
        }
    }
    let files = version_files(found, root);
    if let Some((source, copies)) = files.split_first() {
        let _ = writeln!(
            text,
            "\n# Where a person writes the version; a release is of the commit with its tag.\n[version]\nsource = {}",
            quoted(source)
        );
        if !copies.is_empty() {
            let _ = writeln!(text, "copies = {}", list(copies));
        }
    }
    let packages = found.packages();
    for core in &found.cores {
        text.push_str(&tables(core, found, !packages.is_empty()));
    }
    for (kind, (name, lines)) in packages {
        let _ = writeln!(text, "\n[{kind}.{}]", quoted_key(&name));
        lines.iter().for_each(|line| text.push_str(&format!("{line}\n")));
    }
    text.push_str(&not_yet(found));
    text
}

/// The tables of a core and of what is shipped of it; nothing, if that is found without.
fn tables(core: &Core, found: &Found, has_others: bool) -> String {
    let (name, package) = (quoted_key(&core.name), &core.package);
    let mut text = String::new();
    let own = core_lines(core);
    if core.path.is_some() || !own.is_empty() {
        let _ = writeln!(text, "\n[core.{name}]");
        if let Some(path) = &core.path {
            let _ = writeln!(text, "path = {}", quoted(path));
        }
        if core.name != package.name {
            let _ = writeln!(text, "package = {}", quoted(&package.name));
        }
        own.iter().for_each(|line| text.push_str(&format!("{line}\n")));
    }
    let (lines, files) = if core.candidate.is_programs() { shipping_lines(core) } else { (Vec::new(), Vec::new()) };
    let is_usual = lines.is_empty() && files.is_empty();
    // One package of several with programs is not found without being named.
    let is_only = found.cores.len() == 1
        && !has_others
        && (!own.is_empty() || core.path.is_some() || found.workspaces.own().cargo.facts.with_binaries().count() <= 1);
    if let Some((kind, keys)) = core.candidate.table(&core.name, !is_usual || !is_only) {
        let _ = writeln!(text, "\n[{kind}.{name}]");
        for (key, value) in keys {
            let _ = writeln!(text, "{key} = {}", quoted(&value));
        }
        lines.iter().for_each(|line| text.push_str(&format!("{line}\n")));
        if !files.is_empty() {
            let _ = writeln!(text, "[{kind}.{name}.files]");
            files.iter().for_each(|(from, to)| text.push_str(&format!("{} = {}\n", quoted(from), quoted(to))));
        }
    }
    text
}

/// How the core is built, where that is not as usual.
fn core_lines(core: &Core) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(binaries) = &core.programs.binaries {
        lines.push(format!("binaries = {}", list(binaries)));
    }
    if !core.programs.features.is_empty() {
        lines.push(format!("features = {}", list(&core.programs.features)));
    }
    if core.shipping.default_features == Some(false) {
        lines.push("default-features = false".to_owned());
    }
    if let Some(profile) = &core.shipping.profile {
        lines.push(format!("profile = {}", quoted(profile)));
    }
    lines
}

/// How archives have been so far, where that is not as usual; and their files.
fn shipping_lines(core: &Core) -> (Vec<String>, Vec<(String, String)>) {
    let shipping = &core.shipping;
    let mut lines = Vec::new();
    if let Some(name) = shipping.file_name.as_ref().map(|name| in_name_of(name, &core.name)).filter(|name| name != "{name}-{target}") {
        lines.push(format!("filename = {}", quoted(&name)));
    }
    let unix = shipping.unix.as_deref().filter(|format| *format != "tar.xz");
    let windows = shipping.windows.as_deref().filter(|format| *format != "zip");
    match (unix, windows) {
        (None, None) => {}
        (Some(unix), Some(windows)) if unix == windows => lines.push(format!("format = {}", quoted(unix))),
        (unix, windows) => {
            let both = [("unix", unix), ("windows", windows)]
                .into_iter()
                .filter_map(|(system, format)| Some(format!("{system} = {}", quoted(format?))));
            lines.push(format!("format = {{ {} }}", both.collect::<Vec<_>>().join(", ")));
        }
    }
    (lines, shipping.files.clone())
}

/// A template that begins with the artifact's own name says so.
fn in_name_of(template: &str, name: &str) -> String {
    let rest = template.strip_prefix(name).filter(|rest| !rest.starts_with(|next: char| next.is_alphanumeric()));
    rest.map_or_else(|| template.to_owned(), |rest| format!("{{name}}{rest}"))
}

/// What is there and is not released, or cannot be yet.
fn not_yet(found: &Found) -> String {
    let mut text = String::new();
    if !found.left.is_empty() {
        let left = found.left.iter().map(|(name, why)| format!("{} ({})", line(name), line(why))).collect::<Vec<_>>().join(", ");
        let _ = writeln!(text, "\n# Left out: {left}.");
    }
    if !found.earlier.left.is_empty() {
        let _ = writeln!(text, "\n# Not taken over from {}: {}.", line(&found.earlier.file), line(&found.earlier.left.join("; ")));
    }
    if !found.packages().is_empty() {
        let _ = writeln!(text, "\n# Not taken over yet: sdists.");
    }
    text
}

/// What somebody else wrote, in a comment.
fn line(text: &str) -> String {
    plimsoll_model::visible::line(text)
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

/// The release's name, where the manifest must say it: what it was so far, or a name that is not found without.
fn release_name(found: &Found, root: &Path) -> Option<String> {
    let cores = &found.cores;
    let usual = usual_name(found);
    if let Some(earlier) = &found.earlier.name {
        return Some(earlier.clone()).filter(|name| Some(name) != usual.as_ref() && have_one_version(cores));
    }
    // A release with several versions has that of the core whose name it has.
    let is_right = |name: &String| have_one_version(cores) || cores.iter().any(|core| core.name == *name);
    if usual.as_ref().is_some_and(is_right) {
        return None;
    }
    if let ([], [(_, (only, _))]) = (cores.as_slice(), found.packages().as_slice()) {
        return Some(only.clone());
    }
    let folder = root.file_name().and_then(|name| name.to_str()).filter(|name| name.parse::<Name>().is_ok());
    let first = cores.first().map(|core| core.name.clone());
    folder.filter(|_| have_one_version(cores)).map(str::to_owned).or(first)
}

/// The name that a release has if the manifest says none: that of its only core, of the package at the root, or of the repository.
fn usual_name(found: &Found) -> Option<String> {
    match found.cores.as_slice() {
        [only] => Some(only.name.clone()),
        _ => manifest::workspace_name(&found.workspaces.own().cargo.facts).map(|name| name.to_string()),
    }
}

/// The files that say the one version of what is shipped, the source first; none if one lies outside of the project, or packages have
/// versions of their own. What ships a library may have the version in a file of its own, and Python packages that say the same are kept in step.
fn version_files(found: &Found, root: &Path) -> Vec<String> {
    let cores = &found.cores;
    if cores.is_empty() {
        let static_version = |file: &&String| plimsoll_version::says(root, file, None);
        return found.python.iter().filter(static_version).cloned().collect();
    }
    let Some(first) = cores.first().filter(|_| have_one_version(cores)) else { return Vec::new() };
    let Some(of_packages) = cores.iter().map(|core| core.version_file.clone()).collect::<Option<Vec<_>>>() else { return Vec::new() };
    let says = |file: &&String| plimsoll_version::says(root, file, Some(&first.package.version));
    let of_kinds = cores.iter().filter_map(|core| core.candidate.version_file());
    let of_kinds = of_kinds.filter(|file| plimsoll_version::says(root, file, None)).map(str::to_owned).collect::<Vec<_>>();
    // What ships libraries has a version of its own, and a crate in it may have another.
    let own = found.candidates.version().and_then(|version| version.parse().ok());
    let is_own = |file: &String| own.as_ref().is_none_or(|own| plimsoll_version::says(root, file, Some(own)));
    if own.is_some() && of_kinds.is_empty() && !of_packages.iter().all(is_own) {
        return Vec::new();
    }
    let of_packages = of_packages.into_iter().filter(is_own);
    let python = found.python.iter().filter(says).cloned();
    let mut files = Vec::new();
    for file in of_kinds.into_iter().chain(of_packages).chain(python) {
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

/// An array of strings of TOML.
fn list(words: &[String]) -> String {
    format!("[{}]", words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", "))
}

/// A string of TOML.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
