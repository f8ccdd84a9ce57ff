//! What builds and trials are given besides the project's own, by digest, and where it comes from.

use std::collections::BTreeMap;

use plimsoll_model::{ArtifactId, Given, GivenFrom, Plan, PrebuiltFile, PreviousFile, Trial, TrialSubject};

use crate::given::{GivenFiles, WheelhouseKey};
use crate::kinds;
use crate::manifest::{Project, Test};

/// Gives products their prebuilt files.
pub(super) fn build(plan: &mut Plan, project: &Project, given: &GivenFiles) {
    for prebuilt in &project.prebuilt {
        let declared = prebuilt.cores.iter().filter_map(|core| project.cores.get(core)).map(|core| (core.declared(), core));
        let declared = declared.collect::<Vec<_>>();
        for product in plan.products.values_mut() {
            let variant = |core: &crate::manifest::Core| core.variant_of.as_ref().map(|(_, variant)| variant) == product.variant.as_ref();
            let takes = declared.iter().any(|(name, core)| **name == product.core && variant(core));
            let file = given.prebuilt.get(&(prebuilt.name.clone(), product.target.clone())).filter(|_| takes);
            let named = file.and_then(|(digest, place)| Some((digest, place.rsplit('/').next()?.parse().ok()?)));
            if let Some((digest, file_name)) = named {
                let file = PrebuiltFile { name: prebuilt.name.clone(), file_name, sha256: *digest };
                product.prebuilt.insert(prebuilt.env.clone(), file);
            }
        }
    }
}

/// What a test needs besides its subjects.
fn of_test(test: &Test, subjects: &BTreeMap<ArtifactId, TrialSubject>, given: &GivenFiles) -> Given {
    let files = test.given.keys().filter_map(|file| {
        let (digest, _) = given.tests.get(&(test.name.clone(), file.clone()))?;
        Some((file.clone(), *digest))
    });
    let previous = given.previous.as_ref().filter(|_| test.previous).map(|release| {
        let earlier = release.artifacts.iter().filter(|(id, _)| subjects.contains_key(id));
        let file = |(id, artifact): (&ArtifactId, &crate::given::LockedArtifact)| {
            let file = PreviousFile { file_name: artifact.file_name.clone(), format: artifact.format.clone(), sha256: artifact.sha256 };
            (id.clone(), file)
        };
        earlier.map(file).collect()
    });
    Given { files: files.collect(), previous, project: test.files.clone(), requirements: test.requirements.clone(), ..Given::default() }
}

/// What a trial needs besides its subjects: what its test says, and packages of others for that and for the subjects.
pub(super) fn of_trial(plan: &Plan, test: Option<&Test>, trial: &Trial, given: &GivenFiles) -> Given {
    let mut needed = test.map(|test| of_test(test, &trial.subjects, given)).unwrap_or_default();
    let subjects = trial.subjects.keys().filter_map(|id| plan.artifacts.get(id));
    needed.requirements.extend(subjects.flat_map(|artifact| kinds::requires(&artifact.kind)).cloned());
    let keys = WheelhouseKey::of(&needed.requirements, &trial.root, trial.target.as_ref());
    let locked = keys.iter().filter_map(|key| given.wheelhouses.get(key)).flatten();
    needed.wheelhouse.extend(locked.map(|(file, digest)| (file.clone(), *digest)));
    needed
}

/// Where all of it comes from.
pub(super) fn origins(plan: &mut Plan, given: &GivenFiles) {
    let of_builds =
        given.prebuilt.iter().map(|((name, target), (digest, place))| (*digest, format!("prebuilt.{name} for {target}"), place.clone()));
    let of_tests = given.tests.iter().map(|((test, file), (digest, place))| (*digest, format!("test.{test}.given.{file}"), place.clone()));
    let earlier = given.previous.iter().flat_map(|release| {
        release.artifacts.iter().map(|(id, artifact)| {
            (artifact.sha256, format!("{id} of the previous release"), format!("{}/{}", release.folder, artifact.file_name))
        })
    });
    for (digest, what, place) in of_builds.chain(of_tests).chain(earlier) {
        plan.given.entry(digest).or_insert(GivenFrom { what, place, of_index: false });
    }
    let used = plan.trials.values().flat_map(|trial| &trial.given.wheelhouse);
    let used = used.map(|(file, digest)| (*digest, file.to_string())).collect::<Vec<_>>();
    for (digest, file) in used {
        plan.given.entry(digest).or_insert(GivenFrom { what: format!("the package {file}"), place: file, of_index: true });
    }
}
