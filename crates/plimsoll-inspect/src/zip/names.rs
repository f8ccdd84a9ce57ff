//! Names of files in an archive: each once, inside the folder that it is unpacked into, and the same to every reader.

use std::collections::HashSet;

use super::{Entry, WRITE_ANEW};
use crate::python::{Findings, PackageCode};

const UTF8: u16 = 1 << 11;

pub(super) fn judge(entries: &[Entry], findings: &mut Findings) {
    let mut seen = HashSet::new();
    for entry in entries {
        if !seen.insert(entry.raw_name.as_slice()) {
            findings.tell_of(&entry.name, PackageCode::DuplicateName, "is there more than once", WRITE_ANEW);
        }
        judge_one(entry, findings);
    }
}

fn judge_one(entry: &Entry, findings: &mut Findings) {
    let name = entry.name.as_str();
    if entry.raw_name.iter().any(|byte| *byte < 0x20 || *byte == 0x7f) {
        findings.tell_of(name, PackageCode::ControlCharacter, "has a control character in its name", "rename it");
    }
    let is_utf8 = std::str::from_utf8(&entry.raw_name).is_ok();
    if !entry.raw_name.is_ascii() && (!is_utf8 || entry.flags & UTF8 == 0) {
        findings.tell_of(
            name,
            PackageCode::NameEncoding,
            "has a name that is not marked as UTF-8, which readers take for different names",
            "rename it, or set the flag for UTF-8 (bit 11)",
        );
    }
    let what = match name {
        "" => "has no name",
        name if is_absolute(name) => "has an absolute name",
        name if climbs(name) => "has a name that leads out of the folder that it is unpacked into",
        name if name.contains('\\') => "has a backslash in its name, which Windows takes for a folder's end",
        name if name.trim_end_matches('/').split('/').any(|part| matches!(part, "" | ".")) => "has an empty part or `.` in its name",
        _ => return,
    };
    findings.tell_of(name, PackageCode::UnsafeName, what, "name it by its path from the root of the package, with slashes");
}

/// From the root of a file system, or of a drive.
pub(crate) fn is_absolute(name: &str) -> bool {
    let is_drive = name.as_bytes().get(1) == Some(&b':') && name.as_bytes()[0].is_ascii_alphabetic();
    name.starts_with(['/', '\\']) || is_drive
}

/// With a part that leads a folder up.
pub(crate) fn climbs(name: &str) -> bool {
    name.split(['/', '\\']).any(|part| part == "..")
}
