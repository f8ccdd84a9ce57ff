//! What a project told the tool that released it so far: cargo-dist or GoReleaser. What users know stays as it is: targets, and names, containers
//! and files of archives. What was not taken over is said.
//!
//! Reads files of the project as data; a file that is not understood is told of and passed over.

mod dist;
mod go_template;
mod goreleaser;
mod yaml;

use std::collections::BTreeMap;
use std::path::Path;

use plimsoll_model::Target;
use serde_json::Value;

use crate::manifest::CargoFacts;

/// What is taken over.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Earlier {
    /// The file that said it.
    pub(super) file: String,
    /// The release's name.
    pub(super) name: Option<String>,
    /// Targets, in the order of the file.
    pub(super) targets: Vec<Target>,
    /// The packages that are shipped, if the file names them.
    pub(super) packages: Option<Vec<String>>,
    /// What holds for packages that say nothing of their own.
    pub(super) usual: Shipping,
    /// Package → what it says of its own.
    pub(super) of: BTreeMap<String, Shipping>,
    /// The oldest glibc, by target; `*` for every one.
    pub(super) glibc: BTreeMap<String, String>,
    /// What was not taken over, a phrase each.
    pub(super) left: Vec<String>,
}

/// What is said of the archives of a package.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Shipping {
    /// Whether it is shipped at all.
    pub(super) ship: Option<bool>,
    pub(super) features: Vec<String>,
    pub(super) all_features: bool,
    pub(super) default_features: Option<bool>,
    /// The programs in the archive.
    pub(super) binaries: Option<Vec<String>>,
    /// Cargo's profile.
    pub(super) profile: Option<String>,
    /// The containers, as the manifest calls them.
    pub(super) unix: Option<String>,
    pub(super) windows: Option<String>,
    /// A template of the manifest.
    pub(super) file_name: Option<String>,
    /// Further files: path from the project → path in the archive, in which a folder keeps its name.
    pub(super) files: Vec<(String, String)>,
    /// Whether README, changelog and licences are left out.
    pub(super) no_usual_files: bool,
}

impl Earlier {
    /// Looks for such a file in `root`. `facts` are those of the project's own workspace.
    pub(super) fn look(root: &Path, facts: &CargoFacts) -> Self {
        let found = [dist::read(root, facts), goreleaser::read(root, facts)].into_iter().flatten().collect::<Vec<_>>();
        let mut found = found.into_iter();
        let mut first = found.next().unwrap_or_default();
        for other in found {
            first.left.push(format!("all of {}, since {} decides", other.file, first.file));
        }
        first.left.sort();
        first.left.dedup();
        first
    }

    /// What is said of a package.
    pub(super) fn of(&self, package: &str) -> &Shipping {
        self.of.get(package).unwrap_or(&self.usual)
    }

    /// The oldest glibc that a target was built for.
    pub(super) fn glibc(&self, target: &Target) -> Option<&str> {
        let said = self.glibc.get(target.as_str()).or_else(|| self.glibc.get("*"));
        said.map(String::as_str).filter(|_| target.as_str().contains("-gnu") && target.os() == "linux")
    }
}

/// The text of a file of the project; none if there is none, or if it is larger than any that a person wrote.
fn text(root: &Path, name: &str) -> Option<String> {
    const LARGEST: usize = 256 * 1024;
    plimsoll_store::plain_file::read_text(&root.join(name)).ok().filter(|text| text.len() <= LARGEST)
}

/// Targets that we know what to do with; the others are told of.
fn targets<'w>(words: impl IntoIterator<Item = &'w str>, left: &mut Vec<String>) -> Vec<Target> {
    let mut targets = Vec::<Target>::new();
    let known = Target::words().collect::<Vec<_>>();
    for word in words {
        match word.parse::<Target>() {
            Ok(target) if known.contains(&word) => {
                if !targets.contains(&target) {
                    targets.push(target);
                }
            }
            _ => left.push(format!("the target {}", shown(word))),
        }
    }
    targets
}

/// A container as the manifest calls it; none for one that there is not, which is told.
fn container(word: &str, left: &mut Vec<String>) -> Option<String> {
    let plain = word.trim_start_matches('.');
    let name = match plain {
        "tgz" => "tar.gz",
        "txz" => "tar.xz",
        "tzst" | "tar.zstd" => "tar.zst",
        other => other,
    };
    let known = ["tar.xz", "tar.gz", "tar.zst", "zip"].contains(&name);
    if !known {
        left.push(format!("archives as {}", shown(word)));
    }
    known.then(|| name.to_owned())
}

/// The strings of a list; a single string is a list of one.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text.as_str()],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// What somebody else wrote, short enough for a line.
fn shown(text: &str) -> String {
    let line = plimsoll_model::visible::line(text);
    let cut = line.chars().take(80).collect::<String>();
    if cut.len() < line.len() { format!("{cut}…") } else { cut }
}
