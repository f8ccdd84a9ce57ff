//! Which files a new manifest names as those that hold the version.

use std::path::Path;

use super::format::{Format, Own, cargo_facts};
use super::survey::read;

/// The file, relative to the project at `root`, that gives the package in `folder` its version: its own manifest, or that of the workspace,
/// which lies in `workspace`. None where that is no file of the project, or cannot be read. All folders are canonical.
pub fn source_of_package(root: &Path, workspace: &Path, folder: &Path) -> Option<String> {
    let own = folder.join("Cargo.toml");
    let relative = |path: &Path| path.strip_prefix(root).ok().and_then(plimsoll_store::platform::portable_name);
    let named = relative(&own)?;
    let file = if cargo_facts(&read(root, &named).ok()?).ok()?.inherits { relative(&workspace.join("Cargo.toml"))? } else { named };
    let places = Format::CargoManifest.places(&file, &read(root, &file).ok()?, &Own::default()).ok()?;
    places.iter().any(|place| place.heard().is_ok()).then_some(file)
}

/// Whether a file of a known kind, relative to the project, holds a version, and no other than the one that is named.
pub fn says(root: &Path, file: &str, version: Option<&semver::Version>) -> bool {
    let places = Format::of(file).and_then(|format| format.places(file, &read(root, file).ok()?, &Own::default()).ok());
    places.is_some_and(|places| !places.is_empty() && places.iter().all(|place| version.is_none_or(|version| place.agrees(version))))
}
