//! Claims held against statements: what a release says of an artifact is believed as far as evidence in it shows just that.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Digest;
use crate::evidence::Evidence;
use crate::names::{ArtifactId, FileName, RootName};
use crate::release::{ReleaseDocument, ReleasedArtifact, Won};
use crate::trial::NotShown;

/// Names that no artifact of a release can have for its file: its documents lie beside it.
const RESERVED: [&str; 3] = ["release.json", "SHA256SUMS", "evidence"];

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
    /// There is no claim for a root that is required.
    #[error("{0} is required, and nothing is claimed of it")]
    NotClaimed(RootName),
    /// A claim is made twice, or for a root that is not required.
    #[error("{0} is claimed, and not required, or claimed twice")]
    NotRequired(RootName),
    /// A claim has no statement.
    #[error("no statement is about {0}")]
    NoStatement(RootName),
    /// A statement does not show the claim.
    #[error("the statement about {root} does not show it: {why}")]
    NotShown {
        /// The root.
        root: RootName,
        /// Why not.
        why: NotShown,
    },
    /// A claim says something else than its statement.
    #[error("the statement about {root} has another {what}")]
    Differs {
        /// The root.
        root: RootName,
        /// What is told otherwise.
        what: &'static str,
    },
}

/// Name of the file below `evidence/` for what an artifact showed in a root. `:` of a distribution becomes `-`: names contain only characters
/// that release pages keep.
pub fn statement_file(artifact: &ArtifactId, root: &RootName) -> FileName {
    let text = format!("{}.{}.json", artifact.file_stem(), root.as_str().replace(':', "-"));
    text.parse().unwrap_or_else(|_| unreachable_name())
}

#[expect(clippy::unreachable, reason = "ids and root names hold only characters that a file name may hold, and are shorter than its limit")]
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

    /// Whether an older plimsoll sealed it, which did not write down what was required: its claims cannot be held against its statements.
    pub fn is_older(&self) -> bool {
        self.artifacts.iter().all(|artifact| artifact.required.is_empty())
    }

    /// Statements of which no claim is made.
    pub fn unclaimed(&self) -> impl Iterator<Item = &FileName> {
        let required =
            |artifact: &ReleasedArtifact| artifact.required.keys().map(|root| statement_file(&artifact.id, root)).collect::<Vec<_>>();
        let wanted = self.artifacts.iter().flat_map(required).collect::<BTreeSet<_>>();
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
            let required = self.required.get(&won.root).filter(|_| claimed.insert(&won.root));
            let required = *required.ok_or_else(|| NotClaimable::NotRequired(won.root.clone()))?;
            self.claim(won, required, statements)?;
        }
        match self.required.keys().find(|root| !claimed.contains(root)) {
            Some(root) => Err(NotClaimable::NotClaimed(root.clone())),
            None => Ok(()),
        }
    }

    fn claim(&self, won: &Won, required: Digest, statements: &BTreeMap<FileName, Evidence>) -> Result<(), NotClaimable> {
        let root = || won.root.clone();
        let evidence = statements.get(&statement_file(&self.id, &won.root)).ok_or_else(|| NotClaimable::NoStatement(root()))?;
        let about = if evidence.is_about(&self.id, &self.file_name, self.sha256) { Ok(()) } else { Err(NotShown::OtherSubject) };
        about.and_then(|()| evidence.shows(required)).map_err(|why| NotClaimable::NotShown { root: root(), why })?;
        let told = [
            ("root", evidence.root.name == won.root),
            ("C library", evidence.root.libc == won.libc),
            ("means", evidence.means == won.means),
            ("word on a plain processor", evidence.plain_not_tried == won.plain_not_tried),
            ("level of the processor", evidence.trial.cpu == self.cpu),
            ("list of programs", evidence.trial.binaries == self.binaries),
        ];
        match told.into_iter().find(|(_, same)| !same) {
            Some((what, _)) => Err(NotClaimable::Differs { root: root(), what }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
