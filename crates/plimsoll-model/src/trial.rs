//! The trial: artifacts that are installed together by one client in one root, and the steps that must hold there, in order. Evidence carries it with
//! its digest, which `release.json` repeats, and is held against it by one judge, whoever asks: the seal, a consumer, a table of what may be claimed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::evidence::{Evidence, Means, Outcome, ProbeResult, told_probe};
use crate::floor::CpuLevel;
use crate::given::Given;
use crate::json::bounded_list;
use crate::names::{ArtifactId, FileName, RootName};
use crate::probe::{Probe, Start};
use crate::target::Target;

/// Where less is told of what a program printed, all of it is told, so that what was expected must be in it. Evidence keeps the end of more.
const WHOLE: usize = 4096;

/// More probes or programs than any artifact has.
const MOST_PARTS: usize = 1000;

/// The way users install what is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Client {
    /// They unpack it, or put it down as it is.
    Unpack,
    /// A BEAM loads it, by way of the package that it belongs to.
    Beam,
    /// pip installs it into a virtual environment.
    Venv,
}

/// One of the artifacts that are installed together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrialSubject {
    /// Its file.
    pub file_name: FileName,
    /// Its programs, each of which was inspected: a release that declared fewer would tell a floor of fewer.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "bounded_list::<_, _, MOST_PARTS>")]
    pub binaries: Vec<String>,
}

/// What must pass in a root before the artifacts may be claimed to work there.
///
/// Knows nothing of the sources, so that a change of them that leaves the artifacts' bytes as they are leaves their proof as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Trial {
    /// What is installed, all of it before the first step.
    pub subjects: BTreeMap<ArtifactId, TrialSubject>,
    /// By what.
    pub client: Client,
    /// Where.
    pub root: RootName,
    /// The machine that it is tried on; none if that may be any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Whether emulation does not count.
    #[serde(default)]
    pub native: bool,
    /// The level of x86-64 on a processor of which, that has no more, every probe must pass as well; none where none was declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<CpuLevel>,
    /// What it needs besides.
    #[serde(default, skip_serializing_if = "Given::is_empty")]
    pub given: Given,
    /// What must run, in this order; what one writes is there for those that come after it.
    #[serde(deserialize_with = "bounded_list::<_, _, MOST_PARTS>")]
    pub steps: Vec<Probe>,
}

/// Why evidence does not show what was required.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotShown {
    /// It is about other bytes, or another artifact.
    #[error("it is about something else")]
    OtherSubject,
    /// It was won by another trial.
    #[error("it is of another trial ({is}) than the one that is required ({required})")]
    OtherTrial {
        /// Digest of the trial that it is of.
        is: Digest,
        /// Digest of the trial that is required.
        required: Digest,
    },
    /// It says what cannot be so.
    #[error("it contradicts itself: {0}")]
    Contradiction(String),
    /// Nothing is required, so nothing is shown.
    #[error("its trial has no step: an empty list proves nothing")]
    NothingRequired,
    /// Nothing was run.
    #[error("nothing was run, only looked at")]
    Inspected,
    /// A required result is missing.
    #[error("there is no result of probe `{0}`")]
    Missing(String),
    /// A probe was tried and failed, or could not be tried.
    #[error("probe `{probe}`: {reason}")]
    NotPassed {
        /// The probe.
        probe: String,
        /// What came of it.
        reason: String,
    },
    /// Native evidence is required, and there is only an emulator's.
    #[error("probe `{0}` was emulated, and a native run is required")]
    Emulated(String),
}

impl Trial {
    /// Identity: digest of the canonical JSON.
    pub fn digest(&self) -> Digest {
        Digest::of(&crate::canonical_json(self))
    }

    /// Every probe, on the processor at hand, and on one of a lesser level where there is to be one.
    fn required(&self, lesser: Option<CpuLevel>) -> impl Iterator<Item = (&Probe, Option<CpuLevel>)> {
        let processors = std::iter::once(None).chain(lesser.map(Some));
        processors.flat_map(|cpu| self.steps.iter().map(move |probe| (probe, cpu)))
    }

    /// Whether results on a processor belong here: on that at hand, on one of the declared level, or on a plain one where none is declared.
    fn may_run_on(&self, cpu: Option<CpuLevel>) -> bool {
        cpu.is_none_or(|level| level == self.cpu.unwrap_or(CpuLevel::V1))
    }
}

impl Evidence {
    /// Whether it is about this artifact, and exactly these bytes under this name.
    pub fn is_about(&self, artifact: &ArtifactId, file: &FileName, bytes: Digest) -> bool {
        let named = self.trial.subjects.get(artifact).is_some_and(|subject| subject.file_name == *file);
        named && self.subjects.get(file) == Some(&bytes)
    }

    /// Whether every probe of the trial with the digest `required` passed, and nothing in it contradicts that.
    ///
    /// # Errors
    /// The first thing that stands in the way.
    pub fn shows(&self, required: Digest) -> Result<(), NotShown> {
        if self.required != required {
            return Err(NotShown::OtherTrial { is: self.required, required });
        }
        self.is_consistent()?;
        if self.trial.steps.is_empty() || self.trial.subjects.is_empty() {
            return Err(NotShown::NothingRequired);
        }
        if self.means == Means::Inspected {
            return Err(NotShown::Inspected);
        }
        let outcomes = self.results.iter().map(|result| ((&result.probe, result.cpu), &result.outcome)).collect::<BTreeMap<_, _>>();
        for (probe, cpu) in self.trial.required(self.lesser()) {
            let told = told_probe(&probe.name, cpu);
            let outcome = outcomes.get(&(&probe.name, cpu)).ok_or_else(|| NotShown::Missing(told.clone()))?;
            passed(told.clone(), outcome)?;
            // A processor of a level is always emulated, beside the native run.
            if self.trial.native && cpu.is_none() && self.means != Means::Native {
                return Err(NotShown::Emulated(told));
            }
        }
        // No level is required where none was declared; but what was tried on a plain processor and failed there dies with users.
        self.results.iter().try_for_each(|result| passed(result.told(), &result.outcome))
    }

    /// The lesser processor that every probe must have passed on: of the declared level; where none is declared, a plain one if the target is
    /// x86-64 and nothing says why that was not tried, or if it was tried at all.
    fn lesser(&self) -> Option<CpuLevel> {
        let is_x86_64 = self.trial.target.as_ref().is_some_and(|target| target.arch() == "x86_64");
        let silent = is_x86_64 && self.plain_not_tried.is_none();
        let tried = self.results.iter().any(|result| result.cpu.is_some());
        self.trial.cpu.or((silent || tried).then_some(CpuLevel::V1))
    }

    /// Whether its parts fit each other: the trial its digest, the results the trial's probes, and each outcome what it was made of.
    fn is_consistent(&self) -> Result<(), NotShown> {
        let wrong = |what: String| Err(NotShown::Contradiction(what));
        let is = self.trial.digest();
        if is != self.required {
            return wrong(format!("it names the trial {}, and holds the trial {is}", self.required));
        }
        if self.root.name != self.trial.root {
            return wrong(format!("it ran in {}, and its trial asks for {}", self.root.name, self.trial.root));
        }
        let files = self.trial.subjects.values().map(|subject| &subject.file_name).collect::<BTreeSet<_>>();
        if !files.iter().copied().eq(self.subjects.keys()) || files.len() != self.trial.subjects.len() {
            return wrong("the files that it is about are not those of its trial".to_owned());
        }
        // What wine emulates is scrubbed of, too, but not this machine as it is: wine's own system stands around it, and that has a digest.
        let is_a_machine = self.root.name.as_str() == "scrubbed" && !self.means.is_wine();
        if is_a_machine != self.root.digest.is_none() {
            return wrong("a root has a digest, but for `scrubbed`, which is this or that machine if it is not wine's".to_owned());
        }
        if self.means.is_wine() && self.root.name.as_str() != "scrubbed" {
            return wrong(format!("it was won by wine, whose Windows is no {}", self.root.name));
        }
        let probes = self.trial.steps.iter().map(|probe| (&probe.name, probe)).collect::<BTreeMap<_, _>>();
        if probes.len() != self.trial.steps.len() {
            return wrong("two probes of its trial have one name".to_owned());
        }
        let mut seen = BTreeSet::new();
        for result in &self.results {
            let of_trial = probes.get(&result.probe).filter(|probe| probe.digest() == result.definition);
            let Some(probe) = of_trial.filter(|_| self.trial.may_run_on(result.cpu)) else {
                return wrong(format!("its trial has no probe `{}` of this definition", result.told()));
            };
            if !seen.insert((&result.probe, result.cpu)) {
                return wrong(format!("it has two results of probe `{}`", result.told()));
            }
            if let Some(how) = unexpected(probe, result) {
                return wrong(format!("probe `{}` is told as passed, and {how}", result.told()));
            }
        }
        let plain = self.plain_not_tried.is_some();
        if plain && (self.trial.cpu.is_some() || self.results.iter().any(|result| result.cpu.is_some())) {
            return wrong("it says that a plain processor was not tried, and has results of a lesser one or asks for them".to_owned());
        }
        Ok(())
    }
}

fn passed(probe: String, outcome: &Outcome) -> Result<(), NotShown> {
    match outcome {
        Outcome::Passed => Ok(()),
        Outcome::Failed(reason) | Outcome::NotRun(reason) => Err(NotShown::NotPassed { probe, reason: reason.clone() }),
    }
}

/// The name of a program's file without what Windows ends it with.
fn file_name(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".exe").unwrap_or(name)
}

/// How a result that is told as passed ended otherwise than its probe expects. What is stopped once it has said enough ends in any way.
fn unexpected(probe: &Probe, result: &ProbeResult) -> Option<String> {
    if result.outcome != Outcome::Passed {
        return None;
    }
    let told = match &probe.start {
        Start::Run(words) => words.get(1..).unwrap_or_default(),
        Start::Script(script) => std::slice::from_ref(script),
        // What a client does for it is the client's business; evidence tells it.
        Start::Client { .. } => &[],
    };
    // Before these stand an emulator, and where the program lies in the root.
    let program = result.ran.strip_suffix(told).and_then(<[String]>::last);
    let is_it = |program: &String| match &probe.start {
        Start::Run(words) => words.first().is_some_and(|named| file_name(program) == file_name(named)),
        Start::Script(_) | Start::Client { .. } => true,
    };
    if !program.is_some_and(is_it) {
        return Some("ran something else".to_owned());
    }
    let single_line = |text: &&String| !text.contains(['\n', '\r']);
    let wanted = probe.expect.output.iter().chain(&probe.until).filter(single_line);
    if let Some(text) = wanted.filter(|_| result.said.len() < WHOLE).find(|text| !result.said.contains(text.as_str())) {
        return Some(format!("did not say `{text}`"));
    }
    if probe.until.is_some() {
        return None;
    }
    match (result.signal, result.status) {
        (Some(signal), _) => Some(format!("was ended by signal {signal}")),
        (None, Some(status)) if status == probe.expect.status => None,
        (None, Some(status)) => Some(format!("ended with exit status {status}, where {} is expected", probe.expect.status)),
        (None, None) => Some("has no exit status".to_owned()),
    }
}

#[cfg(test)]
pub(crate) mod tests;
