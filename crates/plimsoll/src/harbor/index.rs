//! The harbor's Python index: the files of a release that go to one are published into it as they are to PyPI, by the same channel.

use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::Arc;

use plimsoll_fetch::Network;
use plimsoll_harbor::{Simple, SimpleOptions, Upload};
use plimsoll_inspect::audit;
use plimsoll_model::{Class, Failure, Release};

use crate::publish::{Channel, Publication, PypiChannel, Repository, Secret, Trust, Uploader, Waiting, Witness};
use crate::report::Reporter;

/// An index that nobody else can upload to.
pub(super) struct HarborIndex {
    /// The service.
    pub(super) simple: Arc<Simple>,
    uploader: Uploader,
}

impl HarborIndex {
    /// An index for a release, if any of its files go to one. `folder` holds what is uploaded.
    ///
    /// # Errors
    /// Class tool-missing if nothing here uploads.
    pub(super) fn of(release: &Release, folder: &Path, toolbox: &plimsoll_exec::locate::Toolbox) -> Result<Option<Self>, Failure> {
        if PypiChannel::files_of(release) == 0 {
            return Ok(None);
        }
        let token = token();
        let options = SimpleOptions { check: Box::new(audited), ..SimpleOptions::new(token.clone()) };
        let simple = Arc::new(Simple::new(folder, options).map_err(|error| Failure::io(folder, &error))?);
        let trust = Secret::new(token).map_or(Trust::Nobody, Trust::Token);
        Ok(Some(Self { simple, uploader: Uploader::find(toolbox, trust)?.on_this_machine() }))
    }

    /// Publishes the release into it, where it is served at `url`.
    ///
    /// # Errors
    /// If a file is refused, or is not shown.
    pub(super) fn publish(
        &self,
        (release, dist): (&Release, &Path),
        (url, network): (&str, &Network),
        (folder, stop): (&Path, &dyn Fn() -> bool),
        reporter: &Reporter,
    ) -> Result<(), Failure> {
        let index = pages(url).parse().map_err(|error| Failure::from_error(Class::Network, "harbor", &error))?;
        let repository = Repository::new(&format!("{url}/legacy/"), index);
        let tell = |text: String| reporter.warn(vec![text]);
        let waiting = Waiting { patience: crate::publish::pypi::PATIENCE, stop, tell: &tell };
        let channel = PypiChannel::new(release, repository, &self.uploader, network, folder, waiting);
        let channels: [&dyn Channel; 1] = [&channel];
        let publication = Publication::prepare(release, dist, &channels).map_err(super::first)?;
        publication.run(&mut Witness { stop, record: &mut |_, _, _| {} }).failure.map_or(Ok(()), Err)?;
        let document = release.document();
        let number = self.simple.uploaded().len();
        let files = format!("{number} file{}", if number == 1 { "" } else { "s" });
        let note = format!("to the harbor's index: {files} by {}", self.uploader.version());
        reporter.done("published", format!("{} {}", document.name, document.version), note);
        Ok(())
    }
}

/// The pages of the index of a harbor.
pub(super) fn pages(url: &str) -> String {
    format!("{url}/simple/")
}

/// What an index of a rehearsal refuses, beside what every index does.
fn audited(upload: &Upload<'_>) -> Result<(), String> {
    let bytes = std::fs::read(upload.path).map_err(|error| error.to_string())?;
    let audit = audit(upload.file_name, &bytes).ok_or("is no file for an index")?;
    let findings = audit.findings.iter().map(|finding| format!("{}: {finding}", finding.code.as_str())).collect::<Vec<_>>();
    if findings.is_empty() { Ok(()) } else { Err(findings.join("; ")) }
}

/// Words that others on this machine do not guess: the seeds of the standard library's hashes come from the system.
fn token() -> String {
    [(); 2].map(|()| format!("{:016x}", RandomState::new().hash_one("token"))).concat()
}
