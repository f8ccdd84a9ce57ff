//! Mach-O files against `macosx` tags: the oldest macOS that loads them, and the libraries that it has.

use super::binaries::Binary;
use crate::facts::{Facts, LibraryUse};
use crate::host_macos;
use crate::python::{Findings, PackageCode, printable};
use crate::version::DottedVersion;

/// The oldest macOS that an image says it is for, with the command that says so.
pub(super) fn minimum(image: &Facts) -> Option<(&DottedVersion, &str)> {
    let platforms = image.macho.iter().flat_map(|own| &own.platforms).filter(|demand| demand.platform == "macos");
    platforms.map(|demand| (&demand.minimum, demand.command.as_str())).max_by(|(a, _), (b, _)| a.compare_padded(b))
}

pub(super) fn judge(binary: &Binary<'_>, tag: &str, limit: &DottedVersion, findings: &mut Findings) {
    for image in binary.facts.images() {
        let place = if binary.facts.slices.is_empty() { String::new() } else { format!("in its {} slice: ", image.machine) };
        // A tag of 10.9 for both processors promises 11.0 to the one that came with it.
        let first = host_macos::first_release(&image.machine).filter(|first| first.compare_padded(limit).is_gt());
        let limit = first.as_ref().unwrap_or(limit);
        if let Some((minimum, command)) = minimum(image).filter(|(minimum, _)| is_above(minimum, limit)) {
            let message = format!("{place}needs macOS {minimum} ({command}), above {tag}");
            let hint = format!("set MACOSX_DEPLOYMENT_TARGET={limit} when it is built, or tag the wheel for {minimum}");
            findings.tell_of(binary.path, PackageCode::TagTooLow, message, hint);
        }
        for library in external(image) {
            let message = format!("{place}needs {}, a path of the machine that built it", printable(library));
            let hint = "link it statically, or put it into the wheel (`delocate-wheel`)";
            findings.tell_of(binary.path, PackageCode::ExternalLibrary, message, hint);
        }
    }
}

/// Points of a release do not count: installers compare major and minor.
fn is_above(minimum: &DottedVersion, limit: &DottedVersion) -> bool {
    let parts = minimum.parts();
    DottedVersion::of(parts[0], &parts[1..parts.len().min(2)]).compare_padded(limit).is_gt()
}

/// Libraries by absolute paths that no macOS has.
pub(super) fn external(image: &Facts) -> Vec<&str> {
    let libraries = image.macho.iter().flat_map(|own| &own.libraries);
    let is_system = |name: &str| host_macos::LIBRARY_FOLDERS.iter().any(|folder| name.starts_with(folder));
    let needed = libraries.filter(|library| !matches!(library.usage, LibraryUse::Own | LibraryUse::Weak));
    needed.map(|library| library.name.as_str()).filter(|name| name.starts_with('/') && !is_system(name)).collect()
}
