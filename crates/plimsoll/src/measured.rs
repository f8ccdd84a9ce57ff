//! What a release says of its artifacts' programs, measured again on the bytes that users get: by the code that measured it when the artifact
//! was assembled. Nothing of them is started.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use plimsoll_fetch::registry::RELEASE_FILE;
use plimsoll_fetch::unpack::{Format, Limits, unpack};
use plimsoll_fetch::{Finding, Problem};
use plimsoll_inspect::{Code, ExpectedLinkage, Facts, Policy, inspect, judge, recognise};
use plimsoll_model::{Measured, ReleasedArtifact};
use plimsoll_store::{ActionRecord, KeyBuilder, Store};

use crate::assemble;
use crate::kinds::{self, Measurable};

/// Bytes of a program, which is looked at in memory; no compiler makes larger ones.
const LARGEST: u64 = 2 << 30;

/// What is wrong with what the release says of an artifact whose bytes, those of the release, are in `file`.
pub fn findings(artifact: &ReleasedArtifact, file: File) -> Vec<Finding> {
    let folder = tempfile::tempdir().map_err(|error| cannot(&error));
    judged(artifact, folder.and_then(|folder| measure(artifact, file, folder.path())))
}

fn judged(artifact: &ReleasedArtifact, measured: Result<Vec<Measured>, Problem>) -> Vec<Finding> {
    let said = match measured {
        Ok(possible) if possible.contains(&artifact.measured) => return Vec::new(),
        Ok(possible) => possible,
        Err(problem) => return vec![Finding::new(artifact.file_name.as_str(), problem)],
    };
    let is = said.first().map(told).unwrap_or_default();
    let problem = Problem::Measured { artifact: artifact.id.clone(), says: told(&artifact.measured), is };
    vec![Finding::new(RELEASE_FILE, problem)]
}

/// As [`findings`], of bytes that may have been measured before: `open` is called where they were not.
pub fn remembered(store: &Store, now: u64, artifact: &ReleasedArtifact, open: impl FnOnce() -> io::Result<File>) -> Vec<Finding> {
    let key = KeyBuilder::new("measure", assemble::FORMAT)
        .part("bytes", &artifact.sha256)
        .part("kind", &artifact.kind)
        .part("target", &artifact.target)
        .part("format", &artifact.format)
        .part("binaries", &artifact.binaries)
        .part("says", &artifact.measured);
    if store.recall(key.key()).is_some() {
        return Vec::new();
    }
    let found = match open() {
        Ok(file) => {
            let folder = store.temporary_folder().map_err(|error| cannot(&error));
            judged(artifact, folder.and_then(|folder| measure(artifact, file, folder.path())))
        }
        Err(error) => vec![Finding::new(artifact.file_name.as_str(), Problem::Unreadable(error.to_string()))],
    };
    if found.is_empty() {
        let facts = serde_json::Value::Null;
        // Best effort: without it the bytes are measured again.
        let _ = store.remember(&key, &ActionRecord { outputs: [].into(), facts, finished: now, milliseconds: 0 });
    }
    found
}

/// What may truly be said of the bytes: one thing, but for a library that lies among others, of which any may be meant.
fn measure(artifact: &ReleasedArtifact, file: File, folder: &Path) -> Result<Vec<Measured>, Problem> {
    let format = kinds::container(artifact).map_err(|error| cannot(&error))?;
    let place = folder.join("unpacked");
    let unpacked = unpack(file, &format, &place, &Limits::default()).map_err(|error| cannot(&error))?;
    let Some(measurable) = kinds::measurable(artifact) else { return Ok(vec![assemble::measured([])]) };
    if measurable == Measurable::Libraries {
        let mut possible = Vec::new();
        for path in &unpacked.files {
            if let Some(bytes) = library(&place.join(path))? {
                possible.push(assemble::measured([&looked_at(artifact, path, &bytes)?]));
            }
        }
        return if possible.is_empty() { Err(Problem::Unmeasurable("it holds no library".to_owned())) } else { Ok(possible) };
    }
    if artifact.binaries.is_empty() {
        return Err(Problem::Unmeasurable("it declares no program".to_owned()));
    }
    let suffix = artifact.target.as_ref().map(plimsoll_model::Target::executable_suffix).unwrap_or_default();
    let mut programs = Vec::new();
    for name in &artifact.binaries {
        let name = program_file(name, suffix, &format);
        let path = program(&unpacked.files, &name).ok_or_else(|| Problem::Unmeasurable(format!("it holds no program `{name}`")))?;
        programs.push(looked_at(artifact, path, &read(&place.join(path))?)?);
    }
    Ok(vec![assemble::measured(&programs)])
}

/// The name of a program's file; one that is the whole artifact is unpacked under its own.
pub(crate) fn program_file(name: &str, suffix: &str, format: &Format) -> String {
    if matches!(format, Format::Bare { .. }) { name.to_owned() } else { format!("{name}{suffix}") }
}

/// The file of a program among those of an artifact: of several the one that lies highest.
pub(crate) fn program<'f>(files: &'f [PathBuf], name: &str) -> Option<&'f Path> {
    let named = files.iter().filter(|path| path.file_name().is_some_and(|file| file == name));
    named.min_by_key(|path| (path.components().count(), *path)).map(PathBuf::as_path)
}

fn cannot(error: &dyn std::error::Error) -> Problem {
    Problem::Unmeasurable(error.to_string())
}

/// The facts of a program that is one for the artifact's target.
fn looked_at(artifact: &ReleasedArtifact, path: &Path, bytes: &[u8]) -> Result<Facts, Problem> {
    let facts = inspect(bytes).map_err(|error| Problem::Unmeasurable(format!("{}: {error}", path.display())))?;
    let Some(target) = &artifact.target else { return Ok(facts) };
    let identity = [Code::WrongFormat, Code::WrongMachine, Code::WrongClass];
    let judged = judge(&facts, &Policy::for_target(target, ExpectedLinkage::Any, None));
    match judged.into_iter().find(|finding| identity.contains(&finding.code)) {
        Some(other) => Err(Problem::Unmeasurable(format!("{} {}", path.display(), other.message))),
        None => Ok(facts),
    }
}

/// All of what could be a program.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let unreadable = |error: io::Error| Problem::Unmeasurable(error.to_string());
    // A link may lead to nothing, or in a circle.
    let data = fs::symlink_metadata(path).map_err(unreadable)?;
    if !data.is_file() || data.len() > LARGEST {
        return Err(Problem::Unmeasurable(format!("{} is no program", path.file_name().unwrap_or_default().display())));
    }
    fs::read(path).map_err(unreadable)
}

/// The bytes of what could be loaded; none of other files.
fn library(path: &Path) -> Result<Option<Vec<u8>>, Problem> {
    let is_file = fs::symlink_metadata(path).is_ok_and(|data| data.is_file());
    let bytes = if is_file { read(path)? } else { return Ok(None) };
    Ok(Some(bytes).filter(|bytes| recognise(bytes).is_some()))
}

/// `glibc 2.28, dynamic, needs libc.so.6`.
fn told(measured: &Measured) -> String {
    let floor = measured.glibc.map(|glibc| format!("glibc {glibc}")).or_else(|| measured.system.clone());
    let needed = (!measured.needed.is_empty()).then(|| format!("needs {}", measured.needed.join(", ")));
    let linkage = Some(measured.linkage.clone()).filter(|linkage| !linkage.is_empty());
    let parts = [floor, linkage, needed].into_iter().flatten().collect::<Vec<_>>();
    if parts.is_empty() { "nothing is measured".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests;
