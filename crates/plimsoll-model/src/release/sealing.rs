//! The seal: from proven artifacts to the document that tells of them and the statements that show it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Gap, GapKind, Measured, RELEASE_SCHEMA, Release, ReleaseDocument, ReleasedArtifact, Won, nothing};
use crate::claims::statement_file;
use crate::digest::Digest;
use crate::evidence::Statement;
use crate::names::{ArtifactId, FileName, TrialId};
use crate::plan::{ArtifactPlan, Fits, Plan, Want};
use crate::proven::Proven;
use crate::target::Target;

/// Why proven artifacts do not make a release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotARelease {
    /// There is nothing to release.
    #[error("nothing is proven, so there is nothing to seal")]
    Empty,
    /// An artifact was proven under another plan.
    #[error("{0} was proven under another plan")]
    OtherPlan(ArtifactId),
    /// An artifact appears twice.
    #[error("{0} appears twice")]
    Twice(ArtifactId),
    /// A wanted artifact is neither proven nor explained.
    #[error("{0} is wanted, and neither proven nor named as a gap")]
    Unexplained(ArtifactId),
    /// A trial for one of several targets was not run, and nothing says why.
    #[error("{0} is required, and neither shown nor named as a gap")]
    UnexplainedTrial(TrialId),
    /// A trial of it names an artifact that is not released with it.
    #[error("{artifact} was proven together with {other}, which is not released")]
    Alone {
        /// What is released.
        artifact: ArtifactId,
        /// What is not.
        other: ArtifactId,
    },
    /// Its subjects were not tried together.
    #[error("the evidence of {0} is not the same for all of its subjects")]
    Apart(TrialId),
    /// Two trials would have one file for their evidence.
    #[error("the evidence of two trials would be the file {0}: rename one of their artifacts")]
    SameStatement(FileName),
}

impl Release {
    /// Seals proven artifacts, with the reasons for everything that is not among them.
    ///
    /// `gaps` must name every wanted artifact that is not proven, and `open` every trial that a proven one has [open](Proven::open), with the
    /// reasons; planned and deferred artifacts are added from the plan.
    ///
    /// # Errors
    /// [`NotARelease`] if the set is empty, mixed or unexplained.
    pub fn seal(
        plan: &Plan,
        proven: Vec<(Proven, Measured)>,
        gaps: BTreeMap<ArtifactId, GapKind>,
        open: &BTreeMap<TrialId, String>,
        from_source: Option<String>,
    ) -> Result<Self, NotARelease> {
        if proven.is_empty() {
            return Err(NotARelease::Empty);
        }
        let plan_id = plan.id();
        let statements = statements(&proven)?;
        let mut artifacts: BTreeMap<ArtifactId, ReleasedArtifact> = BTreeMap::new();
        for (proven, measured) in proven {
            let id = proven.artifact().clone();
            let planned = plan.artifacts.get(&id).filter(|_| proven.plan() == plan_id).ok_or_else(|| NotARelease::OtherPlan(id.clone()))?;
            let released = ReleasedArtifact { binaries: plan.binaries(planned), ..released(&proven, planned, measured, open)? };
            if artifacts.insert(id.clone(), released).is_some() {
                return Err(NotARelease::Twice(id));
            }
        }
        let gaps = all_gaps(plan, &artifacts, gaps)?;
        let mut document = ReleaseDocument {
            schema: RELEASE_SCHEMA,
            id: nothing(),
            name: plan.name.clone(),
            version: plan.version.clone(),
            source: plan.source.clone(),
            plan: plan_id,
            epoch: plan.epoch,
            from_source,
            artifacts: artifacts.into_values().collect(),
            gaps,
            evidence: statements.iter().map(|(name, bytes)| (name.clone(), Digest::of(bytes))).collect(),
        };
        document.id = document.computed_id();
        Ok(Self { document, statements })
    }
}

/// What the document says of an artifact, but for its binaries.
fn released(
    proven: &Proven,
    planned: &ArtifactPlan,
    measured: Measured,
    open: &BTreeMap<TrialId, String>,
) -> Result<ReleasedArtifact, NotARelease> {
    let won = proven.evidence().iter().map(|(trial, evidence)| Won {
        trial: Some(trial.clone()),
        root: evidence.root.name.clone(),
        libc: evidence.root.libc.clone(),
        means: evidence.means.clone(),
        plain_not_tried: evidence.plain_not_tried.clone(),
    });
    let why = |trial: &TrialId| {
        let reason = open.get(trial).ok_or_else(|| NotARelease::UnexplainedTrial(trial.clone()))?;
        Ok((trial.clone(), reason.clone()))
    };
    Ok(ReleasedArtifact {
        id: proven.artifact().clone(),
        kind: planned.kind.name(),
        name: planned.name.clone(),
        target: planned.fits.one().cloned(),
        targets: if let Fits::Several(targets) = &planned.fits { tried(proven, targets) } else { BTreeSet::new() },
        file_name: planned.file_name.clone(),
        sha256: proven.hashed().digest(),
        size: proven.hashed().size(),
        format: planned.kind.container().map(str::to_owned),
        binaries: Vec::new(),
        cpu: planned.cpu,
        measured,
        required: proven.evidence().iter().map(|(trial, evidence)| (trial.clone(), evidence.required)).collect(),
        gaps: proven.open().iter().map(why).collect::<Result<_, _>>()?,
        proven: won.collect(),
    })
}

/// The targets that something was shown of: only those are claimed.
fn tried(proven: &Proven, targets: &BTreeSet<Target>) -> BTreeSet<Target> {
    let shown = proven.evidence().values().filter_map(|evidence| evidence.trial.target.as_ref());
    shown.filter(|target| targets.contains(*target)).cloned().collect()
}

/// The files of `evidence/`: of a trial with several subjects there is one.
fn statements(proven: &[(Proven, Measured)]) -> Result<BTreeMap<FileName, Vec<u8>>, NotARelease> {
    let together = proven.iter().map(|(proven, _)| proven.artifact()).collect::<BTreeSet<_>>();
    let mut statements: BTreeMap<FileName, (&TrialId, Vec<u8>)> = BTreeMap::new();
    for (proven, _) in proven {
        for (trial, evidence) in proven.evidence() {
            if let Some(other) = evidence.trial.subjects.keys().find(|other| !together.contains(other)) {
                return Err(NotARelease::Alone { artifact: proven.artifact().clone(), other: other.clone() });
            }
            let (file, bytes) = (statement_file(trial), crate::document_json(&Statement::of(evidence)));
            if let Some((before, other)) = statements.insert(file.clone(), (trial, bytes.clone())) {
                if before != trial {
                    return Err(NotARelease::SameStatement(file));
                }
                if other != bytes {
                    return Err(NotARelease::Apart(trial.clone()));
                }
            }
        }
    }
    Ok(statements.into_iter().map(|(file, (_, bytes))| (file, bytes)).collect())
}

/// Every artifact of the plan is proven or has a reason why not.
fn all_gaps(
    plan: &Plan,
    proven: &BTreeMap<ArtifactId, ReleasedArtifact>,
    mut named: BTreeMap<ArtifactId, GapKind>,
) -> Result<Vec<Gap>, NotARelease> {
    let mut gaps = Vec::new();
    for (id, artifact) in &plan.artifacts {
        if proven.contains_key(id) {
            continue;
        }
        let kind = match &artifact.want {
            Want::Wanted => named.remove(id).ok_or_else(|| NotARelease::Unexplained(id.clone()))?,
            Want::Planned(reason) => GapKind::Planned(reason.clone()),
            Want::Deferred(reason) => GapKind::Deferred(reason.clone()),
        };
        gaps.push(Gap { artifact: id.clone(), kind });
    }
    Ok(gaps)
}
