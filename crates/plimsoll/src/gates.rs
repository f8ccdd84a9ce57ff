//! Gates: the project's own commands that must succeed, run where the project lies.
//!
//! What a gate reads is not known beyond the sources. So its success is remembered for exactly these sources, and never for a release.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use plimsoll_model::plan::Gate;
use plimsoll_model::{Class, Digest, Failure};
use plimsoll_store::{ActionRecord, KeyBuilder, Store};

use crate::tools::launcher::{Ended, Launch, Launcher};
use crate::{environment, store_failure};

/// Runs gates.
#[derive(Debug)]
pub struct GateStage<'a> {
    /// Where success is remembered.
    pub store: &'a Store,
    /// Starts programs.
    pub launcher: &'a Launcher,
    /// The project's folder.
    pub project: &'a Path,
    /// What the sources are.
    pub sources: Digest,
    /// Identity of the compiler.
    pub toolchain: &'a str,
    /// Whether success may be remembered.
    pub remember: bool,
    /// The clock, in seconds since 1970.
    pub now: u64,
}

impl GateStage<'_> {
    /// Runs a gate that comes before everything else; gives back how long it took, and whether that was remembered.
    ///
    /// # Errors
    /// What the command said.
    pub fn before(&self, gate: &Gate) -> Result<(Duration, bool), Failure> {
        let key = KeyBuilder::new("gate", 1).part("gate", gate).part("sources", &self.sources).part("toolchain", &self.toolchain);
        if self.remember
            && let Some(record) = self.store.recall(key.key())
        {
            return Ok((Duration::from_millis(record.milliseconds), true));
        }
        let time = self.run(gate, &[])?;
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let record = ActionRecord { outputs: [].into(), facts: serde_json::Value::Null, finished: self.now, milliseconds };
        self.store.remember(&key, &record).map_err(store_failure)?;
        Ok((time, false))
    }

    /// Runs a gate against the sealed artifacts, whose folder it finds in `PLIMSOLL_DIST`.
    ///
    /// # Errors
    /// What the command said.
    pub fn after(&self, gate: &Gate, dist: &Path) -> Result<Duration, Failure> {
        self.run(gate, &[("PLIMSOLL_DIST".into(), dist.as_os_str().to_owned())])
    }

    fn run(&self, gate: &Gate, more: &[(OsString, OsString)]) -> Result<Duration, Failure> {
        let started = Instant::now();
        let launch =
            Launch::new("/bin/sh", self.project).args(["-eu", "-c", &gate.command]).env(environment::all()).env(more.iter().cloned());
        let finished = self.launcher.output(&launch).map_err(|error| Failure::from_error(Class::NotProven, "gate", &error))?;
        if finished.ended == Ended::Cancelled {
            return Err(crate::interrupted());
        }
        if !finished.succeeded() {
            let said = [finished.stdout_text(), finished.stderr_text()].concat();
            let tail = said.lines().rev().take(40).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n");
            return Err(Failure::new(Class::NotProven, "gate-failed", "the gate did not pass")
                .about(format!("gate {}", gate.name))
                .cause("ran", &gate.command)
                .cause("said", tail));
        }
        Ok(started.elapsed())
    }
}
