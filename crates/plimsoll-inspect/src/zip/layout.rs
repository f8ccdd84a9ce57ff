//! How the files lie one behind another: without gaps, in which a reader of a stream would see something, and without sharing a byte.

use super::end::End;
use super::local::DESCRIPTOR;
use super::{Entry, WRITE_ANEW};
use crate::python::{Findings, PackageCode};

pub(super) fn judge(entries: &[Entry], end: &End, findings: &mut Findings) {
    let place = |entry: &Entry| {
        let start = usize::try_from(entry.header).ok()?.checked_add(end.base)?;
        Some((start, entry.data.as_ref()?.end))
    };
    let mut places = entries.iter().filter_map(|entry| place(entry).map(|(start, stop)| (start, stop, entry))).collect::<Vec<_>>();
    places.sort_by_key(|(start, ..)| *start);
    let mut behind: Option<&Entry> = None;
    let mut at = end.base;
    for (start, stop, entry) in places {
        if start < at {
            let other = behind.map(|other| crate::python::printable(&other.name)).unwrap_or_default();
            findings.tell_of(&entry.name, PackageCode::OverlappingFiles, format!("shares bytes with {other}"), WRITE_ANEW);
        }
        gap(behind, start.saturating_sub(at), findings);
        at = at.max(stop);
        behind = Some(entry);
    }
    gap(behind, end.start.saturating_sub(at), findings);
}

/// Behind a file's data may be nothing but its data descriptor, of which there is a finding already.
fn gap(behind: Option<&Entry>, length: usize, findings: &mut Findings) {
    let has_descriptor = behind.is_some_and(|entry| entry.flags & DESCRIPTOR != 0) && [12, 16, 20, 24].contains(&length);
    if length == 0 || has_descriptor {
        return;
    }
    let message = format!("is followed by {length} bytes that belong to no file of the table at the end");
    match behind {
        Some(entry) => findings.tell_of(&entry.name, PackageCode::HiddenData, message, WRITE_ANEW),
        None => findings.tell(
            PackageCode::PrependedData,
            format!("has {length} bytes before its first file, which belong to none of the table at the end"),
            WRITE_ANEW,
        ),
    }
}
