//! Files of somebody else that a build is given, beside what it embeds, each in a folder of its name.

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_model::{Failure, PrebuiltFile, ProductPlan};

use super::BuildRequest;
use super::paths::BuildPaths;
use crate::given::GivenStore;

/// Puts them below `folder`.
///
/// # Errors
/// If one cannot be had, or is not what was locked.
pub(super) fn lay_out(given: &GivenStore<'_>, request: BuildRequest<'_>, folder: &Path) -> Result<(), Failure> {
    for file in request.product.prebuilt.values() {
        let path = folder.join(inside(file));
        let own = path.parent().unwrap_or(folder);
        fs::create_dir_all(own).map_err(|error| Failure::io(own, &error))?;
        // Some are programs.
        given.put(file.sha256, request.given, &path, 0o755)?;
    }
    Ok(())
}

/// The variables that tell a build where they lie.
pub(super) fn variables<'p>(product: &'p ProductPlan, place: &'p BuildPaths) -> impl Iterator<Item = (&'p String, PathBuf)> {
    let folder = place.seen.embedded.as_deref().unwrap_or(Path::new(""));
    product.prebuilt.iter().map(move |(variable, file)| (variable, folder.join(inside(file))))
}

fn inside(file: &PrebuiltFile) -> PathBuf {
    Path::new(&format!("prebuilt-{}", file.name)).join(file.file_name.as_str())
}
