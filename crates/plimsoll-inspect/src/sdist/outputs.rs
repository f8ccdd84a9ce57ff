//! What a build left and no sdist should carry: wheels, compiled Python, and libraries that were built from the sources beside them.

use super::members::{Member, Sort};
use crate::format::{Format, recognise};
use crate::python::{Findings, PackageCode};

/// Folders of the root that tools write into, and no project keeps sources in.
const FOLDERS: [(&str, &str); 4] = [
    (".git/", "git's own folder"),
    (".tox/", "a tool's folder"),
    (".venv/", "a virtual environment"),
    ("node_modules/", "a tool's folder"),
];

pub(super) fn judge(members: &[Member], top: &str, findings: &mut Findings) {
    let hint = "keep `dist/` and what builds make out of what the back end packs: ignore it in .gitignore, or exclude it in pyproject.toml";
    for member in members.iter().filter(|member| member.sort == Sort::File) {
        let path = member.name.strip_prefix(top).unwrap_or(&member.name);
        if let Some(what) = describe(path, &member.kept) {
            findings.tell_of(&member.name, PackageCode::BuildOutput, format!("is {what}, which a build left"), hint);
        }
    }
}

fn describe(path: &str, prefix: &[u8]) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    // Tests of packaging tools keep small wheels as data; what lies where builds write is no data.
    if name.ends_with(".whl") && !is_test_data(path) {
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
    let is_output_folder = ["build/", "dist/", "target/"].iter().any(|folder| path.starts_with(folder));
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
