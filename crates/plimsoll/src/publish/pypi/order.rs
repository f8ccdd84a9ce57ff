//! What of a release goes to an index, and in which order: what a project needs is there before it, so that nobody installs half of it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{Digest, ReleaseDocument, ReleasedArtifact, Statement};

use crate::kinds;
use crate::publish::edition::{Edition, EditionFile};

/// Project → projects of the release that it needs.
type Needs = BTreeMap<String, BTreeSet<String>>;

/// The files with their projects: those of what is needed before those of what needs it, and of one project what installs at once before what must
/// be built.
pub(super) fn files(edition: &Edition) -> Vec<(String, EditionFile)> {
    let document = edition.document();
    let rank = ranks(needs(edition));
    let files = edition.files();
    let mut found = indexed(document).filter_map(|(artifact, indexed)| {
        let file = files.iter().find(|file| file.name == artifact.file_name.as_str())?;
        let rank = rank.get(&indexed.project).copied().unwrap_or(usize::MAX);
        Some(((rank, indexed.turn, file.name.clone()), (indexed.project, file.clone())))
    });
    let found = found.by_ref().collect::<BTreeMap<_, _>>();
    found.into_values().collect()
}

/// The projects of a release on an index, each with the files that it has.
pub(super) fn projects(document: &ReleaseDocument) -> BTreeMap<String, String> {
    indexed(document).map(|(artifact, indexed)| (artifact.file_name.to_string(), indexed.project)).collect()
}

fn indexed(document: &ReleaseDocument) -> impl Iterator<Item = (&ReleasedArtifact, kinds::Indexed)> {
    document.artifacts.iter().filter_map(|artifact| Some((artifact, kinds::indexed(&artifact.kind, &artifact.file_name)?)))
}

/// An artifact needs what else is a subject of a trial of its own.
fn needs(edition: &Edition) -> Needs {
    let document = edition.document();
    let projects = indexed(document).map(|(artifact, indexed)| (&artifact.id, indexed.project)).collect::<BTreeMap<_, _>>();
    let statements = edition.documents().values().filter_map(|bytes| serde_json::from_slice::<Statement>(bytes).ok());
    let trials = statements.filter_map(|statement| statement.evidence().ok().map(|evidence| (evidence.required, evidence.trial.clone())));
    let trials = trials.collect::<BTreeMap<Digest, _>>();
    let mut needs = Needs::new();
    for (artifact, indexed) in indexed(document) {
        let own = artifact.required.iter().filter(|(trial, _)| trial.is_of(&artifact.id));
        let subjects = own.filter_map(|(_, digest)| trials.get(digest)).flat_map(|trial| trial.subjects.keys());
        let others = subjects.filter_map(|id| projects.get(id)).filter(|project| **project != indexed.project);
        needs.entry(indexed.project.clone()).or_default().extend(others.cloned());
    }
    needs
}

/// The place of each project; of those that need each other, the first by name is first.
fn ranks(mut needs: Needs) -> BTreeMap<String, usize> {
    let mut ranks = BTreeMap::new();
    while let Some(first) = needs.keys().next() {
        let ready = needs.iter().find(|(_, needed)| needed.iter().all(|other| ranks.contains_key(other)));
        let next = ready.map_or(first, |(project, _)| project).clone();
        needs.remove(&next);
        ranks.insert(next, ranks.len());
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_comes_first_whatever_it_is_called() {
        let ranked = |needs: &[(&str, &[&str])]| {
            let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            let ranks = ranks(needs.iter().map(|(name, needed)| ((*name).to_owned(), set(needed))).collect());
            let mut names = ranks.into_iter().map(|(name, rank)| (rank, name)).collect::<Vec<_>>();
            names.sort();
            names.into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(ranked(&[("htty", &["htty-core"]), ("htty-core", &[])]), "htty-core htty");
        assert_eq!(ranked(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[]), ("d", &[])]), "c b a d");
        assert_eq!(ranked(&[("a", &["b"]), ("b", &["a"]), ("c", &["a"])]), "a b c");
    }
}
