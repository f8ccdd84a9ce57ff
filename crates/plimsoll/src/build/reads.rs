//! What a build of cargo's depends on of the sources: all of them but documents that it did not read. So an edit of a README that nobody includes
//! starts no compiler.
//!
//! What was read is told by cargo's dep-info, and by what build scripts say. A script that does not say what it reads may have read any file
//! of its package, as for cargo itself. A document beside one that was read is taken for another of those that something lists.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use plimsoll_model::{Digest, canonical_json};
use plimsoll_store::{ActionRecord, KeyBuilder, StoreError};
use serde::{Deserialize, Serialize};

use super::dep_info;
use super::messages::Messages;
use super::paths::BuildPaths;
use super::stage::{BuildRequest, BuildStage, Made};
use crate::sources::Sources;

/// What a build told of its reading. Paths are relative to the sources.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reads {
    /// Documents that were read, or would be if they were there.
    documents: BTreeSet<String>,
    /// Files and folders of which everything counts.
    folders: BTreeSet<String>,
    /// Folders of packages whose build script does not say what it reads.
    packages: BTreeSet<String>,
}

/// The part of a key that stands in for all sources.
const COUNTING: &str = "counting";

/// Endings of documents, in lower case.
const DOCUMENTS: [&str; 7] = ["md", "markdown", "mdx", "adoc", "asciidoc", "rst", "txt"];

/// Names of documents with any of these endings or none, up to the first `.`, `-` or `_`; others that end in `.txt` may be data.
const NAMES: [&str; 15] = [
    "README",
    "CHANGELOG",
    "CHANGES",
    "HISTORY",
    "NEWS",
    "CONTRIBUTING",
    "CODE",
    "SECURITY",
    "AUTHORS",
    "CONTRIBUTORS",
    "MAINTAINERS",
    "LICENSE",
    "LICENCE",
    "COPYING",
    "NOTICE",
];

/// Whether a file is for people and not for compilers, unless one reads it.
fn is_document(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    let ending = ending(path).to_ascii_lowercase();
    let is_known = NAMES.contains(&file.split(['.', '-', '_']).next().unwrap_or(file));
    let by_ending = DOCUMENTS.contains(&ending.as_str()) && (ending != "txt" || is_known);
    by_ending || (is_known && ending.is_empty()) || path.starts_with(".github/")
}

fn ending(path: &str) -> &str {
    Path::new(path).extension().and_then(|ending| ending.to_str()).unwrap_or_default()
}

impl Reads {
    /// The digest of what counts, and of what was told.
    pub(super) fn digest(&self, sources: &Sources) -> Digest {
        let counting = sources.files.iter().filter(|(name, _)| self.counts(name, sources));
        let counting = counting.map(|(name, file)| (name, (file.digest, file.executable))).collect::<BTreeMap<_, _>>();
        Digest::of(&canonical_json(&(self, counting)))
    }

    fn counts(&self, name: &str, sources: &Sources) -> bool {
        let path = Path::new(name);
        // cargo takes what lies in a package below for that package's own.
        let package =
            || path.ancestors().skip(1).find(|folder| folder.join("Cargo.toml").to_str().is_some_and(|at| sources.files.contains_key(at)));
        !is_document(name)
            || self.documents.contains(name)
            || self.folders.iter().any(|folder| path.starts_with(folder))
            || package().and_then(Path::to_str).is_some_and(|package| self.packages.contains(package))
            || self
                .documents
                .iter()
                .any(|read| ending(read) == ending(name) && Path::new(read).parent().is_some_and(|folder| path.starts_with(folder)))
    }
}

impl BuildStage<'_> {
    /// What an earlier build gave that depended on nothing that has changed since.
    pub(super) fn recall_by_reads(&self, key: &KeyBuilder, request: BuildRequest<'_>) -> Option<ActionRecord> {
        let told = self.store.recall(of_reads(key).key())?;
        let reads = serde_json::from_value::<Reads>(told.facts).ok()?;
        self.store.recall(key.clone().part(COUNTING, &reads.digest(self.sources_of(request))).key())
    }

    /// Remembers a product by what its build read.
    pub(super) fn remember_by_reads(
        &self,
        (key, request): (&KeyBuilder, BuildRequest<'_>),
        reads: &Reads,
        record: &ActionRecord,
    ) -> Result<(), StoreError> {
        let facts = serde_json::to_value(reads).unwrap_or_default();
        self.store.remember(&key.clone().part(COUNTING, &reads.digest(self.sources_of(request))), record)?;
        self.store.remember(&of_reads(key), &ActionRecord { outputs: BTreeMap::new(), facts, ..record.clone() })
    }

    /// What a build that went well told of its reading; none if it did not tell all.
    pub(super) fn reads(&self, request: BuildRequest<'_>, made: &Made, messages: &Messages, place: &BuildPaths) -> Option<Reads> {
        let mut read = BTreeSet::new();
        for program in made.programs.values() {
            let paths = dep_info::paths(&fs::read_to_string(program.with_extension("d")).ok()?);
            for path in paths {
                if !path.is_absolute() {
                    return None;
                }
                read.extend(in_sources(&path, place));
            }
        }
        let mut reads = Reads::default();
        let mut packages = BTreeMap::new();
        for unit in &messages.units {
            let (manifest, begins) = (unit.manifest_path.as_ref()?, unit.source.as_ref()?);
            let Some(folder) = in_sources(manifest.parent()?, place) else { continue };
            // A package that only others' packages use is in no dep-info.
            if !in_sources(begins, place).is_some_and(|begins| read.contains(&begins)) {
                reads.packages.insert(folder.clone());
            }
            packages.insert(unit.package.clone()?, folder);
        }
        for (package, out) in &messages.scripts {
            let Some(folder) = packages.get(package) else { continue };
            let told = out.parent().map(|folder| place.on_host(folder).join("output")).and_then(|path| fs::read_to_string(path).ok());
            if !told.is_some_and(|told| told.lines().any(says_what_it_reads)) {
                reads.packages.insert(folder.clone());
            }
        }
        let on_host = place.on_host(&place.seen.sources);
        let (folders, files) = read.into_iter().partition::<BTreeSet<_>, _>(|name| on_host.join(name).is_dir());
        let declared = request.product.inputs.iter().filter_map(|input| Some(self.sources.project.join(input).to_str()?.to_owned()));
        reads.folders = folders.into_iter().chain(declared).collect();
        reads.documents = files.into_iter().filter(|name| is_document(name)).collect();
        Some(reads)
    }
}

/// Where it is kept what the last build told of its reading.
fn of_reads(key: &KeyBuilder) -> KeyBuilder {
    key.clone().part("reads", &true)
}

/// See <https://doc.rust-lang.org/cargo/reference/build-scripts.html#change-detection>.
fn says_what_it_reads(line: &str) -> bool {
    ["cargo:rerun-if-changed=", "cargo::rerun-if-changed="].iter().any(|beginning| line.trim_start().starts_with(beginning))
}

/// The path relative to the sources, for what lies in them.
fn in_sources(seen: &Path, place: &BuildPaths) -> Option<String> {
    let mut plain = PathBuf::new();
    for part in place.on_host(seen).components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    let inside = plain.strip_prefix(place.on_host(&place.seen.sources)).ok()?;
    Some(inside.to_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_told_from_code_and_data() {
        for name in ["README.md", "docs/guide.md", "LICENSE-MIT", "COPYING", "a/CHANGELOG.txt", ".github/workflows/ci.yml", "NOTICE"] {
            assert!(is_document(name), "{name}");
        }
        for name in ["src/main.rs", "words.txt", "src/security.rs", "NEWS.json", "Cargo.toml", "license.rs", "README", "assets/a.png"] {
            assert_eq!(is_document(name), name == "README", "{name}");
        }
    }
}
