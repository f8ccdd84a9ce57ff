//! What the project asks for, held against what is locked. Pure.

use std::collections::BTreeMap;

use plimsoll_model::{ArtifactId, Class, Digest, Failure, FileName, Name, Target};
use semver::Version;

use super::lock::{GivenLock, LockedArtifact};
use super::wheelhouse::{Wheelhouse, WheelhouseKey};
use crate::manifest::Project;

/// Every given file of a project with its digest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenFiles {
    /// Prebuilt file and target → digest and place.
    pub prebuilt: BTreeMap<(Name, Target), (Digest, String)>,
    /// Test and name of the file → digest and place.
    pub tests: BTreeMap<(Name, FileName), (Digest, String)>,
    /// Packages that others publish, as far as they are locked.
    pub wheelhouses: BTreeMap<WheelhouseKey, Wheelhouse>,
    /// The previous release, if a test asks for it.
    pub previous: Option<PreviousRelease>,
}

/// The release before this one, as it is locked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PreviousRelease {
    /// The folder of its files: a URL, or a path. Empty if there is no earlier release.
    pub folder: String,
    /// Its artifacts that tests ask for.
    pub artifacts: BTreeMap<ArtifactId, LockedArtifact>,
}

/// What is given, by digest.
///
/// # Errors
/// Class usage if something is not locked, or was locked for something else. What is asked of packages is known to the plan alone: [`super::is_locked`].
pub fn resolve(project: &Project, lock: &GivenLock) -> Result<GivenFiles, Failure> {
    let mut given = GivenFiles { wheelhouses: lock.wheelhouses.clone(), ..GivenFiles::default() };
    for prebuilt in &project.prebuilt {
        let locked = lock.prebuilt.get(prebuilt.name.as_str());
        for (target, place) in &prebuilt.places {
            let digest = locked.and_then(|locked| locked.get(place));
            let digest = digest.ok_or_else(|| not_locked(&format!("prebuilt.{} for {target}", prebuilt.name), place, "prebuilt"))?;
            given.prebuilt.insert((prebuilt.name.clone(), target.clone()), (*digest, place.clone()));
        }
    }
    for test in &project.tests {
        let locked = lock.tests.get(test.name.as_str());
        for (file, place) in &test.given {
            let digest = locked.and_then(|locked| locked.get(place));
            let digest = digest.ok_or_else(|| not_locked(&format!("test.{}.given.{file}", test.name), place, "tests"))?;
            given.tests.insert((test.name.clone(), file.clone()), (*digest, place.clone()));
        }
    }
    if let Some(test) = project.tests.iter().find(|test| test.previous) {
        given.previous = Some(previous(project, &test.name, lock)?);
    }
    Ok(given)
}

fn previous(project: &Project, test: &Name, lock: &GivenLock) -> Result<PreviousRelease, Failure> {
    let from = project.previous.as_deref().unwrap_or_default();
    let Some(locked) = &lock.previous else {
        return Err(not_locked(&format!("the previous release, for test.{test},"), from, "previous"));
    };
    let Some(version) = &locked.version else { return Ok(PreviousRelease::default()) };
    if !is_before(version, &project.version) {
        let message = format!("plimsoll.lock has {version} as the release before {}", project.version);
        return Err(Failure::new(Class::Usage, "previous-is-not-before", message).hint("run `plimsoll lock update previous`"));
    }
    let folder = plimsoll_fetch::registry::release_folder(&project.name, version);
    Ok(PreviousRelease { folder: format!("{}/{folder}", from.trim_end_matches('/')), artifacts: locked.artifacts.clone() })
}

/// Whether a release is one that users may have when they get this one.
pub(super) fn is_before(earlier: &Version, version: &Version) -> bool {
    earlier < version
}

fn not_locked(what: &str, place: &str, part: &str) -> Failure {
    let failure = Failure::new(Class::Usage, "not-locked", format!("plimsoll.lock has no digest of {what} from {place}"));
    failure.hint(format!("run `plimsoll lock update {part}`, and commit plimsoll.lock"))
}
