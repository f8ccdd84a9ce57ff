//! Roots of named distributions: made once, cached, then only read.
//!
//! Providers are tried in order; each makes the same thing, or nothing. A root is unpacked beside its place and renamed into it, under a lock:
//! a killed maker leaves no half root. Its digest is computed when it is made.

mod making;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use plimsoll_model::{Digest, RootName};
use serde::{Deserialize, Serialize};

use super::{Roots, Unavailable, libc, tree};
use crate::tools::tool::Tool;

/// What is named → Debian's suite.
const DEBIAN: [(&str, &str); 3] = [("debian:11", "bullseye"), ("debian:12", "bookworm"), ("debian:13", "trixie")];
/// Format of `root.json`, and of what is taken out of a root.
const FORMAT: u32 = 1;

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

/// `root.json`, beside the files.
#[derive(Debug, Serialize, Deserialize)]
struct Document {
    format: u32,
    name: RootName,
    digest: Digest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    libc: Option<String>,
    made_by: String,
    made: u64,
}

/// Where a root is kept: `ROOTS/debian-12-x86_64`.
fn place(roots: &Path, name: &RootName) -> PathBuf {
    roots.join(format!("{}-{}", name.as_str().replace(':', "-"), std::env::consts::ARCH))
}

/// The cached root, without making one.
pub fn cached(roots: &Path, name: &RootName) -> Option<DistributionRoot> {
    let place = place(roots, name);
    let document: Document = serde_json::from_slice(&fs::read(place.join("root.json")).ok()?).ok()?;
    let folder = place.join("root");
    let sound = document.format == FORMAT && document.name == *name && folder.is_dir();
    sound.then_some(DistributionRoot {
        digest: document.digest,
        libc: document.libc,
        made_by: document.made_by,
        made: document.made,
        folder,
    })
}

pub(super) fn open(roots: &Roots<'_>, name: &RootName, on_line: &mut dyn FnMut(&str)) -> Result<DistributionRoot, Unavailable> {
    if let Some(root) = cached(&roots.folder, name) {
        return Ok(root);
    }
    let Some((_, suite)) = DEBIAN.iter().find(|(known, _)| name.as_str() == *known) else {
        let known = DEBIAN.map(|(known, _)| known).join(", ");
        return Err(Unavailable::Elsewhere(format!("no provider here makes {name}; known are {known}")));
    };
    let io_failed = |path: &Path, error: io::Error| Unavailable::Failed(format!("cannot write {}: {error}", path.display()));
    fs::create_dir_all(&roots.folder).map_err(|error| io_failed(&roots.folder, error))?;
    let place = place(&roots.folder, name);
    let lock_path = place.with_added_extension("lock");
    let lock = File::create(&lock_path).map_err(|error| io_failed(&lock_path, error))?;
    lock.lock().map_err(|error| io_failed(&lock_path, error))?;
    let mut refusals = Vec::new();
    for provider in PROVIDERS {
        let made = match provider {
            Provider::Cached => cached(&roots.folder, name).map(Ok),
            Provider::Mmdebstrap => Some(make(roots, name, suite, Tool::Mmdebstrap, on_line)),
            Provider::Debootstrap => Some(make(roots, name, suite, Tool::Debootstrap, on_line)),
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
    let text = format!("{name} could not be made: {reasons}");
    let no_tool = refusals.iter().all(|reason| matches!(reason, Unavailable::ToolMissing(_)));
    Err(if no_tool { Unavailable::ToolMissing(text) } else { Unavailable::Failed(text) })
}

fn make(
    roots: &Roots<'_>,
    name: &RootName,
    suite: &str,
    tool: Tool,
    on_line: &mut dyn FnMut(&str),
) -> Result<DistributionRoot, Unavailable> {
    let located = roots.toolbox.locate(tool).map_err(|error| Unavailable::ToolMissing(error.to_string()))?;
    let place = place(&roots.folder, name);
    let incoming = place.with_added_extension("incoming");
    making::remove(&incoming).map_err(unavailable)?;
    let files = incoming.join("root");
    on_line(&format!("making {name} with {}, once", located.label()));
    let made = making::make(roots, &located, suite, &files, on_line).and_then(|()| making::strip(&files));
    if let Err(error) = made {
        // Best effort: the next maker begins by removing it.
        let _ = making::remove(&incoming);
        return Err(unavailable(error));
    }
    let libc = libc::of_root(&files);
    if libc.is_none() {
        return Err(Unavailable::Failed(format!("what {} made holds no C library", located.label())));
    }
    let digest = tree::digest(&files).map_err(unavailable)?;
    let document = Document { format: FORMAT, name: name.clone(), digest, libc, made_by: located.label(), made: roots.now };
    let text = plimsoll_model::document_json(&document);
    let written = fs::write(incoming.join("root.json"), text).and_then(|()| making::replace(&incoming, &place));
    written.map_err(|error| Unavailable::Failed(format!("cannot write {}: {error}", place.display())))?;
    cached(&roots.folder, name).ok_or_else(|| Unavailable::Failed(format!("{} is not readable", place.display())))
}

fn unavailable(error: impl std::error::Error) -> Unavailable {
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
