//! The client that unpacks, or puts a bare file down as it is: by the code with which users of `plimsoll fetch` do so.

use std::collections::BTreeMap;

use plimsoll_fetch::unpack::Limits;
use plimsoll_fetch::{Fit, Request, Wish, fetch};
use plimsoll_model::{ArtifactPlan, Class, Digest, Failure, Probe, ProbeResult, RootName, Start, Trial};
use plimsoll_roots::Runtime;

use super::client::{InstallClient, InstallContext, Installer, Served, Supply};
use super::{Installed, Subject, Trying};
use crate::harbor::fetch_failure;

/// Unpacks.
#[derive(Debug)]
pub(crate) struct Unpack;

impl InstallClient for Unpack {
    fn runtime(&self) -> Option<Runtime> {
        None
    }

    fn unfit(&self, _: &RootName, _: &ArtifactPlan) -> Option<String> {
        None
    }

    fn identity(&self, _: Trying<'_>, _: InstallContext<'_>) -> Result<BTreeMap<String, (Digest, bool)>, Failure> {
        Ok(BTreeMap::new())
    }

    fn install(&self, trying: Trying<'_>, context: InstallContext<'_>, supply: Supply<'_>) -> Result<Installed, Failure> {
        let one = |subject: &Subject<'_>| match supply {
            Supply::Store => Installed::unpack(context.store, *subject, trying.binaries(*subject)),
            Supply::Harbor { served, .. } => fetched(trying, *subject, context, served),
        };
        match trying.subjects {
            [only] => one(only),
            several => {
                let parts = several.iter().map(|subject| Ok((subject.artifact.name.to_string(), one(subject)?)));
                Installed::together(context.store, parts.collect::<Result<_, Failure>>()?)
            }
        }
    }

    fn installer(&self, _: Trying<'_>, _: InstallContext<'_>, _: Supply<'_>) -> Result<Option<Installer>, Failure> {
        Ok(None)
    }

    fn step(&self, _: Trying<'_>, step: &Probe, _: InstallContext<'_>, _: Supply<'_>) -> Result<Probe, Failure> {
        match &step.start {
            Start::Run(_) | Start::Script(_) => Ok(step.clone()),
            Start::Client { name, .. } => {
                Err(Failure::new(Class::NotProven, "plan", format!("nothing that is unpacked knows a step `{name}`")))
            }
        }
    }

    fn day<'t>(&self, trial: &'t Trial) -> Option<&'t Probe> {
        trial.steps.first()
    }

    fn fetches(&self) -> bool {
        false
    }

    fn lacking(&self, _: &ProbeResult) -> Option<String> {
        None
    }

    fn explain(&self, _: &ProbeResult) -> Option<Failure> {
        None
    }
}

/// Fetches one artifact as its users do.
fn fetched(trying: Trying<'_>, subject: Subject<'_>, context: InstallContext<'_>, served: &Served) -> Result<Installed, Failure> {
    let place = context.store.temporary_folder().map_err(Failure::from)?;
    // What fits any machine fits this one.
    let target = trying.trial.target.as_ref().unwrap_or(context.host);
    let request = Request {
        source: served.source.clone(),
        name: served.name.clone(),
        version: Wish::Exact(served.version.clone()),
        release_sha256: None,
        artifact: Some(subject.artifact.name.clone()),
        kind: Some(subject.artifact.kind.name()),
        fit: Fit::Target(target.clone()),
        to: place.path().join("fetched here"),
        cache: None,
        limits: Limits::default(),
    };
    let fetched = fetch(&request, &served.network, &mut |_, _| {});
    let fetched = fetched.map_err(|error| fetch_failure(&error).about(subject.artifact.file_name.to_string()))?;
    Ok(Installed::fetched(place, &fetched))
}
