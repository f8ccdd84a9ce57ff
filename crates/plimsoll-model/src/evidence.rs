//! Evidence: the outcome of one trial about its subjects, written as an in-toto Statement.
//!
//! Format: in-toto Attestation Framework, Statement v1, with the test-result predicate v0.1 extended by fields of our own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::floor::CpuLevel;
use crate::json::bounded_list;
use crate::names::{FileName, RootName};
use crate::trial::Trial;

/// More entries than any list of a statement has: results of probes, files.
const MOST: usize = 10_000;

/// How a result was won. Users see it beside every claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", tag = "how")]
pub enum Means {
    /// Only looked at; never a reason for a claim.
    Inspected,
    /// Loaded by a machine of the artifact's own kind.
    Native,
    /// Loaded under an emulator.
    Emulated {
        /// `qemu-aarch64`, `wine` …
        emulator: String,
        /// Its version, as it prints it.
        version: String,
    },
}

impl Means {
    /// The emulator that brings a Windows of its own.
    pub const WINE: &str = "wine";

    /// Whether it was loaded by wine.
    pub fn is_wine(&self) -> bool {
        matches!(self, Self::Emulated { emulator, .. } if emulator == Self::WINE)
    }
}

/// What came of a probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", tag = "outcome", content = "reason")]
pub enum Outcome {
    /// It ran and showed what was expected.
    Passed,
    /// It ran, or should have, and did not show what was expected.
    Failed(String),
    /// It could not be tried here. No evidence of anything.
    NotRun(String),
}

/// One probe as it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProbeResult {
    /// The probe's name within the artifact.
    pub probe: String,
    /// Digest of the probe's definition.
    pub definition: Digest,
    /// The level of x86-64 of the emulated processor that it ran on, which has no more than that; none: on the processor at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<CpuLevel>,
    /// The command as it was started.
    pub ran: Vec<String>,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Exit status, where the program ended by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<i32>,
    /// Signal that ended the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// The last part of what it printed, standard output and standard error together.
    pub said: String,
    /// Wall time in milliseconds.
    pub milliseconds: u64,
}

/// The clean place in which probes ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RootRecord {
    /// Name as the plan requires it.
    pub name: RootName,
    /// Digest of the root's files; none for `scrubbed`, which is the host as it is, if it is not the system that wine runs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// A named distribution's C library; of a sandbox the one that the programs were loaded with, and none where they are static:
    /// `glibc 2.36`, `musl 1.2.5`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub libc: Option<String>,
    /// What brought the root's files: `mmdebstrap 1.3.5`, `podman 4.3.1: docker.io/library/alpine@sha256:…`, `archive sha256:…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What kept the rest of the machine out: `bubblewrap 0.8.0`, `environment only`.
    pub isolation: String,
}

/// The outcome of one trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evidence {
    /// File name → digest of exactly the bytes that were installed and run; which artifacts these are is said by the trial.
    pub subjects: BTreeMap<FileName, Digest>,
    /// Digest of [`Evidence::trial`]: what was required. `release.json` repeats it.
    pub required: Digest,
    /// What was required, whole, so that results can be held against it without the plan.
    pub trial: Trial,
    /// Where.
    pub root: RootRecord,
    /// How.
    pub means: Means,
    /// One entry a probe, in the plan's order.
    #[serde(deserialize_with = "bounded_list::<_, _, MOST>")]
    pub results: Vec<ProbeResult>,
    /// Why the probes were not run once more on a plain processor, where the target is x86-64 and no level was declared: that the artifact runs
    /// with users who have less than the machine at hand is then not known. None where they were, and for other processors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain_not_tried: Option<String>,
    /// Start, in seconds since 1970 (UTC).
    pub started: u64,
    /// Versions of the tools involved.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tools: BTreeMap<String, String>,
}

const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
const PREDICATE_TYPE: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// An in-toto Statement that carries [`Evidence`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Statement {
    /// Always `https://in-toto.io/Statement/v1`.
    #[serde(rename = "_type")]
    pub statement_type: String,
    /// The files that the statement is about.
    #[serde(deserialize_with = "bounded_list::<_, _, MOST>")]
    pub subject: Vec<Subject>,
    /// Always the test-result predicate.
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// What was found.
    pub predicate: Predicate,
}

/// One file of a Statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Subject {
    /// The file's name.
    pub name: FileName,
    /// Algorithm → digest.
    pub digest: BTreeMap<String, Digest>,
}

/// The test-result predicate, with what Plimsoll adds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Predicate {
    /// `PASSED` or `FAILED`.
    pub result: String,
    /// What the run was configured by.
    #[serde(deserialize_with = "bounded_list::<_, _, MOST>")]
    pub configuration: Vec<ResourceDescriptor>,
    /// Names of the probes that passed.
    #[serde(deserialize_with = "bounded_list::<_, _, MOST>")]
    pub passed_tests: Vec<String>,
    /// Names of the probes that did not.
    #[serde(deserialize_with = "bounded_list::<_, _, MOST>")]
    pub failed_tests: Vec<String>,
    /// The full record.
    pub plimsoll: Evidence,
}

/// in-toto's way to name a thing by digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResourceDescriptor {
    /// What it is.
    pub name: String,
    /// Algorithm → digest.
    pub digest: BTreeMap<String, Digest>,
}

/// A document that is not evidence that this version can read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidStatement {
    /// Not JSON, or fields missing, doubled or of the wrong form.
    #[error("{0}")]
    Form(String),
    /// Another statement or predicate type.
    #[error("not a test-result statement: `{0}`")]
    Type(String),
    /// The statement's subject list and the record inside disagree.
    #[error("the statement's subjects and its record disagree")]
    Subjects,
}

/// A probe with the processor that it is run on, as people read it.
pub(crate) fn told_probe(probe: &str, cpu: Option<CpuLevel>) -> String {
    cpu.map_or_else(|| probe.to_owned(), |level| format!("{probe} on a plain {level} processor"))
}

impl ProbeResult {
    /// The probe with the processor that it ran on: no two results of an artifact in a root are told alike.
    pub fn told(&self) -> String {
        told_probe(&self.probe, self.cpu)
    }
}

impl Evidence {
    /// Whether every probe ran and showed what was expected; an empty list is not.
    pub fn passed(&self) -> bool {
        !self.results.is_empty() && self.results.iter().all(|result| result.outcome == Outcome::Passed)
    }

    /// Why the emulator is not believed, where that alone kept probes from counting: another emulator or a real machine is wanted, and nothing is
    /// known against the artifact.
    pub fn doubted(&self) -> Option<&str> {
        let Means::Emulated { emulator, version } = &self.means else { return None };
        let name = format!("{emulator} {version} ");
        let mut doubt = None;
        for result in &self.results {
            match &result.outcome {
                Outcome::Passed => {}
                Outcome::NotRun(reason) if reason.starts_with(&name) => doubt = doubt.or(Some(reason.as_str())),
                Outcome::NotRun(_) | Outcome::Failed(_) => return None,
            }
        }
        doubt
    }
}

impl Statement {
    /// Wraps evidence.
    pub fn of(evidence: &Evidence) -> Self {
        let named = |passed: bool| {
            let chosen = evidence.results.iter().filter(move |result| (result.outcome == Outcome::Passed) == passed);
            chosen.map(ProbeResult::told).collect()
        };
        let sha256 = |digest: Digest| BTreeMap::from([("sha256".to_owned(), digest)]);
        let probes = evidence.results.iter().map(|result| ResourceDescriptor { name: result.told(), digest: sha256(result.definition) });
        Self {
            statement_type: STATEMENT_TYPE.to_owned(),
            subject: evidence.subjects.iter().map(|(name, digest)| Subject { name: name.clone(), digest: sha256(*digest) }).collect(),
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate: Predicate {
                result: if evidence.passed() { "PASSED" } else { "FAILED" }.to_owned(),
                configuration: probes.collect(),
                passed_tests: named(true),
                failed_tests: named(false),
                plimsoll: evidence.clone(),
            },
        }
    }

    /// Reads a file of `evidence/`, and gives the evidence inside.
    ///
    /// # Errors
    /// [`InvalidStatement`].
    pub fn read(bytes: &[u8]) -> Result<Evidence, InvalidStatement> {
        let form = |error: serde_json::Error| InvalidStatement::Form(error.to_string());
        crate::unique_keys::demand(bytes).map_err(form)?;
        let statement: Self = serde_json::from_slice(bytes).map_err(form)?;
        statement.evidence()?;
        Ok(statement.predicate.plimsoll)
    }

    /// The evidence inside, if the statement is one of ours and consistent.
    ///
    /// # Errors
    /// [`InvalidStatement`] for other types, or where the outer subjects differ from the inner ones.
    pub fn evidence(&self) -> Result<&Evidence, InvalidStatement> {
        for (found, wanted) in [(&self.statement_type, STATEMENT_TYPE), (&self.predicate_type, PREDICATE_TYPE)] {
            if found != wanted {
                return Err(InvalidStatement::Type(found.clone()));
            }
        }
        if *self != Self::of(&self.predicate.plimsoll) {
            return Err(InvalidStatement::Subjects);
        }
        Ok(&self.predicate.plimsoll)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A sandbox's, about nothing, with a result for each outcome.
    pub(crate) fn evidence(means: Means, outcomes: &[Outcome]) -> Evidence {
        let result = |outcome: &Outcome| ProbeResult {
            probe: "p".to_owned(),
            definition: Digest::of(b""),
            cpu: None,
            ran: Vec::new(),
            outcome: outcome.clone(),
            status: None,
            signal: None,
            said: String::new(),
            milliseconds: 1,
        };
        let trial = Trial {
            subjects: BTreeMap::new(),
            client: crate::trial::Client::Unpack,
            root: "sandbox".parse().unwrap(),
            target: None,
            native: false,
            cpu: None,
            given: crate::given::Given::default(),
            steps: Vec::new(),
        };
        Evidence {
            subjects: BTreeMap::new(),
            required: trial.digest(),
            trial,
            root: RootRecord {
                name: "sandbox".parse().unwrap(),
                digest: Some(Digest::of(b"root")),
                libc: None,
                source: None,
                isolation: "none".to_owned(),
            },
            means,
            results: outcomes.iter().map(result).collect(),
            plain_not_tried: None,
            started: 0,
            tools: BTreeMap::new(),
        }
    }

    #[test]
    fn an_emulator_that_is_not_believed_is_a_doubt_and_nothing_else_is() {
        let qemu = || Means::Emulated { emulator: "qemu-aarch64".to_owned(), version: "7.2.22".to_owned() };
        let doubt = Outcome::NotRun("qemu-aarch64 7.2.22 ended it, and is too old".to_owned());
        let other = Outcome::NotRun("cannot make a scratch folder".to_owned());
        let failed = Outcome::Failed("exit status 1".to_owned());
        let told = |means, outcomes: &[Outcome]| evidence(means, outcomes).doubted().map(str::to_owned);
        assert!(told(qemu(), &[Outcome::Passed, doubt.clone()]).is_some_and(|reason| reason.contains("too old")));
        assert_eq!(told(qemu(), &[Outcome::Passed]), None);
        assert_eq!(told(qemu(), &[doubt.clone(), failed]), None);
        assert_eq!(told(qemu(), &[other, doubt.clone()]), None);
        assert_eq!(told(Means::Native, std::slice::from_ref(&doubt)), None);
        assert!(!evidence(qemu(), &[doubt]).passed());
    }

    #[test]
    fn a_statement_tells_the_processors_of_a_probe_apart() {
        let mut evidence = evidence(Means::Native, &[Outcome::Passed, Outcome::Failed("ended by SIGILL".to_owned())]);
        evidence.results[1].cpu = Some(CpuLevel::V3);
        let statement = Statement::of(&evidence);
        assert_eq!(statement.predicate.passed_tests, ["p"]);
        assert_eq!(statement.predicate.failed_tests, ["p on a plain x86-64-v3 processor"]);
        let read: Statement = serde_json::from_slice(&crate::document_json(&statement)).unwrap();
        assert_eq!(read.evidence().unwrap(), &evidence);
    }

    #[test]
    fn evidence_without_and_with_more_than_is_known_is_read() {
        let mut document = serde_json::to_value(Statement::of(&evidence(Means::Native, &[Outcome::Passed]))).unwrap();
        let result = &mut document["predicate"]["plimsoll"]["results"][0];
        assert!(result.get("cpu").is_none());
        result["later"] = serde_json::json!("unknown");
        let read: Statement = serde_json::from_value(document).unwrap();
        assert_eq!(read.evidence().unwrap().results[0].cpu, None);
    }
}
