//! Gates: the project's own commands that must succeed, run where the project lies.
//!
//! What a gate reads is not known beyond the sources and its environment. So its success is remembered for exactly these, and never for a
//! release.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::{Duration, Instant};

use plimsoll_model::plan::Gate;
use plimsoll_model::{Class, Digest, Failure, canonical_json};
use plimsoll_store::{ActionRecord, KeyBuilder, Store};

use plimsoll_exec::environment;
use plimsoll_exec::launcher::{Ended, Launch, Launcher};

/// Variables that differ between two runs of the same thing: where one types, and what numbers a run.
const VOLATILE: &[&str] = &[
    "PWD",
    "OLDPWD",
    "SHLVL",
    "_",
    "TERM",
    "COLUMNS",
    "LINES",
    "WINDOWID",
    "DISPLAY",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "GITHUB_ENV",
    "GITHUB_OUTPUT",
    "GITHUB_PATH",
    "GITHUB_STATE",
    "GITHUB_STEP_SUMMARY",
];

/// Prefixes of such variables.
const VOLATILE_PREFIXES: &[&str] = &["TERM_PROGRAM", "TMUX", "SSH_", "XDG_SESSION_", "GITHUB_RUN_", "GITHUB_ACTION", "PLIMSOLL_"];

/// Digest of the variables that a gate may depend on. A digest, because values may be secret and records are kept.
fn environment_digest(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Digest {
    let volatile = |name: &OsStr| {
        let name = name.to_string_lossy();
        VOLATILE.contains(&name.as_ref()) || VOLATILE_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    let bytes = |text: OsString| text.into_encoded_bytes();
    let kept = variables.into_iter().filter(|(name, _)| !volatile(name)).map(|(name, value)| (bytes(name), bytes(value)));
    Digest::of(&canonical_json(&kept.collect::<BTreeMap<_, _>>().into_iter().collect::<Vec<_>>()))
}

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
        let key = self.key(gate, environment::all());
        if self.remember
            && let Some(record) = self.store.recall(key.key())
        {
            return Ok((Duration::from_millis(record.milliseconds), true));
        }
        let time = self.run(gate, &[])?;
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let record = ActionRecord { outputs: [].into(), facts: serde_json::Value::Null, finished: self.now, milliseconds };
        self.store.remember(&key, &record).map_err(Failure::from)?;
        Ok((time, false))
    }

    fn key(&self, gate: &Gate, variables: Vec<(OsString, OsString)>) -> KeyBuilder {
        KeyBuilder::new("gate", 1)
            .part("gate", gate)
            .part("sources", &self.sources)
            .part("toolchain", &self.toolchain)
            .part("environment", &environment_digest(variables))
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
        let finished = self.launcher.output(&launch).map_err(|error| error.failure(Class::NotProven, "gate"))?;
        if finished.ended == Ended::Cancelled {
            return Err(Failure::interrupted());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_success_holds_for_the_environment_it_was_had_in() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let launcher = Launcher::new().unwrap();
        let stage = GateStage {
            store: &store,
            launcher: &launcher,
            project: folder.path(),
            sources: Digest::of(b""),
            toolchain: "1.95.0",
            remember: true,
            now: 0,
        };
        let gate = Gate { name: "test".to_owned(), command: "true".to_owned() };
        let key = |variables: &[(&str, &str)]| {
            stage.key(&gate, variables.iter().map(|(name, value)| (name.into(), value.into())).collect()).key()
        };
        let plain = key(&[("A", "1"), ("B", "2")]);
        assert_eq!(key(&[("B", "2"), ("A", "1"), ("PWD", "/"), ("TERM_PROGRAM_VERSION", "3"), ("GITHUB_RUN_ID", "9")]), plain);
        for other in [&[("A", "1")][..], &[("A", "1"), ("B", "3")], &[("A", "1"), ("B", "2"), ("GITHUB_REF", "main")]] {
            assert_ne!(key(other), plain, "{other:?}");
        }
    }
}
