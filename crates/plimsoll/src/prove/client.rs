//! Clients: the ways in which users install what is tried. A proof installs from the store, a user's day from the harbor; what is done is the same.

use std::collections::BTreeMap;

use plimsoll_fetch::{Network, Source};
use plimsoll_model::{ArtifactPlan, Digest, Failure, Name, Probe, ProbeResult, RootName, Target, Trial};
use plimsoll_roots::{HarborNetwork, Runtime};
use plimsoll_store::Store;

use super::{Installed, Trying};
use crate::sources::Sources;

/// Where the bytes of the subjects come from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Supply<'a> {
    /// From the store, as they were packed.
    Store,
    /// From a registry on this machine, fetched as users fetch them.
    Harbor {
        /// The release.
        served: &'a Served,
        /// Where programs of the root reach it.
        at: &'a HarborAddress,
    },
}

/// Where a harbor is reached, which is another place in a network of its own than on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HarborAddress {
    /// The folder of the release's files.
    pub(crate) files: Source,
    /// The pages of its index, if it has one: `http://…/simple/`.
    pub(crate) index: String,
}

/// A release that is served.
#[derive(Debug)]
pub(crate) struct Served {
    /// The registry.
    pub(crate) source: Source,
    /// Where this machine reaches it.
    pub(crate) here: HarborAddress,
    /// The release's name.
    pub(crate) name: Name,
    /// The release's version.
    pub(crate) version: semver::Version,
    /// How it is reached from here.
    pub(crate) network: Network,
    /// Where it is reached in a network that holds the registry and nothing else; none if this machine makes no such network.
    pub(crate) alone: Option<(HarborNetwork, HarborAddress)>,
}

/// What a client may use.
#[derive(Clone, Copy)]
pub(crate) struct InstallContext<'a> {
    /// Where blobs and temporary folders are.
    pub(crate) store: &'a Store,
    /// The project's files, for clients whose users compile some of them.
    pub(crate) sources: &'a Sources,
    /// This machine, which has what fits any.
    pub(crate) host: &'a Target,
}

/// A program that installs in the place of a user's, or is that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Installer {
    /// What users call theirs.
    pub(crate) name: String,
    /// What evidence says of it: the version, where it comes from, its digest; or that it is a stand-in, and why.
    pub(crate) identity: String,
    /// The same in few words, for a line of a report: `the stand-in for x`.
    pub(crate) by: String,
}

/// One way of installing.
pub(crate) trait InstallClient {
    /// What the root must hold besides.
    fn runtime(&self) -> Option<Runtime>;

    /// Why a root that can be had is none for an artifact, whatever its bytes are; none if nothing speaks against it.
    fn unfit(&self, root: &RootName, artifact: &ArtifactPlan) -> Option<String>;

    /// What a proof depends on besides the subjects' bytes, helper programs included: path → digest, and whether it may be executed.
    ///
    /// # Errors
    /// If the plan's words on a subject are no use.
    fn identity(&self, trying: Trying<'_>, context: InstallContext<'_>) -> Result<BTreeMap<String, (Digest, bool)>, Failure>;

    /// Installs every subject.
    ///
    /// # Errors
    /// If the bytes are damaged, cannot be fetched, or are not what a careful consumer accepts.
    fn install(&self, trying: Trying<'_>, context: InstallContext<'_>, supply: Supply<'_>) -> Result<Installed, Failure>;

    /// The program that installs in the root; none if nothing but this command does, or no step asks for it.
    ///
    /// # Errors
    /// If the plan's words on a subject are no use, or what is to be said of the program cannot be read.
    fn installer(&self, trying: Trying<'_>, context: InstallContext<'_>, supply: Supply<'_>) -> Result<Option<Installer>, Failure>;

    /// A step as it is started: what only this client knows how to do, in words that a root understands.
    ///
    /// # Errors
    /// If it is no step of this client.
    fn step(&self, trying: Trying<'_>, step: &Probe, context: InstallContext<'_>, supply: Supply<'_>) -> Result<Probe, Failure>;

    /// The step of a trial that its users take on their first day; none if nothing is there that could.
    fn day<'t>(&self, trial: &'t Trial) -> Option<&'t Probe>;

    /// Whether the steps of that day fetch by themselves.
    fn fetches(&self) -> bool;

    /// What a root of this kind has not, if that alone is why a step did not pass: it shows nothing of the subjects then. None if it does.
    fn lacking(&self, result: &ProbeResult) -> Option<String>;

    /// The client's own words for a step that did not pass; none if it has none.
    fn explain(&self, result: &ProbeResult) -> Option<Failure>;
}
