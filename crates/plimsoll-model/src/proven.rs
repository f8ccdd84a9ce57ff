//! The rule: an artifact is Proven only by evidence, about exactly its bytes, for everything that the plan requires.

use crate::digest::{Digest, Hashed};
use crate::evidence::{Evidence, Means, Outcome, ProbeResult, told_probe};
use crate::floor::CpuLevel;
use crate::names::{ArtifactId, RootName};
use crate::plan::{Plan, Want};
use crate::probe::Probe;

/// What must pass before an artifact may be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Required<'a> {
    /// Where.
    pub root: &'a RootName,
    /// What.
    pub probe: &'a Probe,
    /// On a processor of this level of x86-64 that has no more; none: on the processor at hand.
    pub cpu: Option<CpuLevel>,
}

impl Required<'_> {
    /// Whether a result is about this.
    fn is_met_by(&self, evidence: &Evidence, result: &ProbeResult) -> bool {
        evidence.root.name == *self.root
            && evidence.means != Means::Inspected
            && result.probe == self.probe.name
            && result.definition == self.probe.digest()
            && result.cpu == self.cpu
    }
}

impl Plan {
    /// What must pass before `artifact` may be claimed: every probe in every root, and once more on a processor of the level that was declared;
    /// empty for what is not wanted.
    pub fn required(&self, artifact: &ArtifactId) -> Vec<Required<'_>> {
        let Some(plan) = self.artifacts.get(artifact).filter(|plan| plan.want == Want::Wanted) else { return Vec::new() };
        let processors = std::iter::once(None).chain(plan.cpu.map(Some)).collect::<Vec<_>>();
        let mut required = Vec::new();
        for root in &plan.roots {
            for cpu in &processors {
                required.extend(plan.probes.iter().map(|probe| Required { root, probe, cpu: *cpu }));
            }
        }
        required
    }
}

/// An artifact with all the evidence that the plan requires.
///
/// Private fields, no `Deserialize`, one constructor: a claim can be derived from it, never typed by hand.
#[derive(Debug, Clone)]
pub struct Proven {
    artifact: ArtifactId,
    hashed: Hashed,
    evidence: Vec<Evidence>,
    plan: Digest,
}

/// Why an artifact is not proven.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotProven {
    /// The plan has no such artifact.
    #[error("the plan has no artifact {0}")]
    Unknown(ArtifactId),
    /// The plan does not want it shipped.
    #[error("{0} is not wanted: it is planned or deferred")]
    NotWanted(ArtifactId),
    /// Nothing is required, so nothing is proven.
    #[error("{0} has no probe or no root: an empty list proves nothing")]
    NothingRequired(ArtifactId),
    /// A required result is missing or is about something else.
    #[error("{artifact}: no evidence of probe `{probe}` in {root} for these bytes")]
    Missing {
        /// The artifact.
        artifact: ArtifactId,
        /// The probe.
        probe: String,
        /// The root.
        root: RootName,
    },
    /// A required probe was tried and failed, or could not be tried.
    #[error("{artifact}: probe `{probe}` in {root}: {reason}")]
    NotPassed {
        /// The artifact.
        artifact: ArtifactId,
        /// The probe.
        probe: String,
        /// The root.
        root: RootName,
        /// What came of it.
        reason: String,
    },
    /// Native evidence is required, and there is only an emulator's.
    #[error("{artifact}: probe `{probe}` in {root} was emulated, and the plan requires a native run")]
    Emulated {
        /// The artifact.
        artifact: ArtifactId,
        /// The probe.
        probe: String,
        /// The root.
        root: RootName,
    },
}

impl Proven {
    /// Holds the evidence against the plan's requirements.
    ///
    /// # Errors
    /// The first requirement that is not met.
    pub fn new(plan: &Plan, artifact: ArtifactId, hashed: Hashed, evidence: &[Evidence]) -> Result<Self, NotProven> {
        let planned = plan.artifacts.get(&artifact).ok_or_else(|| NotProven::Unknown(artifact.clone()))?;
        if planned.want != Want::Wanted {
            return Err(NotProven::NotWanted(artifact));
        }
        let required = plan.required(&artifact);
        if required.is_empty() {
            return Err(NotProven::NothingRequired(artifact));
        }
        let relevant = evidence
            .iter()
            .filter(|evidence| evidence.artifact == artifact && evidence.subjects.get(&planned.file_name) == Some(&hashed.digest()))
            .collect::<Vec<_>>();
        for required in required {
            let (artifact, probe, root) = (artifact.clone(), told_probe(&required.probe.name, required.cpu), required.root.clone());
            let found = relevant.iter().find_map(|evidence| {
                let result = evidence.results.iter().find(|result| required.is_met_by(evidence, result))?;
                Some((&evidence.means, &result.outcome))
            });
            match found {
                None => return Err(NotProven::Missing { artifact, probe, root }),
                Some((_, Outcome::Failed(reason) | Outcome::NotRun(reason))) => {
                    return Err(NotProven::NotPassed { artifact, probe, root, reason: reason.clone() });
                }
                // A processor of a level is always emulated, beside the native run.
                Some((Means::Emulated { .. }, Outcome::Passed)) if planned.native && required.cpu.is_none() => {
                    return Err(NotProven::Emulated { artifact, probe, root });
                }
                Some((_, Outcome::Passed)) => {}
            }
        }
        // No level is required where none was declared; but what was tried on a plain processor and failed there dies with users.
        for evidence in &relevant {
            for result in evidence.results.iter().filter(|result| result.cpu.is_some()) {
                if let Outcome::Failed(reason) = &result.outcome {
                    let (probe, root, reason) = (result.told(), evidence.root.name.clone(), reason.clone());
                    return Err(NotProven::NotPassed { artifact, probe, root, reason });
                }
            }
        }
        let evidence = relevant.into_iter().cloned().collect();
        Ok(Self { artifact, hashed, evidence, plan: plan.id() })
    }

    /// Which artifact.
    pub fn artifact(&self) -> &ArtifactId {
        &self.artifact
    }

    /// Digest and size of its bytes.
    pub fn hashed(&self) -> Hashed {
        self.hashed
    }

    /// All evidence about these bytes.
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// Id of the plan that required it.
    pub fn plan(&self) -> Digest {
        self.plan
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const BYTES: &[u8] = b"bytes";

    /// A plan for one archive, which needs a level or declares none.
    fn plan(cpu: Option<CpuLevel>) -> Plan {
        let artifact = serde_json::json!({
            "kind": "archive", "name": "a", "target": "x86_64-unknown-linux-gnu", "want": "wanted", "file_name": "a.tar.xz",
            "product": "a/x86_64-unknown-linux-gnu", "binaries": ["a"], "roots": ["sandbox"], "cpu": cpu,
            "probes": [{ "name": "version", "start": { "run": ["a"] }, "timeout": 5, "expect": { "status": 0 } }],
        });
        let plan = serde_json::json!({
            "schema": 1, "name": "a", "version": "1.0.0", "source": { "digest": Digest::of(b""), "dirty": false }, "epoch": 0,
            "targets": {}, "products": {}, "artifacts": { "archive.a/x86_64-unknown-linux-gnu": artifact }, "gates": {}, "nodes": {},
        });
        serde_json::from_value(plan).unwrap()
    }

    fn evidence(plan: &Plan, results: &[(Option<CpuLevel>, Outcome)]) -> Evidence {
        let (id, artifact) = plan.artifacts.iter().next().unwrap();
        let probe = &artifact.probes[0];
        let outcomes = results.iter().map(|(_, outcome)| outcome.clone()).collect::<Vec<_>>();
        let about_nothing = crate::evidence::tests::evidence(Means::Native, &outcomes);
        let about = |(result, (cpu, _)): (ProbeResult, &(Option<CpuLevel>, Outcome))| ProbeResult {
            probe: probe.name.clone(),
            definition: probe.digest(),
            cpu: *cpu,
            ..result
        };
        Evidence {
            artifact: id.clone(),
            subjects: BTreeMap::from([(artifact.file_name.clone(), Digest::of(BYTES))]),
            results: about_nothing.results.into_iter().zip(results).map(about).collect(),
            ..about_nothing
        }
    }

    fn proven(cpu: Option<CpuLevel>, results: &[(Option<CpuLevel>, Outcome)]) -> Result<Proven, NotProven> {
        let plan = plan(cpu);
        let (id, mut bytes) = (plan.artifacts.keys().next().unwrap().clone(), BYTES);
        Proven::new(&plan, id, Hashed::read(&mut bytes).unwrap(), &[evidence(&plan, results)])
    }

    #[test]
    fn a_declared_level_is_required() {
        let (native, third) = ((None, Outcome::Passed), (Some(CpuLevel::V3), Outcome::Passed));
        assert!(proven(Some(CpuLevel::V3), &[native.clone(), third.clone()]).is_ok());
        let missing = proven(Some(CpuLevel::V3), std::slice::from_ref(&native)).unwrap_err();
        assert_eq!(
            missing.to_string(),
            "archive.a/x86_64-unknown-linux-gnu: no evidence of probe `version on a plain x86-64-v3 processor` in sandbox for these bytes"
        );
        for other in [CpuLevel::V1, CpuLevel::V2, CpuLevel::V4] {
            assert!(matches!(
                proven(Some(CpuLevel::V3), &[native.clone(), (Some(other), Outcome::Passed)]),
                Err(NotProven::Missing { .. })
            ));
        }
        let not_run = (Some(CpuLevel::V3), Outcome::NotRun("no qemu".to_owned()));
        assert!(matches!(proven(Some(CpuLevel::V3), &[native, not_run]), Err(NotProven::NotPassed { .. })));
        assert!(matches!(proven(Some(CpuLevel::V3), &[third]), Err(NotProven::Missing { .. })));
    }

    #[test]
    fn what_failed_on_a_plain_processor_is_not_proven_and_what_was_not_tried_there_may_be() {
        let (native, plain) = ((None, Outcome::Passed), (Some(CpuLevel::V1), Outcome::Passed));
        assert!(proven(None, std::slice::from_ref(&native)).is_ok());
        assert!(proven(None, &[native.clone(), plain.clone()]).is_ok());
        assert!(matches!(proven(None, &[plain]), Err(NotProven::Missing { .. })));
        let died = (Some(CpuLevel::V1), Outcome::Failed("ended by SIGILL".to_owned()));
        let refused = proven(None, &[native, died]).unwrap_err().to_string();
        assert!(refused.ends_with("probe `version on a plain x86-64 processor` in sandbox: ended by SIGILL"), "{refused}");
    }
}
