//! The file WHEEL: what the wheel says of itself, which must be what its file name says.

use std::collections::BTreeSet;

use super::file_name::WheelName;
use crate::python::{Findings, Headers, PackageCode, printable};

/// Whether the wheel says that it holds nothing for one platform only; none where it does not say.
pub(super) fn judge(bytes: &[u8], place: &str, name: Option<&WheelName>, findings: &mut Findings) -> Option<bool> {
    let headers = Headers::read(bytes);
    let mut tell = |message: String, hint: &str| findings.tell_of(place, PackageCode::WheelFile, message, hint);
    for fault in &headers.faults {
        tell(fault.clone(), "write it anew: lines of `Name: value`");
    }
    match headers.first("Wheel-Version") {
        None => tell("has no Wheel-Version".to_owned(), "say `Wheel-Version: 1.0`"),
        Some(version) if version.split('.').next() != Some("1") => {
            tell(format!("has Wheel-Version {}, which installers do not know", printable(version)), "say `Wheel-Version: 1.0`");
        }
        Some(_) => {}
    }
    let is_pure = match headers.first("Root-Is-Purelib").map(str::to_ascii_lowercase).as_deref() {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => {
            tell("does not say whether Root-Is-Purelib is true or false".to_owned(), "false where it holds programs or libraries");
            None
        }
    };
    let Some(name) = name else { return is_pure };
    let said = headers.all("Tag").map(str::to_owned).collect::<BTreeSet<_>>();
    let named = name.tags();
    let listed = |tags: BTreeSet<&String>| printable(&tags.into_iter().take(4).map(String::as_str).collect::<Vec<_>>().join(", "));
    let (missing, more) = (named.difference(&said).collect::<BTreeSet<_>>(), said.difference(&named).collect::<BTreeSet<_>>());
    let hint = "write one line `Tag:` for each tag of the file name";
    if !missing.is_empty() {
        tell(format!("does not say the tag {}, which the file name has", listed(missing)), hint);
    }
    if !more.is_empty() {
        tell(format!("says the tag {}, which the file name has not", listed(more)), hint);
    }
    if headers.first("Build") != name.build.as_deref() {
        let [own, named] = [headers.first("Build"), name.build.as_deref()].map(|build| build.map_or("none".to_owned(), printable));
        tell(format!("says the build number {own}, and the file name {named}"), "make both from the same source");
    }
    is_pure
}
