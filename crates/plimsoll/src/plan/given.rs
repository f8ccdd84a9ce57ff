//! What builds and trials are given besides the project's own, by digest, and where it comes from.

use std::collections::BTreeMap;

use plimsoll_model::{ArtifactId, Given, GivenFrom, Plan, PrebuiltFile, PreviousFile, TrialSubject};

use crate::given::GivenFiles;
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
pub(super) fn of_test(test: &Test, subjects: &BTreeMap<ArtifactId, TrialSubject>, given: &GivenFiles) -> Given {
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
    Given { files: files.collect(), previous }
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
        plan.given.entry(digest).or_insert(GivenFrom { what, place });
    }
}
