//! Claims held against statements: what a release says of an artifact is believed as far as evidence in it shows just that.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Digest;
use crate::evidence::Evidence;
use crate::names::{ArtifactId, FileName, TrialId};
use crate::release::{EVIDENCE_FOLDER, RELEASE_FILE, RELEASE_SCHEMA, ReleaseDocument, ReleasedArtifact, SUMS_FILE, Won};
use crate::target::Target;
use crate::trial::NotShown;

/// Names that no artifact of a release can have for its file: its documents lie beside it.
const RESERVED: [&str; 3] = [RELEASE_FILE, SUMS_FILE, EVIDENCE_FOLDER];

/// What a release document says of itself that cannot be so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// There is nothing to be had.
    #[error("holds no artifact")]
    Empty,
    /// Two artifacts, or an artifact and a gap, have one id.
    #[error("names {0} twice")]
    Twice(ArtifactId),
    /// Kind, name or target are not those of the id.
    #[error("says that {id} is {is}")]
    Id {
        /// The id.
        id: ArtifactId,
        /// The id that its kind, name and target make.
        is: ArtifactId,
    },
    /// Two artifacts share a file name, or one has that of a document.
    #[error("gives {artifact} the file name `{file}`, which is that of another file of the release")]
    SameFile {
        /// The artifact.
        artifact: ArtifactId,
        /// The name.
        file: FileName,
    },
}

/// Why an artifact may not be claimed as a release claims it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotClaimable {
    /// It does not say what was required.
    #[error("it does not say what was required of it, as releases of an older plimsoll do not")]
    Older,
    /// There is no claim for a trial that is required.
    #[error("trial {0} is required, and nothing is claimed of it")]
    NotClaimed(TrialId),
    /// A claim is made twice, or for a trial that is not required.
    #[error("{0} is claimed, and not required, or claimed twice")]
    NotRequired(String),
    /// A target is claimed, and no trial was for it.
    #[error("it is claimed for {0}, and no trial was for that")]
    NoTrial(Target),
    /// Nothing was asked of it by itself.
    #[error("it was tried by tests of several artifacts only, and by no trial of its own")]
    NeverAlone,
    /// It is claimed for every machine, and each trial was for one target.
    #[error("it is claimed for every machine, and each of its trials was for one target")]
    NotForAny,
    /// A claim has no statement.
    #[error("there is no statement of trial {0}")]
    NoStatement(TrialId),
    /// A statement does not show the claim.
    #[error("the statement of trial {trial} does not show it: {why}")]
    NotShown {
        /// The trial.
        trial: TrialId,
        /// Why not.
        why: NotShown,
    },
    /// A claim says something else than its statement.
    #[error("the statement of trial {trial} has another {what}")]
    Differs {
        /// The trial.
        trial: TrialId,
        /// What is told otherwise.
        what: &'static str,
    },
}

/// Name of the file below `evidence/` for what a trial showed. `/` and `:` become `-`: names contain only characters that release pages keep. An id
/// too long for a file name is cut, and its digest stands for the rest.
pub fn statement_file(trial: &TrialId) -> FileName {
    let stem = trial.file_stem();
    let whole = format!("{stem}.json").parse();
    whole.unwrap_or_else(|_| {
        let short = Digest::of(trial.as_str().as_bytes()).short();
        let start = stem.chars().take(200).collect::<String>();
        format!("{start}.{short}.json").parse().unwrap_or_else(|_| unreachable_name())
    })
}

#[expect(
    clippy::unreachable,
    reason = "the ids of trials hold only characters that a file name may hold, and start with a letter or digit"
)]
fn unreachable_name() -> FileName {
    unreachable!("an evidence file's name is made of valid names")
}

impl ReleaseDocument {
    /// Whether its parts fit each other: there are artifacts, each with an id and a file of its own, and what is told beside the id is what the
    /// id tells.
    ///
    /// # Errors
    /// The first contradiction.
    pub fn is_consistent(&self) -> Result<(), Contradiction> {
        if self.artifacts.is_empty() {
            return Err(Contradiction::Empty);
        }
        let mut files = BTreeSet::from(RESERVED);
        let mut ids = BTreeSet::new();
        for artifact in &self.artifacts {
            let (id, file) = (&artifact.id, &artifact.file_name);
            let is = ArtifactId::new(&artifact.kind, &artifact.name, artifact.target.as_ref());
            if is != *id {
                return Err(Contradiction::Id { id: id.clone(), is });
            }
            if !ids.insert(id) {
                return Err(Contradiction::Twice(id.clone()));
            }
            if !files.insert(file.as_str()) {
                return Err(Contradiction::SameFile { artifact: id.clone(), file: file.clone() });
            }
        }
        match self.gaps.iter().find(|gap| !ids.insert(&gap.artifact)) {
            Some(gap) => Err(Contradiction::Twice(gap.artifact.clone())),
            None => Ok(()),
        }
    }

    /// Whether an older plimsoll sealed it, which wrote down otherwise or not at all what was required: its claims cannot be held against its
    /// statements.
    pub fn is_older(&self) -> bool {
        self.schema < RELEASE_SCHEMA || self.artifacts.iter().all(|artifact| artifact.required.is_empty())
    }

    /// Statements of which no claim is made.
    pub fn unclaimed(&self) -> impl Iterator<Item = &FileName> {
        let wanted = self.artifacts.iter().flat_map(|artifact| artifact.required.keys().map(statement_file)).collect::<BTreeSet<_>>();
        self.evidence.keys().filter(move |file| !wanted.contains(*file))
    }
}

impl ReleasedArtifact {
    /// Holds the claims against evidence by the names of its files: by id, file name and digest of the artifact, and by what was required.
    ///
    /// # Errors
    /// The first claim that is not shown, or requirement that is not claimed.
    pub fn is_shown_by(&self, statements: &BTreeMap<FileName, Evidence>) -> Result<(), NotClaimable> {
        if self.required.is_empty() {
            return Err(NotClaimable::Older);
        }
        let mut claimed = BTreeSet::new();
        for won in &self.proven {
            let named = won.trial.as_ref().and_then(|trial| self.required.get_key_value(trial)).filter(|(trial, _)| claimed.insert(*trial));
            let told = || won.trial.as_ref().map_or_else(|| won.root.to_string(), TrialId::to_string);
            let (trial, required) = named.ok_or_else(|| NotClaimable::NotRequired(told()))?;
            self.claim(trial, won, *required, statements)?;
        }
        if let Some(trial) = self.required.keys().find(|trial| !claimed.contains(trial)) {
            return Err(NotClaimable::NotClaimed(trial.clone()));
        }
        let is_own = claimed.iter().any(|trial| trial.is_of(&self.id));
        let statements = claimed.into_iter().filter_map(|trial| statements.get(&statement_file(trial)));
        let trials = statements.map(|evidence| &evidence.trial).collect::<Vec<_>>();
        // What needs another artifact has that beside it in its own trials.
        if !is_own && !trials.iter().any(|trial| trial.subjects.len() == 1) {
            return Err(NotClaimable::NeverAlone);
        }
        if self.target.is_none() && self.targets.is_empty() && trials.iter().all(|trial| trial.target.is_some()) {
            return Err(NotClaimable::NotForAny);
        }
        let tried = trials.iter().filter_map(|trial| trial.target.as_ref()).collect::<BTreeSet<_>>();
        match self.targets.iter().find(|target| !tried.contains(target)) {
            Some(target) => Err(NotClaimable::NoTrial(target.clone())),
            None => Ok(()),
        }
    }

    fn claim(&self, trial: &TrialId, won: &Won, required: Digest, statements: &BTreeMap<FileName, Evidence>) -> Result<(), NotClaimable> {
        let evidence = statements.get(&statement_file(trial)).ok_or_else(|| NotClaimable::NoStatement(trial.clone()))?;
        let about = if evidence.is_about(&self.id, &self.file_name, self.sha256) { Ok(()) } else { Err(NotShown::OtherSubject) };
        about.and_then(|()| evidence.shows(required)).map_err(|why| NotClaimable::NotShown { trial: trial.clone(), why })?;
        let subject = evidence.trial.subjects.get(&self.id);
        // What is installed together runs on the processor that the most demanding of them needs.
        let is_alone = evidence.trial.subjects.len() == 1;
        let target = evidence.trial.target.as_ref();
        let tried_where_claimed = match &self.target {
            Some(own) => target == Some(own),
            None => self.targets.is_empty() || target.is_some_and(|target| self.targets.contains(target)),
        };
        let told = [
            ("target", tried_where_claimed),
            ("root", evidence.root.name == won.root),
            ("C library", evidence.root.libc == won.libc),
            ("means", evidence.means == won.means),
            ("word on a plain processor", evidence.plain_not_tried == won.plain_not_tried),
            ("level of the processor", if is_alone { evidence.trial.cpu == self.cpu } else { evidence.trial.cpu >= self.cpu }),
            ("list of programs", subject.is_some_and(|subject| subject.binaries == self.binaries)),
        ];
        match told.into_iter().find(|(_, same)| !same) {
            Some((what, _)) => Err(NotClaimable::Differs { trial: trial.clone(), what }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
