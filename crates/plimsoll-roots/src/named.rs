//! Where the files of a named root come from: what the manifest declares, what is locked, or what a distribution is by its name. As data.

use std::collections::BTreeMap;
use std::path::PathBuf;

use plimsoll_model::{Digest, RootName};

use super::Unavailable;
use super::libc::Processor;
use super::lock::Lock;
use super::recipe::Recipe;
use crate::{RootArchive, RootSource};
use plimsoll_exec::engine::repository;

/// Where images lie that the manifest does not name.
const USUAL_IMAGES: &str = "docker.io/library";

/// What a project says of its roots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// Folder that paths of archives are relative to.
    pub project: PathBuf,
    /// From the manifest.
    pub declared: BTreeMap<RootName, RootSource>,
    /// From the lock file.
    pub lock: Lock,
}

/// Where a root comes from for one processor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// Debian's packages, by a recipe.
    Debian,
    /// An archive.
    Archive(RootArchive),
    /// An image, and its digest where one is locked.
    Image { image: String, locked: Option<Digest> },
}

impl Sources {
    /// Where a root comes from.
    ///
    /// # Errors
    /// Elsewhere, where its archives are all for other processors.
    pub(super) fn origin(&self, name: &RootName, processor: &Processor) -> Result<Origin, Unavailable> {
        match self.declared.get(name) {
            Some(RootSource::Archive(archive)) => Ok(Origin::Archive(archive.clone())),
            Some(RootSource::Archives(by_processor)) => {
                let found = by_processor.iter().find(|(arch, _)| is(arch, processor)).map(|(_, archive)| archive.clone());
                found
                    .map(Origin::Archive)
                    .ok_or_else(|| Unavailable::Elsewhere(format!("[root.\"{name}\"] has no archive for {}", processor.arch)))
            }
            Some(RootSource::Image(image)) => Ok(self.image(name, image, processor)),
            None if Recipe::distribution(name).is_some() => Ok(Origin::Debian),
            None => Ok(self.image(name, &format!("{USUAL_IMAGES}/{name}"), processor)),
        }
    }

    fn image(&self, name: &RootName, image: &str, processor: &Processor) -> Origin {
        // A digest of another image says nothing of this one.
        let locked = self.lock.roots.get(name).filter(|locked| locked.image == image);
        let locked = locked.and_then(|locked| locked.platforms.get(processor.platform)).copied();
        Origin::Image { image: image.to_owned(), locked }
    }
}

impl Origin {
    /// The bytes that the files come from, as evidence and `root.json` name them; none for what no digest is known of.
    pub(super) fn identity(&self) -> Option<(String, Digest)> {
        match self {
            Self::Debian | Self::Image { locked: None, .. } => None,
            Self::Archive(archive) => Some((format!("archive sha256:{}", archive.sha256), archive.sha256)),
            Self::Image { image, locked: Some(digest) } => Some((format!("{}@sha256:{digest}", repository(image)), *digest)),
        }
    }
}

/// Whether targets begin with `arch` for a processor.
fn is(arch: &str, processor: &Processor) -> bool {
    format!("{arch}-unknown-linux-gnu")
        .parse()
        .ok()
        .and_then(|target| super::recipe::processor_of(&target))
        .is_some_and(|of| of.arch == processor.arch)
}

#[cfg(test)]
mod tests {
    use super::super::lock::LockedImage;
    use super::*;

    #[test]
    fn the_manifest_comes_before_what_a_name_says() {
        let processor = |arch| Processor::of(arch).unwrap();
        let name = |text: &str| text.parse::<RootName>().unwrap();
        let mut sources = Sources::default();
        assert_eq!(sources.origin(&name("debian:12"), processor("x86_64")), Ok(Origin::Debian));
        let image = |image: &str, locked| Ok(Origin::Image { image: image.to_owned(), locked });
        assert_eq!(sources.origin(&name("alpine:3.20"), processor("x86_64")), image("docker.io/library/alpine:3.20", None));
        let locked = LockedImage {
            image: "docker.io/library/alpine:3.20".to_owned(),
            platforms: [("linux/arm/v7".to_owned(), Digest::of(b"x"))].into(),
        };
        sources.lock.roots.insert(name("alpine:3.20"), locked);
        assert_eq!(sources.origin(&name("alpine:3.20"), processor("arm")), image("docker.io/library/alpine:3.20", Some(Digest::of(b"x"))));
        assert_eq!(sources.origin(&name("alpine:3.20"), processor("x86_64")), image("docker.io/library/alpine:3.20", None));
        // Another image than the one that was locked is not locked.
        sources.declared.insert(name("alpine:3.20"), RootSource::Image("a.example/alpine:3.20".to_owned()));
        assert_eq!(sources.origin(&name("alpine:3.20"), processor("arm")), image("a.example/alpine:3.20", None));
        let archive = RootArchive { place: "a.tar".to_owned(), sha256: Digest::of(b"y") };
        sources.declared.insert(name("debian:12"), RootSource::Archives([("armv7".to_owned(), archive.clone())].into()));
        assert_eq!(sources.origin(&name("debian:12"), processor("arm")), Ok(Origin::Archive(archive)));
        let elsewhere = Unavailable::Elsewhere("[root.\"debian:12\"] has no archive for x86_64".to_owned());
        assert_eq!(sources.origin(&name("debian:12"), processor("x86_64")), Err(elsewhere));
    }
}
