//! What evidence claims: which probes of which artifact passed where, and by what means. Two runs claim the same whatever the clock said, however
//! long it took, and whichever versions of tools took part.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use plimsoll_model::{ArtifactId, CpuLevel, Digest, Evidence, Means, Outcome, ReleaseDocument, RootName, Target};

/// The claim of one trial's evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Claim {
    artifacts: BTreeSet<ArtifactId>,
    root: RootName,
    target: Option<Target>,
    /// None: by a machine of its own kind.
    emulator: Option<String>,
    /// Probes by name and definition, and the level of the processor that is declared. What was tried beyond that depends on the machine.
    probes: BTreeSet<(String, Digest, Option<CpuLevel>)>,
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let probes = self.probes.iter().map(|(probe, definition, cpu)| {
            let on = cpu.map(|level| format!(" on {level}")).unwrap_or_default();
            format!("{probe}{on} ({})", definition.short())
        });
        let means = self.emulator.as_deref().unwrap_or("native");
        let artifacts = self.artifacts.iter().map(ArtifactId::as_str).collect::<Vec<_>>().join(" with ");
        write!(f, "{artifacts} in {}, {means}: {}", self.root, probes.collect::<Vec<_>>().join(", "))
    }
}

/// The claims of a release's evidence; what did not pass, or was only looked at, claims nothing.
pub(super) fn claims<'a>(document: &ReleaseDocument, evidence: impl IntoIterator<Item = &'a Evidence>) -> BTreeSet<Claim> {
    let levels = document.artifacts.iter().map(|artifact| (&artifact.id, artifact.cpu)).collect::<BTreeMap<_, _>>();
    let claim = |evidence: &Evidence| {
        let artifacts = evidence.trial.subjects.keys();
        let level = artifacts.clone().filter_map(|id| levels.get(id).copied().flatten()).max();
        let passed = evidence.results.iter().filter(|result| result.outcome == Outcome::Passed);
        let required = passed.filter(|result| result.cpu.is_none() || result.cpu == level);
        let emulator = match &evidence.means {
            Means::Inspected => return None,
            Means::Native => None,
            Means::Emulated { emulator, .. } => Some(emulator.clone()),
        };
        Some(Claim {
            artifacts: artifacts.cloned().collect(),
            root: evidence.root.name.clone(),
            target: evidence.trial.target.clone(),
            emulator,
            probes: required.map(|result| (result.probe.clone(), result.definition, result.cpu)).collect(),
        })
    };
    evidence.into_iter().filter_map(claim).collect()
}
