//! A container engine: podman or docker. Only used to bring images and to run `cross`; proofs are made in roots of our own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::launcher::{Finished, Launch, LaunchError};
use super::locate::Toolbox;

/// Engines in the order in which they are asked; podman needs no daemon.
const ENGINES: [&str; 2] = ["podman", "docker"];

/// A daemon that is not there is noticed at once; one that starts takes a little.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longer than any image that is worth waiting for.
const LONG: Duration = Duration::from_secs(3600);

/// An engine that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine {
    /// Its program.
    pub program: PathBuf,
    /// `podman` or `docker`.
    pub name: &'static str,
}

impl Engine {
    /// The first engine that answers; a client whose daemon does not run is none.
    pub fn find(toolbox: &Toolbox) -> Option<Self> {
        ENGINES.iter().find_map(|name| {
            let engine = Self { program: toolbox.program(name)?, name };
            let answers = engine.run(toolbox, &["info"], PATIENCE, &mut |_| {}).is_ok_and(|finished| finished.succeeded());
            answers.then_some(engine)
        })
    }

    /// Brings an image, by `NAME:TAG` or `NAME@sha256:…`, writes its files as a tar to `archive`, and tells its digest, `sha256:…`.
    ///
    /// # Errors
    /// The engine's own words.
    pub fn export(&self, toolbox: &Toolbox, image: &str, archive: &Path, on_line: &mut dyn FnMut(&str)) -> Result<String, EngineError> {
        self.well(toolbox, &["pull", "--quiet", image], on_line)?;
        let digests = self.well(toolbox, &["image", "inspect", "--format", "{{join .RepoDigests \" \"}}", image], on_line)?;
        let digest = digests.split_whitespace().find_map(|name| name.split_once('@')).map(|(_, digest)| digest.to_owned());
        let digest = digest.ok_or_else(|| self.failed("image inspect", format!("{image} has no digest: {digests}")))?;
        // A container that is never started: what is exported is the image's own files.
        let container = self.well(toolbox, &["create", image, "/plimsoll"], on_line)?;
        let path = archive.to_string_lossy();
        let exported = self.well(toolbox, &["export", "--output", &path, &container], on_line);
        // Best effort: a container that was never started is only a name.
        let _ = self.well(toolbox, &["rm", &container], on_line);
        exported.map(|_| digest)
    }

    fn well(&self, toolbox: &Toolbox, words: &[&str], on_line: &mut dyn FnMut(&str)) -> Result<String, EngineError> {
        let finished = self.run(toolbox, words, LONG, on_line)?;
        if finished.succeeded() {
            Ok(finished.stdout_text().trim().to_owned())
        } else {
            Err(self.failed(words.first().copied().unwrap_or_default(), finished.stderr_text().trim().to_owned()))
        }
    }

    fn run(&self, toolbox: &Toolbox, words: &[&str], deadline: Duration, on_line: &mut dyn FnMut(&str)) -> Result<Finished, LaunchError> {
        let launch = Launch { env: toolbox.env().clone(), ..Launch::new(&self.program, "/") };
        let launch = launch.args(words.iter().copied()).deadline(deadline);
        toolbox.launcher().run(&launch, &mut |_, line| on_line(line))
    }

    fn failed(&self, what: &str, said: String) -> EngineError {
        EngineError::Refused { engine: self.name, what: what.to_owned(), said }
    }
}

/// An engine that did not do it.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// It said no.
    #[error("{engine} {what}: {said}")]
    Refused {
        /// Which engine.
        engine: &'static str,
        /// Which of its commands.
        what: String,
        /// Its words.
        said: String,
    },
    /// It could not be started.
    #[error(transparent)]
    Launch(#[from] LaunchError),
}
