//! `plimsoll lock update`: asks what is there now, and locks it. Everything is fetched into the store on the way.

use std::collections::BTreeMap;

use plimsoll_model::{Class, Digest, Failure, Plan};

use super::GivenStore;
use super::lock::{GivenLock, LockedRelease};
use super::previous;
use super::wheelhouse::{self, Wheelhouse};
use crate::manifest::Project;

/// What may be asked for by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenPart {
    /// Prebuilt files.
    Prebuilt,
    /// Files of tests, and packages that they and what is tried ask for.
    Tests,
    /// The previous release.
    Previous,
}

/// What came of one entry.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Changed {
    /// What it is: `prebuilt.mozjs`.
    pub what: String,
    /// Where it comes from.
    pub place: String,
    /// What was locked before.
    pub before: Option<Digest>,
    /// What is locked now; none if nothing is.
    pub now: Option<Digest>,
}

/// Asks and locks.
pub struct Update<'a> {
    /// What asks.
    pub project: &'a Project,
    /// Its plan, whatever is locked: what its trials ask of packages.
    pub plan: &'a Plan,
    /// Where files go.
    pub given: GivenStore<'a>,
}

impl Update<'_> {
    /// Brings one part of `lock` up to date; `say` hears what is fetched. What the project no longer names is no longer locked.
    ///
    /// # Errors
    /// If something cannot be had; `lock` is then not to be written.
    pub fn run(&self, part: GivenPart, lock: &mut GivenLock, say: &mut dyn FnMut(&str)) -> Result<Vec<Changed>, Failure> {
        match part {
            GivenPart::Prebuilt => {
                let named = self.project.prebuilt.iter().map(|prebuilt| (prebuilt.name.as_str(), prebuilt.places.values()));
                let named = named.map(|(name, places)| (name.to_owned(), places.cloned().collect()));
                self.files("prebuilt", &named.collect(), &mut lock.prebuilt, say)
            }
            GivenPart::Tests => {
                let named = self.project.tests.iter().map(|test| (test.name.to_string(), test.given.values().cloned().collect()));
                let mut changes = self.files("test", &named.collect(), &mut lock.tests, say)?;
                changes.extend(self.wheelhouses(lock, say)?);
                Ok(changes)
            }
            GivenPart::Previous => self.previous(lock, say),
        }
    }

    fn files(
        &self,
        label: &str,
        named: &BTreeMap<String, Vec<String>>,
        locked: &mut BTreeMap<String, BTreeMap<String, Digest>>,
        say: &mut dyn FnMut(&str),
    ) -> Result<Vec<Changed>, Failure> {
        let mut changes = Vec::new();
        let before = std::mem::take(locked);
        for (name, places) in named {
            let what = format!("{label}.{name}");
            let old = before.get(name);
            for place in places {
                // One file may serve several targets.
                if locked.get(name).is_some_and(|locked| locked.contains_key(place)) {
                    continue;
                }
                say(place);
                let digest = self.given.fetch(&what, place)?.digest();
                locked.entry(name.clone()).or_default().insert(place.clone(), digest);
                let old = old.and_then(|old| old.get(place)).copied();
                changes.push(Changed { what: what.clone(), place: place.clone(), before: old, now: Some(digest) });
            }
        }
        for (name, places) in &before {
            let gone = places.iter().filter(|(place, _)| locked.get(name).is_none_or(|locked| !locked.contains_key(*place)));
            let gone = gone.map(|(place, digest)| Changed {
                what: format!("{label}.{name}"),
                place: place.clone(),
                before: Some(*digest),
                now: None,
            });
            changes.extend(gone);
        }
        Ok(changes)
    }

    /// Resolves and fetches what trials ask of packages, for each Python and processor of their roots.
    fn wheelhouses(&self, lock: &mut GivenLock, say: &mut dyn FnMut(&str)) -> Result<Vec<Changed>, Failure> {
        let files =
            |lock: &GivenLock| lock.wheelhouses.values().flatten().map(|(file, digest)| (file.clone(), *digest)).collect::<Wheelhouse>();
        let before = files(lock);
        lock.wheelhouses.clear();
        for key in wheelhouse::wanted(self.plan) {
            say(&key.told());
            let pins = self.given.resolved(&key)?;
            let brought = if pins.is_empty() { Vec::new() } else { self.given.downloaded(&key, &pins)? };
            let brought = brought.into_iter().map(|(file, hashed)| (file, hashed.digest())).collect::<Wheelhouse>();
            let known = files(lock);
            if let Some((file, _)) = brought.iter().find(|(file, digest)| known.get(*file).is_some_and(|known| known != *digest)) {
                let message = format!("the index gave other bytes under the name {file} than a moment ago");
                return Err(Failure::new(Class::Network, "mismatch", message).hint("run the command again"));
            }
            lock.wheelhouses.insert(key, brought);
        }
        let now = files(lock);
        let names = before.keys().chain(now.keys()).collect::<std::collections::BTreeSet<_>>();
        let change = |file| Changed {
            what: "wheelhouse".to_owned(),
            place: format!("{file}"),
            before: before.get(file).copied(),
            now: now.get(file).copied(),
        };
        Ok(names.into_iter().map(change).collect())
    }

    fn previous(&self, lock: &mut GivenLock, say: &mut dyn FnMut(&str)) -> Result<Vec<Changed>, Failure> {
        let before = lock.previous.take().unwrap_or_default();
        if !self.project.tests.iter().any(|test| test.previous) {
            return Ok(Vec::new());
        }
        let from = self.project.previous.as_deref().unwrap_or_default();
        say(from);
        let found = previous::find(self.project, self.given.project, self.given.network)?;
        let told = |release: &LockedRelease| {
            release.version.as_ref().map_or_else(|| "no release".to_owned(), |version| format!("release {version}"))
        };
        let mut changes = Vec::new();
        for (id, artifact) in &found.artifacts {
            let version = found.version.as_ref().map(ToString::to_string).unwrap_or_default();
            let place = format!("{}/{}/{version}/{}", from.trim_end_matches('/'), self.project.name, artifact.file_name);
            say(&place);
            let fetched = self.given.fetch(&id.to_string(), &place)?;
            if fetched.digest() != artifact.sha256 {
                let failure =
                    Failure::new(plimsoll_model::Class::Network, "mismatch", format!("{place} is not the file that its release names"));
                return Err(failure
                    .about(id.to_string())
                    .cause("released", artifact.sha256.to_string())
                    .cause("found", fetched.digest().to_string()));
            }
            let old = before.artifacts.get(id).map(|artifact| artifact.sha256);
            changes.push(Changed { what: format!("{id} of {}", told(&found)), place, before: old, now: Some(artifact.sha256) });
        }
        if found.artifacts.is_empty() {
            changes.push(Changed { what: told(&found), place: from.to_owned(), before: None, now: None });
        }
        lock.previous = Some(found);
        Ok(changes)
    }
}
