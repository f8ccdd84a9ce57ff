//! The harbor: the sealed release published into a registry on this machine, served over loopback HTTP, and used as its users would:
//! every byte verified there, each artifact installed from it by its users' client, and their first step taken on what arrived, or
//! every step of every trial.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use plimsoll_fetch::{Environment, FetchError, Finding, Network, OpenError, Source, verify_each};
use plimsoll_harbor::{Faults, Folder, Harbor, INDEX_PREFIXES, Router, ServeOptions, Service};
use plimsoll_model::{ArtifactId, Class, Failure, Plan, ReleaseDocument, ReleasedArtifact, Trial, TrialId};
use plimsoll_roots::HarborNetwork;
use plimsoll_store::Store;

use crate::kinds;
use crate::prove::client::{HarborAddress, Served};
use crate::prove::{Day, Extent, ProveStage, Subject, Trying};
use crate::publish::{Channel, FolderChannel, Publication, Witness};
use crate::report::{Event, Reporter};
use crate::seal::Sealed;
use crate::{measured, project};

mod index;

use index::HarborIndex;

/// Where releases lie in the harbor.
const RELEASES: &str = "releases";

/// Publishes into the harbor and comes back as a user.
pub struct HarborStage<'a> {
    /// Where temporary folders go.
    pub store: &'a Store,
    /// Takes users' days.
    pub prove: &'a ProveStage<'a>,
    /// What the trials are.
    pub plan: &'a Plan,
    /// Who hears of it.
    pub reporter: &'a Reporter,
    /// How much is tried once more.
    pub extent: Extent,
    /// What goes wrong while it is served; nothing, outside of tests.
    pub faults: Faults,
}

/// An artifact that made the whole way.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FetchedBack {
    /// The artifact.
    pub artifact: String,
    /// Its file.
    pub file_name: String,
    /// Where its users' first step was taken once more; none for a library whose project has no package that its users could compile.
    pub root: Option<String>,
    /// The program that installed it in that root, if one did: `the stand-in for x`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// Where a trial was taken once more, and by what it was installed.
type Had = (Option<String>, Option<String>);

impl HarborStage<'_> {
    /// The whole way, for every artifact of the release.
    ///
    /// # Errors
    /// If publishing, verifying, fetching or running fails.
    pub fn run(&self, sealed: &Sealed, dist: &Path) -> Result<Vec<FetchedBack>, Failure> {
        let folder = self.store.temporary_folder().map_err(Failure::from)?;
        // Below a name of its own, so that a release may be called as the index begins.
        let releases = folder.path().join(RELEASES);
        self.publish(sealed, dist, &releases)?;
        let index = HarborIndex::of(&sealed.release, folder.path(), self.prove.roots.toolbox)?;
        let (harbor, alone) = self.serve((folder.path(), index.as_ref()), sealed.release.document())?;
        let network = Network::from_environment(&Environment::from_variables::<&str, &str>([]));
        let document = sealed.release.document();
        let (source, here) = registry(&harbor.url(), document)?;
        let mut look = |artifact: &ReleasedArtifact, file| measured::remembered(self.store, project::now(), artifact, || Ok(file));
        let report = verify_each(&here.files, &network, &mut look).map_err(|error| network_failure(&error))?;
        if !report.is_sound() {
            return Err(findings_failure(&report.findings));
        }
        self.reporter.done("published", format!("{} {}", document.name, document.version), "to the harbor, every byte verified there");
        if let Some(index) = &index {
            let stop = &self.store.patience().stop;
            index.publish((&sealed.release, dist), (&harbor.url(), &network), (folder.path(), stop), self.reporter)?;
        }
        let served = Served { source, here, alone, name: document.name.clone(), version: document.version.clone(), network };
        let mut had = BTreeMap::new();
        let mut fetched_back = Vec::new();
        for artifact in &document.artifacts {
            // Only what was proven here can be tried here once more.
            let proven = self.plan.trials_of(&artifact.id).filter(|(id, _)| artifact.required.contains_key(*id));
            let all = matches!(self.extent, Extent::EveryStep);
            let trials = proven.take(if all { usize::MAX } else { 1 }).collect::<Vec<_>>();
            for (id, trial) in &trials {
                let (root, by) = self.come_back((id, trial), artifact, (document, &served), &mut had)?;
                fetched_back.push(FetchedBack { root, by, ..FetchedBack::of(artifact) });
            }
            fetched_back.extend(trials.is_empty().then(|| FetchedBack::of(artifact)));
        }
        Ok(fetched_back)
    }

    /// The way that a release goes too, into a folder.
    fn publish(&self, sealed: &Sealed, dist: &Path, folder: &Path) -> Result<(), Failure> {
        let document = sealed.release.document();
        let patience = self.store.patience();
        let channel = FolderChannel::new(folder, &document.name, &document.version, patience).passing();
        let channels: [&dyn Channel; 1] = [&channel];
        let publication = Publication::prepare(&sealed.release, dist, &channels).map_err(first)?;
        publication.run(&mut Witness { stop: &patience.stop, record: &mut |_, _, _| {} }).failure.map_or(Ok(()), Err)
    }

    /// Serves the registry on this machine, and in a network of its own for clients that fetch by themselves, if there are any.
    fn serve(
        &self,
        (folder, index): (&Path, Option<&HarborIndex>),
        document: &ReleaseDocument,
    ) -> Result<(Harbor, Option<(HarborNetwork, HarborAddress)>), Failure> {
        let of_harbor = |error: std::io::Error| Failure::io(folder, &error);
        let mut trials = document.artifacts.iter().flat_map(|artifact| self.plan.trials_of(&artifact.id));
        let fetches = trials.any(|(_, trial)| kinds::install_client(trial.client).fetches());
        let files: Arc<dyn Service> = Arc::new(Folder::open(folder).map_err(of_harbor)?);
        let service = match index {
            Some(index) => {
                let index: Arc<dyn Service> = index.simple.clone();
                Arc::new(Router::new(files).with(&INDEX_PREFIXES, &index))
            }
            None => files,
        };
        let network = if fetches {
            HarborNetwork::begin(self.prove.launcher, self.store.root(), &[0])
        } else {
            return self.alone_here(service, folder);
        };
        let (network, inside) = match network {
            Ok(made) => made,
            Err(reason) => {
                self.reporter.warn(vec![format!("what fetches from the harbor can reach this machine's network too: {reason}")]);
                return self.alone_here(service, folder);
            }
        };
        let address = inside.iter().find_map(|listener| listener.local_addr().ok());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(of_harbor)?;
        let listeners = std::iter::once(listener).chain(inside).collect();
        let harbor = Harbor::serve(service, ServeOptions { listeners, faults: self.faults.clone(), ..ServeOptions::default() })
            .map_err(of_harbor)?;
        let inside = address.map(|address| registry(&format!("http://{address}"), document)).transpose()?;
        Ok((harbor, inside.map(|(_, address)| (network, address))))
    }

    /// Serves on this machine alone.
    fn alone_here(&self, service: Arc<dyn Service>, folder: &Path) -> Result<(Harbor, Option<(HarborNetwork, HarborAddress)>), Failure> {
        let options = ServeOptions { faults: self.faults.clone(), ..ServeOptions::default() };
        let harbor = Harbor::serve(service, options).map_err(|error| Failure::io(folder, &error))?;
        Ok((harbor, None))
    }

    /// Takes a trial of an artifact as its user has it; once, if it is a trial of several.
    fn come_back(
        &self,
        (id, trial): (&TrialId, &Trial),
        artifact: &ReleasedArtifact,
        (document, served): (&ReleaseDocument, &Served),
        had: &mut BTreeMap<TrialId, Had>,
    ) -> Result<Had, Failure> {
        if let Some(had) = had.get(id).filter(|_| matches!(self.extent, Extent::EveryStep)) {
            return Ok(had.clone());
        }
        let mut subjects = Vec::new();
        for id in trial.subjects.keys() {
            let planned = self.plan.artifacts.get_key_value(id);
            let released = document.artifacts.iter().find(|released| released.id == *id);
            let ((id, planned), released) = planned.zip(released).ok_or_else(|| missing(id))?;
            subjects.push(Subject { id, artifact: planned, digest: released.sha256 });
        }
        let trying = Trying { id, trial, subjects: &subjects };
        let Day::Had(day) = self.prove.day(trying, self.plan, (served, self.extent))? else { return Ok((None, None)) };
        if !day.evidence.passed() {
            return Err(crate::prove::failure(self.plan, trying, &day.evidence).cause("after", "it was fetched from the harbor"));
        }
        let proof = crate::report::proof(&day.evidence);
        let note = day.by.as_ref().map_or_else(|| proof.clone(), |by| format!("{proof}, by {by}"));
        self.reporter.tell(Event::Done {
            node: None,
            verb: "fetched",
            title: artifact.file_name.to_string(),
            note,
            remembered: day.remembered,
        });
        let came = (Some(trial.root.to_string()), day.by);
        had.insert(id.clone(), came.clone());
        Ok(came)
    }
}

impl FetchedBack {
    fn of(artifact: &ReleasedArtifact) -> Self {
        Self { artifact: artifact.id.to_string(), file_name: artifact.file_name.to_string(), root: None, by: None }
    }
}

/// There is one channel, so there is one failure.
fn first(failures: Vec<Failure>) -> Failure {
    failures.into_iter().next().unwrap_or_else(Failure::interrupted)
}

/// The registry of a harbor at an address, and where its files and its index are.
fn registry(url: &str, document: &ReleaseDocument) -> Result<(Source, HarborAddress), Failure> {
    let source = format!("{url}/{RELEASES}").parse::<Source>().map_err(|error| Failure::from_error(Class::Network, "harbor", &error))?;
    let files = source.below(&plimsoll_fetch::registry::release_folder(&document.name, &document.version));
    let files = files.map_err(|error| Failure::from_error(Class::Network, "harbor", &error))?;
    Ok((source, HarborAddress { files, index: index::pages(url) }))
}

fn missing(artifact: &ArtifactId) -> Failure {
    Failure::new(Class::NotProven, "plan", "the plan or the release does not know this artifact").about(artifact.to_string())
}

/// One failure for all findings of a verification, each with the file that is to blame.
pub fn findings_failure(findings: &[Finding]) -> Failure {
    let failure = Failure::new(Class::NotProven, "not-as-sealed", "the release is not as it was sealed");
    findings.iter().fold(failure, |failure, finding| failure.cause(&finding.file, finding.problem.to_string()))
}

/// A failure to fetch: of class network where the network is at fault.
pub fn fetch_failure(error: &FetchError) -> Failure {
    let class = if error.is_network() || error.is_mismatch() { Class::Network } else { Class::NotProven };
    let code = if error.is_mismatch() { "mismatch" } else { "fetch-failed" };
    let failure = Failure::from_error(class, code, error);
    if let FetchError::Open(error) = error { with_hint(failure, error) } else { failure }
}

/// A failure of the network while a release is verified.
pub fn network_failure(error: &OpenError) -> Failure {
    with_hint(Failure::from_error(Class::Network, "network", error), error)
}

fn with_hint(failure: Failure, error: &OpenError) -> Failure {
    match error {
        OpenError::TooSlow { .. } => failure.hint("try again later or from a nearer place: a copy of the registry in a folder will do"),
        _ => failure,
    }
}

#[cfg(test)]
mod unserved;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_server_that_is_too_slow_is_of_the_network_and_has_a_hint() {
        let slow = || OpenError::TooSlow { url: "https://a.example/x".to_owned(), rate: 1024, window: Duration::from_secs(60) };
        let failure = network_failure(&slow());
        assert_eq!(failure.message, "https://a.example/x is given up: less than 1024 bytes a second came over 60 seconds");
        assert!(failure.class == Class::Network && failure.hint.is_some());
        let failure = fetch_failure(&FetchError::Open(slow()));
        assert!(failure.class.exit_code() == 4 && failure.hint.is_some());
    }
}
