//! What a build may be told of the repository: the commit that it is at, its branch, and the tags that the commit has among its ancestors.
//!
//! Nothing else of the repository shows in it: no other branch, no remote, no configuration.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use plimsoll_model::{Digest, Failure, canonical_json};
use serde::Serialize;

use super::{ask, changes, repository};
use crate::launcher::Launcher;
use plimsoll_model::plan::Source;

/// Characters of an abbreviated commit in a small repository.
const SHORT: usize = 7;

/// A repository at its commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryView {
    /// Its top folder, canonical.
    pub top: PathBuf,
    /// The folder that its objects lie in.
    pub objects: PathBuf,
    /// What a build can see of it.
    pub seen: Seen,
}

/// What a build can see, and so what the bytes depend on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// The commit.
    pub commit: String,
    /// The branch that it is on, as a reference; none where HEAD is detached.
    pub branch: Option<String>,
    /// Files that differ from it, relative to the repository's top; none in a tree without changes.
    pub changed: Option<BTreeSet<String>>,
    /// Tags in the form of git's `packed-refs`.
    pub tags: String,
    /// Commits at which a shallow clone ends; empty in a whole one.
    pub shallow: String,
    /// Characters that an abbreviated commit has.
    pub short: usize,
    /// Where the project's sources lie in the repository.
    pub prefix: PathBuf,
}

/// Why a build cannot be told of a repository, or what it will not find: the reason, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// The end of a sentence that begins with the project.
    pub reason: String,
    /// What to do.
    pub hint: &'static str,
}

impl RepositoryView {
    /// Looks at the repository of `project`, whose sources are mirrored from `base`; the second is what a build will miss.
    ///
    /// # Errors
    /// Where git fails in a repository.
    pub fn look(project: &Path, base: &Path, source: &Source, launcher: &Launcher) -> Result<(Option<Self>, Option<Lack>), Failure> {
        let none = |reason: &str, hint| Ok((None, Some(Lack { reason: reason.to_owned(), hint })));
        let Some(commit) = source.commit.clone() else {
            return none(
                "is in no repository that has a commit",
                "build in a clone to have the commit told; from an unpacked archive it is not known",
            );
        };
        let top = repository(project, launcher)?.and_then(|top| top.canonicalize().ok());
        // A configuration may put the working tree anywhere.
        let Some(top) = top.filter(|top| project.starts_with(top)) else {
            return none("is in no repository", "build in a clone to have the commit told");
        };
        let at = |name: &str| -> Result<PathBuf, Failure> {
            let said = line(ask(project, ["rev-parse", "--git-path", name], launcher)?);
            Ok(project.join(super::path_of(&said)?))
        };
        let objects = at("objects")?;
        let shallow = std::fs::read_to_string(at("shallow")?).unwrap_or_default();
        let tags = ask(project, ["for-each-ref", "--merged=HEAD", TAG_FORM, "refs/tags"], launcher)?.unwrap_or_default();
        let short = line(ask(project, ["rev-parse", "--short", "HEAD"], launcher)?).len().max(SHORT);
        let prefix = base.strip_prefix(&top).unwrap_or(Path::new("")).to_owned();
        let lack = (!shallow.is_empty()).then(|| Lack {
            reason: "is in a shallow clone, in which older commits and their tags are missing".to_owned(),
            hint: "`git fetch --unshallow --tags` brings them; actions/checkout does with fetch-depth: 0",
        });
        // One path a line is the form of the file that names them.
        let objects = objects.canonicalize().ok().filter(|path| !path.as_os_str().as_encoded_bytes().contains(&b'\n'));
        let Some(objects) = objects else { return none("has a repository whose objects cannot be named", "move it to another path") };
        let tags = packed(&String::from_utf8_lossy(&tags));
        let changed = if source.dirty { Some(changes::named(&top, launcher)?) } else { None };
        let branch = line(ask(project, ["rev-parse", "--symbolic-full-name", "HEAD"], launcher)?);
        let branch = String::from_utf8(branch).ok().filter(|branch| branch.starts_with("refs/heads/"));
        let seen = Seen { commit, branch, changed, tags, shallow, short, prefix };
        Ok((Some(Self { top, objects, seen }), lack))
    }

    /// Whether the project's sources hold all of it, as far as they hold anything.
    pub fn is_whole(&self) -> bool {
        self.seen.prefix.as_os_str().is_empty()
    }

    /// The digest of all that a build can see.
    pub fn identity(&self) -> Digest {
        Digest::of(&canonical_json(&self.seen))
    }
}

/// A tag a line: its object, what an annotated one is of, and its name.
const TAG_FORM: &str = "--format=%(objectname) %(*objectname) %(refname)";

/// Tags as git packs them: <https://git-scm.com/docs/git-pack-refs>.
fn packed(listed: &str) -> String {
    let mut text = "# pack-refs with: peeled fully-peeled sorted \n".to_owned();
    for line in listed.lines() {
        let mut words = line.split(' ');
        let (Some(object), Some(peeled), Some(name)) = (words.next(), words.next(), words.next()) else { continue };
        text.push_str(&format!("{object} {name}\n"));
        if !peeled.is_empty() {
            text.push_str(&format!("^{peeled}\n"));
        }
    }
    text
}

fn line(said: Option<Vec<u8>>) -> Vec<u8> {
    let said = said.unwrap_or_default();
    said.strip_suffix(b"\n").map(<[u8]>::to_vec).unwrap_or(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_packed_with_what_they_are_of() {
        let packed = packed("aa  refs/tags/light\nbb cc refs/tags/v1.0\n");
        assert_eq!(packed, "# pack-refs with: peeled fully-peeled sorted \naa refs/tags/light\nbb refs/tags/v1.0\n^cc\n");
    }
}
