//! The harbor: the sealed release published into a registry on this machine, served over loopback HTTP, and used as its users would:
//! every byte verified there, each artifact fetched by the consumer's own code, and its probes run on what arrived.

use std::path::Path;

use plimsoll_fetch::unpack::Limits;
use plimsoll_fetch::{Environment, FetchError, Finding, Fit, Network, OpenError, Request, Source, Wish, fetch, verify_each};
use plimsoll_harbor::{Faults, Harbor};
use plimsoll_model::{Class, Failure, Plan, ReleasedArtifact};
use plimsoll_store::Store;

use crate::kinds::{self, UsersDay};
use crate::prove::{Installed, ProveStage, Subject};
use crate::publish::FolderRegistry;
use crate::report::Reporter;
use crate::seal::Sealed;
use crate::{measured, project};

/// Publishes into the harbor and comes back as a user.
pub struct HarborStage<'a> {
    /// Where temporary folders go.
    pub store: &'a Store,
    /// Runs the probes once more, on what was fetched.
    pub prove: &'a ProveStage<'a>,
    /// What the probes are.
    pub plan: &'a Plan,
    /// Who hears of it.
    pub reporter: &'a Reporter,
}

/// An artifact that made the whole way.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FetchedBack {
    /// The artifact.
    pub artifact: String,
    /// Its file.
    pub file_name: String,
    /// Where its probes ran once more; none for a library whose project has no package that its users could compile.
    pub root: Option<String>,
}

impl HarborStage<'_> {
    /// The whole way, for every artifact of the release.
    ///
    /// # Errors
    /// Where publishing, verifying, fetching or running fails.
    pub fn run(&self, sealed: &Sealed, dist: &Path) -> Result<Vec<FetchedBack>, Failure> {
        let folder = self.store.temporary_folder().map_err(Failure::from)?;
        FolderRegistry { folder: folder.path() }.publish(&sealed.release, dist, self.store.patience())?;
        let harbor = Harbor::serve_folder(folder.path(), Faults::none()).map_err(|error| Failure::io(folder.path(), &error))?;
        let network = Network::from_environment(&Environment::from_variables::<&str, &str>([]));
        let source: Source = harbor.url().parse().map_err(|error| Failure::from_error(Class::Network, "harbor", &error))?;
        let document = sealed.release.document();
        let release = source.below(&plimsoll_fetch::registry::release_folder(&document.name, &document.version));
        let release = release.map_err(|error| Failure::from_error(Class::Network, "harbor", &error))?;
        let mut look = |artifact: &ReleasedArtifact, file| measured::remembered(self.store, project::now(), artifact, || Ok(file));
        let report = verify_each(&release, &network, &mut look).map_err(|error| network_failure(&error))?;
        if !report.is_sound() {
            return Err(findings_failure(&report.findings));
        }
        self.reporter.done("published", format!("{} {}", document.name, document.version), "to the harbor, every byte verified there");
        document.artifacts.iter().map(|artifact| self.come_back(artifact, sealed, &source, &network)).collect()
    }

    /// Fetches one artifact and runs it.
    fn come_back(&self, artifact: &ReleasedArtifact, sealed: &Sealed, source: &Source, network: &Network) -> Result<FetchedBack, Failure> {
        let document = sealed.release.document();
        let place = self.store.temporary_folder().map_err(Failure::from)?;
        // What fits any machine fits this one.
        let target = artifact.target.clone().unwrap_or_else(|| self.prove.host.clone());
        let request = Request {
            source: source.clone(),
            name: document.name.clone(),
            version: Wish::Exact(document.version.clone()),
            release_sha256: None,
            artifact: Some(artifact.name.clone()),
            kind: Some(artifact.kind.clone()),
            fit: Fit::Target(target.clone()),
            to: place.path().join("fetched here"),
            cache: None,
            limits: Limits::default(),
        };
        let fetched =
            fetch(&request, network, &mut |_, _| {}).map_err(|error| fetch_failure(&error).about(artifact.file_name.to_string()))?;
        let mut fetched_back = FetchedBack { artifact: artifact.id.to_string(), file_name: artifact.file_name.to_string(), root: None };
        let planned = self.plan.artifacts.get(&artifact.id).ok_or_else(|| missing(artifact))?;
        let Some(root_name) = planned.roots.first() else { return Ok(fetched_back) };
        let subject = Subject { id: &artifact.id, artifact: planned, digest: artifact.sha256 };
        let published = || {
            let files = source.below(&plimsoll_fetch::registry::release_folder(&document.name, &document.version));
            files.map(|files| files.to_string()).map_err(|error| Failure::from_error(Class::Network, "harbor", &error))
        };
        let evidence = match kinds::users_day(planned, published)? {
            UsersDay::Fetched => self.prove.again(subject, root_name, &Installed::fetched(place, &fetched))?,
            UsersDay::ByProbe(probe) => self.prove.downloaded(subject, root_name, *probe)?,
            UsersDay::Nobody => return Ok(fetched_back),
        };
        if !evidence.passed() {
            return Err(crate::prove::failure(self.plan, &artifact.id, planned, &evidence).cause("after", "it was fetched from the harbor"));
        }
        let note = crate::report::proof(&evidence);
        self.reporter.done("fetched", artifact.file_name.to_string(), note);
        fetched_back.root = Some(root_name.to_string());
        Ok(fetched_back)
    }
}

fn missing(artifact: &ReleasedArtifact) -> Failure {
    Failure::new(Class::NotProven, "plan", "the plan does not know this artifact").about(artifact.id.to_string())
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
