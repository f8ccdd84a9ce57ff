//! Which files and folders a wheel has, by their names and modes.

use std::collections::BTreeSet;

use super::file_name::WheelName;
use super::is_same_project;
use crate::python::{Findings, PackageCode, PythonVersion};
use crate::zip::{Entry, Zip};

/// Folders of `.data` that installers know.
const SCHEMES: [&str; 5] = ["purelib", "platlib", "headers", "scripts", "data"];

pub(super) fn judge(zip: &Zip<'_>, name: Option<&WheelName>, findings: &mut Findings) {
    let runs_on_windows_only = name.is_some_and(|name| name.platforms.iter().all(|tag| tag.starts_with("win")));
    for entry in &zip.entries {
        if entry.is_link() {
            let hint = "pack the file that it leads to";
            let message = "is a symbolic link, which installers write as a file with its target as text";
            findings.tell_of(&entry.name, PackageCode::SymbolicLink, message, hint);
        } else if entry.is_special() {
            findings.tell_of(&entry.name, PackageCode::SpecialFile, "is neither a file nor a folder", "leave it out");
        }
        data_folder(entry, name, runs_on_windows_only, findings);
    }
}

fn data_folder(entry: &Entry, name: Option<&WheelName>, runs_on_windows_only: bool, findings: &mut Findings) {
    let Some((top, rest)) = entry.name.split_once('/') else { return };
    let Some(stem) = top.strip_suffix(".data") else { return };
    let is_own = name.is_none_or(|name| is_stem_of(stem, name));
    if !is_own {
        // A package may have a folder of such a name; only one with a version is meant for installers.
        return;
    }
    let (scheme, file) = rest.split_once('/').unwrap_or((rest, ""));
    if !scheme.is_empty() && !SCHEMES.contains(&scheme) {
        let message = format!("lies in {top}/{scheme}, and installers know {}", SCHEMES.join(", "));
        findings.tell_of(&entry.name, PackageCode::DistInfo, message, "put it under one of these, or into a package");
    }
    if scheme == "scripts" && !file.is_empty() && !entry.is_folder() && !entry.is_executable() && !runs_on_windows_only {
        let mode = entry.mode.map_or("no mode".to_owned(), |mode| format!("mode {:04o}", mode & 0o7777));
        let message = format!("is a command without its executable bit ({mode}): once installed it cannot be started");
        findings.tell_of(
            &entry.name,
            PackageCode::NotExecutable,
            message,
            "pack it with mode 0755; tools that repair wheels may have dropped it",
        );
    }
}

fn is_stem_of(stem: &str, name: &WheelName) -> bool {
    stem == name.stem()
        || stem.rsplit_once('-').is_some_and(|(own, version)| {
            is_same_project(own, &name.name) && PythonVersion::parse(version).is_some_and(|version| version == name.version)
        })
}

/// The name of the folder with metadata, with a slash; where there are several, the one that belongs to the file name.
pub(super) fn dist_info(zip: &Zip<'_>, name: Option<&WheelName>, findings: &mut Findings) -> Option<String> {
    let folders = zip.entries.iter().filter_map(|entry| entry.name.split_once('/')).map(|(top, _)| top);
    let folders = folders.filter(|top| top.ends_with(".dist-info")).collect::<BTreeSet<_>>();
    let expected = name.map(|name| format!("{}.dist-info", name.stem()));
    let described = expected.as_deref().unwrap_or("{name}-{version}.dist-info");
    let found = folders.iter().find(|folder| expected.as_deref() == Some(**folder)).or_else(|| folders.first());
    let Some(found) = found else {
        let message = format!("has no folder {described}");
        findings.tell(PackageCode::DistInfo, message, "no installer takes a wheel without it");
        return None;
    };
    if folders.len() > 1 {
        let all = folders.iter().copied().collect::<Vec<_>>().join(", ");
        findings.tell(PackageCode::DistInfo, format!("has several .dist-info folders: {all}"), "leave the one of this project");
    }
    if expected.as_deref().is_some_and(|expected| expected != *found) {
        let message = format!("has the folder {found}, where the file's name asks for {described}");
        findings.tell(PackageCode::DistInfo, message, "call the folder as the file is called");
    }
    Some(format!("{found}/"))
}
