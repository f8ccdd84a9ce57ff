//! Roots of named distributions: made once, cached, then only read.
//!
//! Providers are tried in order; each makes the same thing, or nothing. A root is unpacked beside its place and renamed into it, under a lock:
//! a killed maker leaves no half root. Its digest is computed when it is made.

mod certificates;
mod finish;
pub(super) mod making;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plimsoll_model::{Digest, RootName};
use serde::{Deserialize, Serialize};

use self::finish::Finish;
use super::recipe::Recipe;
use super::{Roots, Unavailable, tree};
use plimsoll_exec::locate::Located;
use plimsoll_exec::tool::Tool;

/// Format of `root.json`, and of what is taken out of a root.
pub(super) const FORMAT: u32 = 1;

/// Who can bring a root, in the order in which they are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Provider {
    /// It was made before.
    Cached,
    /// With user namespaces, or as root.
    Mmdebstrap,
    /// As root only.
    Debootstrap,
}

const PROVIDERS: [Provider; 3] = [Provider::Cached, Provider::Mmdebstrap, Provider::Debootstrap];

/// A distribution's root on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistributionRoot {
    /// Digest of its files.
    pub digest: Digest,
    /// `glibc 2.36`.
    pub libc: Option<String>,
    /// What made it: `mmdebstrap 1.3.5`.
    pub made_by: String,
    /// When it was made, in seconds since 1970 (UTC).
    pub made: u64,
    /// Its files.
    pub(super) folder: PathBuf,
}

impl DistributionRoot {
    /// What is in `folder`.
    pub(super) fn new(digest: Digest, libc: Option<String>, made_by: String, made: u64, folder: PathBuf) -> Self {
        Self { digest, libc, made_by, made, folder }
    }
}

/// `root.json`, beside the files.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Document {
    pub(super) format: u32,
    pub(super) name: RootName,
    pub(super) digest: Digest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) libc: Option<String>,
    pub(super) made_by: String,
    pub(super) made: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) packages: Vec<String>,
    /// How what was built in it was built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) way: Option<Digest>,
}

/// What was made by a recipe before.
pub(super) fn kept(roots: &Path, recipe: &Recipe) -> Option<DistributionRoot> {
    let place = roots.join(&recipe.folder);
    let name = &recipe.name;
    let document: Document = serde_json::from_slice(&fs::read(place.join("root.json")).ok()?).ok()?;
    let folder = place.join("root");
    let sound = document.format == FORMAT
        && document.name == *name
        && document.packages == recipe.packages
        && document.way == recipe.way()
        && folder.is_dir();
    sound.then(|| DistributionRoot::new(document.digest, document.libc, document.made_by, document.made, folder))
}

/// A distribution that users of this kind of machine have.
pub(super) fn open(roots: &Roots<'_>, name: &RootName, on_line: &mut dyn FnMut(&str)) -> Result<DistributionRoot, Unavailable> {
    let recipe = Recipe::distribution(name)
        .ok_or_else(|| Unavailable::Elsewhere(format!("no provider here makes {name}; known are {}", Recipe::known())))?;
    obtain(roots, &recipe, on_line)
}

/// What a recipe makes, made now where it is not there yet.
pub(super) fn obtain(roots: &Roots<'_>, recipe: &Recipe, on_line: &mut dyn FnMut(&str)) -> Result<DistributionRoot, Unavailable> {
    if let Some(root) = kept(&roots.folder, recipe) {
        return Ok(root);
    }
    let failed = |error: io::Error| Unavailable::Failed(format!("cannot write {}: {error}", roots.folder.display()));
    fs::create_dir_all(&roots.folder).map_err(failed)?;
    let place = roots.folder.join(&recipe.folder);
    let _turn = roots.turn(&place.with_added_extension("lock"), &recipe.name, on_line)?;
    let mut refusals = Vec::new();
    for provider in PROVIDERS {
        let made = match provider {
            Provider::Cached => kept(&roots.folder, recipe).map(Ok),
            Provider::Mmdebstrap => Some(make(roots, recipe, Tool::Mmdebstrap, on_line)),
            // It cannot unpack without setting up.
            Provider::Debootstrap if recipe.is_unpacked_only() => None,
            Provider::Debootstrap => Some(make(roots, recipe, Tool::Debootstrap, on_line)),
        };
        match made {
            Some(Ok(root)) => return Ok(root),
            Some(Err(reason)) => refusals.push(reason),
            None => {}
        }
        if roots.toolbox.launcher().is_cancelled() {
            return Err(Unavailable::Failed("interrupted".to_owned()));
        }
    }
    let reasons = refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let text = format!("{} could not be made: {reasons}", recipe.folder);
    let all = |is_it: fn(&Unavailable) -> bool| refusals.iter().all(is_it);
    Err(if all(|reason| matches!(reason, Unavailable::ToolMissing(_))) {
        Unavailable::ToolMissing(text)
    } else if all(|reason| matches!(reason, Unavailable::Elsewhere(_))) {
        Unavailable::Elsewhere(text)
    } else {
        Unavailable::Failed(text)
    })
}

fn make(roots: &Roots<'_>, recipe: &Recipe, tool: Tool, on_line: &mut dyn FnMut(&str)) -> Result<DistributionRoot, Unavailable> {
    let located = roots.toolbox.locate(tool).map_err(|error| Unavailable::ToolMissing(error.to_string()))?;
    let place = roots.folder.join(&recipe.folder);
    let incoming = place.with_added_extension("incoming");
    making::remove(&incoming).map_err(unavailable)?;
    let files = incoming.join("root");
    let (libc, made_by) = fill(roots, recipe, &located, &files, on_line).inspect_err(|_| {
        // Best effort: the next maker begins by removing it.
        let _ = making::remove(&incoming);
    })?;
    if libc.is_none() && !recipe.is_unpacked_only() {
        return Err(Unavailable::Failed(format!("what {} made holds no C library", located.label())));
    }
    let digest = tree::digest(&files).map_err(unavailable)?;
    let packages = recipe.packages.iter().map(|package| (*package).to_owned()).collect();
    let document =
        Document { format: FORMAT, name: recipe.name.clone(), digest, libc, made_by, made: roots.now, packages, way: recipe.way() };
    let text = plimsoll_model::document_json(&document);
    let written = fs::write(incoming.join("root.json"), text).and_then(|()| making::replace(&incoming, &place));
    written.map_err(|error| Unavailable::Failed(format!("cannot write {}: {error}", place.display())))?;
    kept(&roots.folder, recipe).ok_or_else(|| Unavailable::Failed(format!("{} is not readable", place.display())))
}

/// Puts a recipe's files into a folder: their C library, and what made them.
fn fill(
    roots: &Roots<'_>,
    recipe: &Recipe,
    located: &Located,
    files: &Path,
    on_line: &mut dyn FnMut(&str),
) -> Result<(Option<String>, String), Unavailable> {
    let finish = Finish::gather(roots, recipe, on_line)?;
    on_line(&format!("making {} with {}, once", recipe.folder, located.label()));
    making::make(roots, located, recipe, files, on_line).and_then(|()| making::strip(files)).map_err(|error| {
        match (recipe.architecture, unavailable(error)) {
            // Not every mirror has every processor.
            (Some(_), Unavailable::Failed(reason)) if !roots.toolbox.launcher().is_cancelled() => Unavailable::Elsewhere(reason),
            (_, reason) => reason,
        }
    })?;
    finish.run(roots, recipe, located.label(), files, on_line)
}

pub(super) fn unavailable(error: impl std::error::Error) -> Unavailable {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    Unavailable::Failed(text)
}

#[cfg(test)]
mod tests;
