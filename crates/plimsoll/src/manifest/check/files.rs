//! The other files of an archive: those that are usual at the root of a project, or those that are declared, looked for among the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::licences;
use super::super::nearest::nearest;
use super::super::written::{Files, Manifest, Written};
use super::users::Users;
use super::{generate, values};

/// How usual files that are no licences begin, in lower case.
const USUAL: [&str; 2] = ["changelog", "readme"];

/// More names than a person's typo is worth comparing with.
const MOST_COMPARED: usize = 20_000;

/// What files are looked for in, and held against.
pub(crate) struct Sources<'a> {
    /// Every source file of the project.
    pub(crate) all: &'a BTreeSet<String>,
    /// The folder of the core, relative to the project; empty if that is the project's own.
    pub(crate) core: &'a str,
    /// Licences that lie elsewhere: path from the project → path in the archive.
    pub(crate) licences: Option<&'a BTreeMap<String, String>>,
    /// Entries of `files` that mean generators are no files.
    pub(crate) manifest: &'a Manifest,
    /// Who gets them.
    pub(crate) users: &'a Users,
    /// The artifact's name, which stands for files that are not written down.
    pub(crate) place: &'a Range<usize>,
}

impl Sources<'_> {
    /// Files that nobody needs to name: those in the core's folder, and what that lacks from the project's. Path in the project, path in the
    /// archive.
    fn usual(&self) -> Vec<(String, String)> {
        let inside = |path: &String| {
            let inside = if self.core.is_empty() { path } else { path.strip_prefix(self.core)?.strip_prefix('/')? };
            is_usual(inside).then(|| (path.clone(), inside.to_owned()))
        };
        let mut usual = self.all.iter().filter_map(inside).collect::<Vec<_>>();
        if !self.core.is_empty() {
            let lacks = |word: &&str| !usual.iter().any(|(_, inside)| told(inside, word));
            let lacking = USUAL.into_iter().filter(lacks).collect::<Vec<_>>();
            let of_project = self.all.iter().filter(|path| lacking.iter().any(|word| told(path, word)));
            usual.extend(of_project.map(|path| (path.clone(), path.clone())).collect::<Vec<_>>());
        }
        usual.extend(self.licences.into_iter().flatten().map(|(from, to)| (from.clone(), to.clone())));
        usual
    }
}

/// Path in the project → path in the archive.
pub(crate) fn check(
    written: Option<&Written<Files>>,
    binaries: &[String],
    sources: &Sources<'_>,
    out: &mut Diagnostics,
) -> BTreeMap<String, String> {
    let Some(written) = written else {
        let usual = sources.usual();
        usual.iter().for_each(|(from, to)| sources.users.check_file(from, to, sources.place, out));
        sources.users.check_case(binaries, usual.iter().map(|(_, to)| (to, sources.place)), sources.place, out);
        return usual.into_iter().collect();
    };
    let mut files = BTreeMap::<String, String>::new();
    let mut places = Vec::new();
    let mut taken =
        binaries.iter().flat_map(|binary| [binary.to_lowercase(), format!("{}.exe", binary.to_lowercase())]).collect::<BTreeSet<_>>();
    let entries = entries(&written.value).into_iter().filter(|(source, _)| generate::meant(source, sources.manifest).is_none());
    for (source, destination) in entries {
        let span = &destination.unwrap_or(source).span;
        for (from, to) in place(source, destination, sources.all, out) {
            let lower = to.to_lowercase();
            if files.contains_key(&from) || is_taken(&lower, &taken) {
                let message = format!("two files would be `{to}` in the archive");
                out.push(Diagnostic::new("same-path", span, message).label("taken already"));
                break;
            }
            sources.users.check_file(&from, &to, span, out);
            taken.insert(lower);
            places.push((to.clone(), span.clone()));
            files.insert(from, to);
        }
    }
    sources.users.check_case(&[], places.iter().map(|(path, span)| (path, span)), sources.place, out);
    files
}

/// Whether a path is another's, or a folder of another, or in one that is a file.
fn is_taken(path: &str, taken: &BTreeSet<String>) -> bool {
    let folder = format!("{path}/");
    let has_files = taken.range(folder.clone()..).next().is_some_and(|next| next.starts_with(&folder));
    taken.contains(path) || has_files || path.match_indices('/').any(|(at, _)| taken.contains(&path[..at]))
}

fn entries(files: &Files) -> Vec<(&Written<String>, Option<&Written<String>>)> {
    match files {
        Files::Kept(list) => list.iter().map(|source| (source, None)).collect(),
        Files::Placed(table) => table.iter().map(|(source, destination)| (source, Some(destination))).collect(),
    }
}

/// What is told at the top of a folder; and licences.
fn is_usual(path: &str) -> bool {
    USUAL.iter().any(|word| told(path, word)) || licences::is_of_folder(path)
}

/// `README`, `README.md`: a usual beginning that ends there or at a separator, at the top of a folder.
fn told(path: &str, word: &str) -> bool {
    let lower = path.to_lowercase();
    let is_word = lower.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']));
    is_word && !lower.contains('/') && !lower.ends_with(['~', '.'])
}

/// The files that one entry stands for, with their places.
fn place(
    source: &Written<String>,
    destination: Option<&Written<String>>,
    sources: &BTreeSet<String>,
    out: &mut Diagnostics,
) -> Vec<(String, String)> {
    let Some(from) = values::path(source, out) else {
        return Vec::new();
    };
    let folder = format!("{from}/");
    let inside = sources.range(folder.clone()..).take_while(|path| path.starts_with(&folder)).collect::<Vec<_>>();
    let is_file = sources.contains(&from);
    if !is_file && inside.is_empty() {
        let known = sources.iter().take(if out.is_full() { 0 } else { MOST_COMPARED }).map(String::as_str);
        let hint = nearest(&from, known).map(|near| format!("did you mean `{near}`?"));
        let hint = hint.unwrap_or_else(|| "files that git ignores are no sources".to_owned());
        let missing = Diagnostic::new("no-such-file", &source.span, format!("there is no source file `{from}`"));
        out.push(missing.label("not among the project's sources").hint(hint));
        return Vec::new();
    }
    let Some(to) = target_path(&from, destination, is_file, out) else {
        return Vec::new();
    };
    if is_file {
        return vec![(from, to)];
    }
    inside.into_iter().map(|path| (path.clone(), format!("{to}/{}", &path[folder.len()..]))).collect()
}

fn target_path(from: &str, destination: Option<&Written<String>>, is_file: bool, out: &mut Diagnostics) -> Option<String> {
    let Some(destination) = destination else {
        return Some(from.to_owned());
    };
    let to = values::path(destination, out)?;
    let base = from.rsplit('/').next().unwrap_or(from);
    Some(if is_file && destination.value.ends_with('/') { format!("{to}/{base}") } else { to })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_files_are_found_at_the_root_only() {
        for path in [
            "README.md",
            "readme",
            "LICENSE",
            "LICENSE-MIT",
            "COPYING",
            "UNLICENSE",
            "CHANGELOG.md",
            "Licence.txt",
            "NOTICE",
            "LICENSES/MIT.txt",
        ] {
            assert!(is_usual(path), "{path}");
        }
        for path in ["docs/README.md", "license.rs", "README.md~", "reader.rs", "changelogs/x", "src/license.rs"] {
            assert!(!is_usual(path), "{path}");
        }
    }

    #[test]
    fn a_path_is_taken_by_itself_its_folders_and_its_files() {
        let taken = ["a/b".to_owned(), "ht".to_owned()].into();
        for path in ["a/b", "a", "a/b/c", "ht", "ht/x"] {
            assert!(is_taken(path, &taken), "{path}");
        }
        for path in ["a/bc", "a-b", "h", "b"] {
            assert!(!is_taken(path, &taken), "{path}");
        }
    }
}
