//! The audit of a wheel: its container, its tables, and every program and library in it against the tag that it promises.

mod abi3;
mod abi3_names;
mod bill;
mod binaries;
mod contents;
mod description;
mod entry_points;
mod file_name;
mod files;
mod linux;
mod lowest;
mod machines;
mod macos;
mod module_names;
mod platform;
mod record;

use std::collections::BTreeSet;

use contents::Contents;
pub use file_name::WheelName;

use crate::python::{self, Audit, Expected, Findings, PackageCode, PackageForm, is_bearable, normalised_name};
use crate::zip::Zip;

/// By its file name and its bytes.
pub(crate) fn audit(file_name: &str, bytes: &[u8], findings: &mut Findings) -> Audit {
    let mut audit = Audit::new(PackageForm::Wheel);
    let name = match WheelName::parse(file_name) {
        Ok(name) => Some(name),
        Err(reason) => {
            let hint = "call it `{name}-{version}-{python}-{abi}-{platform}.whl`, with `_` for each hyphen in a part";
            findings.tell(PackageCode::FileName, format!("has no file name of a wheel: it {reason}"), hint);
            None
        }
    };
    if let Some(name) = &name {
        audit.tags = name.tags().into_iter().collect();
        judge_name(name, findings);
    }
    let Some(zip) = Zip::read(bytes, findings) else { return audit };
    (audit.files, audit.unpacked) = (zip.entries.iter().filter(|entry| !entry.is_folder()).count(), zip.unpacked());
    files::judge(&zip, name.as_ref(), findings);
    if is_bearable(bytes.len(), audit.unpacked, findings) {
        look_inside(&mut audit, &zip, name.as_ref(), findings);
    }
    audit
}

fn judge_name(name: &WheelName, findings: &mut Findings) {
    if let Some(local) = name.version.local() {
        let message = format!("has the version {}, whose local part (+{local}) PyPI refuses", name.version);
        findings.tell(PackageCode::LocalVersion, message, "leave out the plus sign and what is behind it");
    }
    for tag in name.platforms.iter().filter(|tag| !platform::is_known(tag)) {
        let is_plain = tag.starts_with("linux_");
        let (what, hint) = match (is_plain, tag.starts_with("macosx_")) {
            (true, _) => ("says nothing of the C library", "tag it as manylinux or musllinux, by what its files need"),
            (_, true) => ("is none that PyPI takes", "write macosx_10_N, or macosx_11_0 and later with a nought"),
            _ => ("is none that PyPI takes", "see the tags in docs/python.md"),
        };
        findings.tell(PackageCode::PlatformTag, format!("has the platform tag {tag}, which PyPI refuses: it {what}"), hint);
    }
}

fn look_inside(audit: &mut Audit, zip: &Zip<'_>, name: Option<&WheelName>, findings: &mut Findings) {
    let dist_info = files::dist_info(zip, name, findings);
    let place = |file: &str| dist_info.as_ref().map(|folder| format!("{folder}{file}"));
    let record_place = place("RECORD");
    let record =
        zip.entries.iter().find(|entry| Some(&entry.name) == record_place.as_ref()).and_then(|entry| contents::read_one(zip, entry));
    let rows = match (&record, &record_place) {
        (Some(bytes), Some(place)) => record::read(bytes, place, findings),
        _ => record::Rows::new(),
    };
    let contents = Contents::read(zip, dist_info.as_deref(), &rows, findings);
    if let (true, Some(own)) = (record.is_some(), &record_place) {
        let all = zip.entries.iter().filter(|entry| !entry.is_folder()).map(|entry| entry.name.as_str()).collect();
        record::judge(&rows, &contents.measured, &all, own, findings);
    }
    let is_pure = dist_info.as_deref().and_then(|folder| judge_texts(audit, &contents, folder, name, findings));
    if let Some(name) = name {
        binaries::judge(name, is_pure, &contents, findings);
        abi3::judge(name, &contents, findings);
        audit.lowest_tags = lowest::tags(name, &contents);
    }
    audit.binaries = contents.binaries;
}

/// The texts of `.dist-info`; whether the wheel says that it is pure.
fn judge_texts(audit: &mut Audit, contents: &Contents, folder: &str, name: Option<&WheelName>, findings: &mut Findings) -> Option<bool> {
    let mut is_pure = None;
    for file in ["METADATA", "WHEEL", "RECORD"] {
        let place = format!("{folder}{file}");
        let Some(bytes) = contents.texts.get(file) else {
            // One that could not be unpacked has been told.
            findings.tell_of(
                &place,
                PackageCode::MissingFile,
                "is not in the wheel, or not to be read",
                "no installer takes a wheel without it",
            );
            continue;
        };
        match file {
            "METADATA" => {
                let expected = name.map(|name| Expected { name: &name.name, version: &name.version });
                let metadata = python::judge_metadata(bytes, &place, expected.as_ref(), findings);
                licenses(contents, folder, &metadata.license_files, findings);
                (audit.name, audit.version) = (metadata.name, metadata.version);
            }
            "WHEEL" => is_pure = description::judge(bytes, &place, name, findings),
            _ => {}
        }
    }
    if let Some(bytes) = contents.texts.get("entry_points.txt") {
        entry_points::judge(bytes, &format!("{folder}entry_points.txt"), findings);
    }
    for (file, bytes) in contents.texts.iter().filter(|(file, _)| file.starts_with("sboms/")) {
        bill::judge(bytes, &format!("{folder}{file}"), findings);
    }
    is_pure
}

fn licenses(contents: &Contents, folder: &str, named: &BTreeSet<String>, findings: &mut Findings) {
    let is_there = |path: &str| contents.measured.contains_key(&format!("{folder}licenses/{path}"));
    for path in named.iter().filter(|path| !is_there(path)) {
        let message = format!("names the License-File {path}, which is not in {folder}licenses/");
        findings.tell_of(&format!("{folder}METADATA"), PackageCode::LicenseFile, message, "put it there, or do not name it");
    }
}

/// Whether two names are the same project's.
fn is_same_project(one: &str, other: &str) -> bool {
    normalised_name(one, '-') == normalised_name(other, '-')
}
