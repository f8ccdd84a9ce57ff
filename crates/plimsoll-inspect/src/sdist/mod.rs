//! The audit of an sdist: one folder with the metadata in it, nothing that leads out, and nothing that a build left.
//!
//! Source: the source distribution format <https://packaging.python.org/en/latest/specifications/source-distribution-format/>, PEP 625 and 721.

mod file_name;
mod gzip;
mod links;
mod members;
mod outputs;

use std::collections::{BTreeSet, HashSet};

pub use file_name::SdistName;
use gzip::Fault;
use members::{Member, Reader, Sort};

use crate::python::{self, Audit, Expected, Findings, PackageCode, PackageForm, is_bearable, largest_bearable};
use crate::zip::{climbs, is_absolute};

const WRITE_ANEW: &str = "make it anew with the project's own build back end (`python -m build --sdist`)";

/// By its file name and its bytes.
pub(crate) fn audit(file_name: &str, bytes: &[u8], findings: &mut Findings) -> Audit {
    let mut audit = Audit::new(PackageForm::Sdist);
    let name = judge_name(file_name, findings);
    let mut reader = Reader::default();
    match gzip::unpack(bytes, largest_bearable(bytes.len()), &mut |piece| reader.take(piece)) {
        Ok(_) => reader.finish(),
        Err(Fault::Malformed(reason)) => findings.tell(PackageCode::MalformedArchive, reason, WRITE_ANEW),
        Err(Fault::Bomb) => drop(is_bearable(bytes.len(), u64::MAX, findings)),
        Err(Fault::Trailing(behind)) => {
            findings.tell(PackageCode::TrailingData, format!("has {behind} bytes behind its end"), WRITE_ANEW);
            reader.finish();
        }
    }
    if let Some(reason) = &reader.fault {
        findings.tell(PackageCode::MalformedArchive, reason.clone(), WRITE_ANEW);
    }
    let files = reader.members.iter().filter(|member| member.sort != Sort::Folder);
    (audit.files, audit.unpacked) = (files.clone().count(), files.fold(0_u64, |sum, member| sum.saturating_add(member.size)));
    judge_members(&reader.members, findings);
    links::judge(&reader.members, findings);
    if let Some(top) = top_folder(&reader.members, name.as_ref(), findings) {
        metadata(&mut audit, &reader.members, &top, name.as_ref(), findings);
        outputs::judge(&reader.members, &top, findings);
    }
    audit
}

fn judge_name(file_name: &str, findings: &mut Findings) -> Option<SdistName> {
    let name = match SdistName::parse(file_name) {
        Ok(name) => name,
        Err(reason) => {
            let hint = "call it `{name}-{version}.tar.gz`";
            findings.tell(PackageCode::FileName, format!("has no file name of an sdist: it {reason}"), hint);
            return None;
        }
    };
    if let Some(normal) = name.normal() {
        let message = format!("is not called {normal}, as PyPI asks of this name and version");
        findings.tell(PackageCode::FileName, message, "call it so; build back ends of today do");
    }
    Some(name)
}

fn judge_members(members: &[Member], findings: &mut Findings) {
    let mut seen = HashSet::new();
    for member in members {
        let name = member.name.as_str();
        if !seen.insert(name.trim_end_matches('/')) && member.sort != Sort::Folder {
            findings.tell_of(name, PackageCode::DuplicateName, "is there more than once", WRITE_ANEW);
        }
        if name.chars().any(char::is_control) {
            findings.tell_of(name, PackageCode::ControlCharacter, "has a control character in its name", "rename it");
        }
        if name.is_empty() || is_absolute(name) || climbs(name) {
            let message = "has a name that leads out of the folder that it is unpacked into";
            findings.tell_of(name, PackageCode::UnsafeName, message, WRITE_ANEW);
        }
        match member.sort {
            Sort::Sparse => {
                let message = "is a sparse file, which PyPI refuses";
                findings.tell_of(name, PackageCode::SpecialFile, message, "pack it without `--sparse`");
            }
            Sort::Special => {
                findings.tell_of(name, PackageCode::SpecialFile, "is neither a file nor a folder nor a link", "leave it out");
            }
            Sort::File | Sort::Folder | Sort::Symlink(_) | Sort::Hardlink(_) => {}
        }
    }
}

/// The folder in which everything lies, with a slash; where there are several, the one that is called as the file is.
fn top_folder(members: &[Member], name: Option<&SdistName>, findings: &mut Findings) -> Option<String> {
    let tops = members.iter().map(|member| member.name.split('/').next().unwrap_or_default()).collect::<BTreeSet<_>>();
    let expected = name.map(SdistName::stem);
    let own = tops.iter().find(|top| expected.as_deref() == Some(**top));
    let found = own.or_else(|| tops.first())?;
    if tops.len() > 1 {
        let some = tops.iter().filter(|top| *top != found).take(4).copied().collect::<Vec<_>>().join(", ");
        let message = format!("has more at its top than one folder: beside {} also {}", python::printable(found), python::printable(&some));
        findings.tell(PackageCode::TopFolder, message, WRITE_ANEW);
    }
    if let Some(expected) = expected.filter(|expected| expected != found) {
        let message = format!("has the folder {}, where the file's name asks for {expected}", python::printable(found));
        findings.tell(PackageCode::TopFolder, message, WRITE_ANEW);
    }
    Some(format!("{found}/"))
}

fn metadata(audit: &mut Audit, members: &[Member], top: &str, name: Option<&SdistName>, findings: &mut Findings) {
    let place = format!("{top}PKG-INFO");
    let Some(member) = members.iter().find(|member| member.name == place && member.sort == Sort::File) else {
        findings.tell_of(&place, PackageCode::MissingFile, "is not there, and PyPI refuses an sdist without it", WRITE_ANEW);
        return;
    };
    let expected = name.map(|name| Expected { name: &name.name, version: &name.version });
    let metadata = python::judge_metadata(&member.kept, &place, expected.as_ref(), findings);
    let is_there = |path: &str| members.iter().any(|member| member.name == format!("{top}{path}"));
    for path in metadata.license_files.iter().filter(|path| !is_there(path)) {
        let message = format!("names the License-File {}, which is not in {top}", python::printable(path));
        findings.tell_of(&place, PackageCode::LicenseFile, message, "put it there, or do not name it");
    }
    (audit.name, audit.version) = (metadata.name, metadata.version);
}
