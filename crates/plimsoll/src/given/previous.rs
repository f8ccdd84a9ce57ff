//! The release before this one, as a registry has it.

use std::path::Path;

use plimsoll_fetch::registry::{RegistryIndex, index_path};
use plimsoll_fetch::{FetchError, Network, Source, Wish, resolve};
use plimsoll_model::{ArtifactId, Class, Failure, Name};
use semver::Version;

use super::lock::{LockedArtifact, LockedRelease};
use super::resolve::is_before;
use crate::harbor::{fetch_failure, network_failure};
use crate::manifest::Project;

/// Looks for the greatest version before the project's; pre-releases count if there is nothing else, or if the project's is one.
///
/// # Errors
/// If the registry cannot be read, or what it has is not sound.
pub(super) fn find(project: &Project, root: &Path, network: &Network) -> Result<LockedRelease, Failure> {
    let from = project.previous.as_deref().unwrap_or_default();
    let source = if from.contains("://") { from.parse::<Source>() } else { Ok(Source::Folder(root.join(from))) };
    let source = source.map_err(|error| Failure::from_error(Class::Usage, "previous", &error))?;
    let path = index_path(&project.name);
    let index = match source.read(&path, network) {
        Ok(bytes) => RegistryIndex::parse(&bytes, &project.name)
            .map_err(|source| fetch_failure(&FetchError::Index { subject: format!("{from}/{path}"), source }))?,
        Err(error) if error.is_missing() => return Ok(LockedRelease::default()),
        Err(error) => return Err(network_failure(&error)),
    };
    let Some(version) = choose(&index, &project.version) else { return Ok(LockedRelease::default()) };
    let found = resolve(&source, &project.name, &Wish::Exact(version.clone()), None, network).map_err(|error| fetch_failure(&error))?;
    let asked = asked(project);
    let artifacts =
        found.document.artifacts.into_iter().filter(|artifact| asked.iter().any(|(kind, name)| is_of(&artifact.id, kind, name)));
    let artifacts = artifacts
        .map(|artifact| (artifact.id, LockedArtifact { file_name: artifact.file_name, format: artifact.format, sha256: artifact.sha256 }));
    Ok(LockedRelease { version: Some(version.clone()), artifacts: artifacts.collect() })
}

fn choose<'i>(index: &'i RegistryIndex, version: &Version) -> Option<&'i Version> {
    let earlier = || index.versions.iter().filter(|earlier| is_before(earlier, version));
    let whole = earlier().filter(|earlier| earlier.pre.is_empty() || !version.pre.is_empty()).max();
    whole.or_else(|| earlier().max())
}

/// Kinds and names of the artifacts that tests install over earlier ones.
fn asked(project: &Project) -> Vec<(&'static str, &Name)> {
    let tests = project.tests.iter().filter(|test| test.previous);
    tests.flat_map(|test| test.install.iter().map(|(kind, name)| (kind.as_str(), name))).collect()
}

fn is_of(id: &ArtifactId, kind: &str, name: &Name) -> bool {
    let label = format!("{kind}.{name}");
    id.as_str() == label || id.as_str().strip_prefix(&label).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_before_is_the_greatest_that_users_have() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        let mut index = RegistryIndex::new("tool".parse().unwrap());
        for text in ["0.9.0", "1.0.0", "1.1.0-rc.1", "1.2.0", "2.0.0-rc.1"] {
            index.add(version(text));
        }
        let chosen = |text: &str| choose(&index, &version(text)).map(ToString::to_string);
        assert_eq!(chosen("1.1.0").as_deref(), Some("1.0.0"));
        assert_eq!(chosen("1.1.0-rc.2").as_deref(), Some("1.1.0-rc.1"));
        assert_eq!(chosen("2.0.0").as_deref(), Some("1.2.0"));
        assert_eq!(chosen("0.9.0"), None);
        let mut young = RegistryIndex::new("tool".parse().unwrap());
        young.add(version("1.0.0-rc.1"));
        assert_eq!(choose(&young, &version("1.0.0")), Some(&version("1.0.0-rc.1")));
    }

    #[test]
    fn an_artifact_is_known_by_kind_and_name() {
        let is = |id: &str| is_of(&id.parse().unwrap(), "archive", &"tool".parse().unwrap());
        assert!(is("archive.tool/x86_64-unknown-linux-gnu") && is("archive.tool"));
        assert!(!is("archive.tool-extra/x86_64-unknown-linux-gnu") && !is("static.tool/x86_64-unknown-linux-musl"));
    }
}
