//! What a build left and no sdist should carry: wheels, compiled Python, and libraries that were built from the sources beside them.

use super::members::{Member, Sort};
use crate::format::{Format, recognise};
use crate::python::{Findings, PackageCode, normalised_name};

/// Folders of the root that tools write into, and no project keeps sources in.
const FOLDERS: [(&str, &str); 4] = [
    (".git/", "git's own folder"),
    (".tox/", "a tool's folder"),
    (".venv/", "a virtual environment"),
    ("node_modules/", "a tool's folder"),
];

/// Folders of the root that builds write into.
const OUTPUTS: [&str; 5] = ["build/", "dist/", "target/", "wheelhouse/", "wheels/"];

pub(super) fn judge(members: &[Member], top: &str, findings: &mut Findings) {
    let hint = "keep `dist/` and what builds make out of what the back end packs: ignore it in .gitignore, or exclude it in pyproject.toml";
    let project = top.rsplit_once('-').map_or(top, |(name, _)| name);
    for member in members.iter().filter(|member| member.sort == Sort::File) {
        let path = member.name.strip_prefix(top).unwrap_or(&member.name);
        if let Some(what) = describe(path, &member.kept, project) {
            findings.tell_of(&member.name, PackageCode::BuildOutput, format!("is {what}, which a build left"), hint);
        }
    }
}

fn describe(path: &str, prefix: &[u8], project: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_output_folder = OUTPUTS.iter().any(|folder| path.starts_with(folder));
    // Packaging tools keep the wheels of others on purpose, and small ones for their tests.
    let is_own = name.split('-').next().is_some_and(|own| normalised_name(own, '-') == normalised_name(project, '-'));
    if name.ends_with(".whl") && (is_output_folder || !path.contains('/') || (is_own && !is_test_data(path))) {
        return Some("a wheel");
    }
    if path.starts_with("dist/") && (name.ends_with(".tar.gz") || name.ends_with(".zip")) {
        return Some("an sdist");
    }
    if name.ends_with(".pyc") && path.contains("__pycache__/") {
        return Some("compiled Python");
    }
    if let Some((_, what)) = FOLDERS.iter().find(|(folder, _)| path.starts_with(folder)) {
        return Some(what);
    }
    let is_module = [".so", ".pyd", ".dylib"].iter().any(|ending| name.ends_with(ending)) && !is_test_data(path);
    match recognise(prefix) {
        Some(Format::Elf | Format::MachO | Format::Pe) if is_output_folder || is_module => Some("a program or library"),
        _ => None,
    }
}

fn is_test_data(path: &str) -> bool {
    path.split('/')
        .rev()
        .skip(1)
        .any(|folder| matches!(folder, "test" | "tests" | "testing" | "testdata" | "test_data" | "data" | "fixtures" | "vendor"))
}
