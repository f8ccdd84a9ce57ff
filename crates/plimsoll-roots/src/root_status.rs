//! What each root of a project resolves to on this machine: who brings it, by which digest, and whether it is there. Brings nothing.

use plimsoll_model::{Digest, RootName, Target};
use serde::Serialize;

use super::libc::Processor;
use super::lock::{Lock, LockedImage};
use super::named::Origin;
use super::recipe::{Recipe, processor_of};
use super::{Roots, Unavailable, brought, distribution};
use plimsoll_exec::engine::Engine;

/// A root for one processor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RootStatus {
    /// Its name.
    pub root: RootName,
    /// `linux/amd64`.
    pub platform: String,
    /// What brings it.
    pub provider: Provider,
    /// The archive's or image's name and digest, where they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Digest of its files, once they are there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Its C library, once it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub libc: Option<String>,
    /// Why it cannot be had here now, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lacks: Option<String>,
}

/// What brings a root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    /// mmdebstrap or debootstrap, out of Debian's packages.
    Debian,
    /// An archive by digest.
    Archive,
    /// A container engine, an image by digest.
    Image,
}

impl Provider {
    /// As people read it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Debian => "debian",
            Self::Archive => "archive",
            Self::Image => "image",
        }
    }
}

/// An image whose digest could not be asked for.
#[derive(Debug, thiserror::Error)]
pub enum NotLocked {
    /// No engine.
    #[error("{0}")]
    NoEngine(String),
    /// The engine's words.
    #[error(transparent)]
    Engine(#[from] plimsoll_exec::engine::EngineError),
}

impl Roots<'_> {
    /// How a named root stands for a Linux target; none for the roots that every machine has, and where the target's processor is unknown.
    pub fn root_status(&self, name: &RootName, target: &Target) -> Option<RootStatus> {
        let processor = processor_of(target).filter(|_| target.os() == "linux" && name.as_str().contains(':'))?;
        let origin = match self.sources.origin(name, processor) {
            Ok(origin) => origin,
            Err(reason) => return Some(self.without(name, processor, Provider::Archive, &reason)),
        };
        let (provider, made) = match &origin {
            Origin::Debian => (Provider::Debian, self.debian(name, processor)),
            Origin::Archive(_) => (Provider::Archive, brought::kept(&self.folder, name, processor, &origin)),
            Origin::Image { .. } => (Provider::Image, brought::kept(&self.folder, name, processor, &origin)),
        };
        let lacks = match (&origin, &made) {
            (Origin::Image { .. }, None) if Engine::find(self.toolbox).is_none() => Some(brought::no_engine(name)),
            (Origin::Image { locked: None, .. }, None) => Some(format!("not locked: `plimsoll root update {name}`")),
            _ => None,
        };
        let from = match &origin {
            Origin::Debian => made.as_ref().map(|root| root.made_by.clone()),
            Origin::Image { image, locked: None } => Some(image.clone()),
            Origin::Archive(_) | Origin::Image { .. } => origin.identity().map(|(text, _)| text),
        };
        let (digest, libc) = made.map_or((None, None), |root| (Some(root.digest), root.libc));
        Some(RootStatus { root: name.clone(), platform: processor.platform.to_owned(), provider, from, digest, libc, lacks })
    }

    /// Asks for the digests that a root's image has now, and puts them into `lock`; none for a root that is no image.
    ///
    /// # Errors
    /// [`NotLocked`]; `lock` then stays as it was.
    pub fn update(
        &self,
        lock: &mut Lock,
        name: &RootName,
        targets: &[&Target],
        on_line: &mut dyn FnMut(&str),
    ) -> Result<Option<LockedImage>, NotLocked> {
        let mut found = LockedImage::default();
        for processor in targets.iter().filter_map(|target| processor_of(target)) {
            let Ok(Origin::Image { image, .. }) = self.sources.origin(name, processor) else { continue };
            if found.platforms.contains_key(processor.platform) {
                continue;
            }
            let engine = Engine::find(self.toolbox).ok_or_else(|| NotLocked::NoEngine(brought::no_engine(name)))?;
            let digest = engine.digest(self.toolbox, &image, processor.platform, on_line)?;
            found.image = image;
            found.platforms.insert(processor.platform.to_owned(), digest);
        }
        if found.platforms.is_empty() {
            return Ok(None);
        }
        lock.roots.insert(name.clone(), found.clone());
        Ok(Some(found))
    }

    fn debian(&self, name: &RootName, processor: &'static Processor) -> Option<super::DistributionRoot> {
        let own = Processor::this().is_some_and(|this| this.arch == processor.arch);
        let recipe = if own { Recipe::distribution(name) } else { Recipe::foreign_distribution(name, processor) };
        distribution::kept(&self.folder, &recipe?)
    }

    fn without(&self, name: &RootName, processor: &Processor, provider: Provider, reason: &Unavailable) -> RootStatus {
        let (platform, lacks) = (processor.platform.to_owned(), Some(reason.to_string()));
        RootStatus { root: name.clone(), platform, provider, from: None, digest: None, libc: None, lacks }
    }
}
