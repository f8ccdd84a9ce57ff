//! Inspecting what the project's own command left: it is unpacked as a careful consumer does, and every program that it promises is judged as if we
//! had packed it. Nothing of it is started here, and nothing is changed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use plimsoll_fetch::unpack::{Format, Limits, Unpacked, unpack};
use plimsoll_inspect::{FloorReason, floor_reasons, inspect};
use plimsoll_model::plan::{ForeignBuild, Origin};
use plimsoll_model::{ArtifactId, ArtifactPlan, Class, Digest, Failure, Measured, Target, TargetPlan};
use plimsoll_store::{ActionRecord, KeyBuilder, Output, Store};

use crate::assemble::{self, Binary, Judging};
use crate::kinds::{self, Sought};
use crate::measured::{self, program, program_file};

/// Number of the way such files are looked at.
const FORMAT: u32 = 2;

/// Inspects foreign artifacts.
#[derive(Debug)]
pub struct InspectStage<'a> {
    /// Where blobs are.
    pub store: &'a Store,
    /// Folders of this machine that no program may name.
    pub forbidden_paths: &'a [String],
    /// The clock, in seconds since 1970.
    pub now: u64,
}

/// What a command left.
#[derive(Debug, Clone, Copy)]
pub struct Left<'a> {
    /// Which artifact it is to be.
    pub id: &'a ArtifactId,
    /// What the plan says of that.
    pub artifact: &'a ArtifactPlan,
    /// What it promises to hold.
    pub foreign: &'a ForeignBuild,
    /// What it is for, with what the plan says of that; none if it is for every machine, or for several.
    pub target: Option<(&'a Target, &'a TargetPlan)>,
    /// The bytes.
    pub output: &'a Output,
}

impl InspectStage<'_> {
    /// What was measured of the programs in it, remembered or looked at now.
    ///
    /// # Errors
    /// One failure with every finding of every program; or if it is not of its kind, or a program is missing.
    pub fn run(&self, left: Left<'_>) -> Result<(Measured, bool), Failure> {
        let Left { id, artifact, foreign, target, output } = left;
        let judging = target.map(|(target, plan)| (target, Judging::new(&foreign.holds, target, plan, self.forbidden_paths)));
        let key = KeyBuilder::new("inspect", FORMAT)
            .part("judged", &assemble::FORMAT)
            .part("kind", &artifact.kind)
            .part("foreign", foreign)
            .part("judging", &judging.as_ref().map(|(_, judging)| judging.identity()))
            .part("bytes", &output.digest);
        if let Some(measured) = self.store.recall(key.key()).and_then(|record| serde_json::from_value(record.facts).ok()) {
            return Ok((measured, true));
        }
        let measured = self.look(left, judging.as_ref()).map_err(|failure| failure.about(id.to_string()))?;
        let facts = serde_json::to_value(&measured).unwrap_or_default();
        let outputs = BTreeMap::from([("artifact".to_owned(), output.clone())]);
        self.store.remember(&key, &ActionRecord { outputs, facts, finished: self.now, milliseconds: 0 }).map_err(Failure::from)?;
        Ok((measured, false))
    }

    fn look(&self, left: Left<'_>, judging: Option<&(&Target, Judging<'_>)>) -> Result<Measured, Failure> {
        let Left { id, artifact, foreign, output, .. } = left;
        if kinds::sought(&artifact.kind) == Sought::All {
            let read = || self.store.read(output.digest).map_err(Failure::from);
            kinds::examined(&artifact.kind, &artifact.file_name, read)?;
            return Ok(assemble::measured([]));
        }
        let folder = self.store.temporary_folder().map_err(Failure::from)?;
        let place = folder.path().join("unpacked");
        let (format, unpacked) = taken_apart(self.store, artifact, foreign, output.digest, folder.path())?;
        let Some((target, judging)) = judging else { return Ok(assemble::measured([])) };
        let found = sought_in(artifact, foreign, target, &format, &unpacked)?;
        let read = found.iter().map(|(name, path)| {
            let bytes = measured::read(&place.join(path));
            let bytes = bytes.map_err(|problem| Failure::new(Class::NotProven, "unreadable-program", problem.to_string()))?;
            let below_root = unpacked.root.as_ref().and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
            let folders_above = u32::try_from(below_root.components().count().saturating_sub(1)).unwrap_or(u32::MAX);
            Ok(Binary { name, bytes, folders_above: Some(folders_above) })
        });
        judging.judge(id.as_str(), read)
    }
}

/// Unpacks what a command left into `unpacked` below `folder`, as users do.
fn taken_apart(
    store: &Store,
    artifact: &ArtifactPlan,
    foreign: &ForeignBuild,
    digest: Digest,
    folder: &Path,
) -> Result<(Format, Unpacked), Failure> {
    let not_of_kind = |error: &dyn std::error::Error| {
        let failure = Failure::from_error(Class::NotProven, "not-installable", error);
        failure.cause("left", format!("what is to be `{}`", artifact.file_name))
    };
    let binaries = foreign.binaries.iter().cloned().collect::<Vec<_>>();
    let format = Format::named(&artifact.kind.name(), artifact.kind.container(), &binaries, &artifact.file_name);
    let format = format.map_err(|error| not_of_kind(&error))?;
    let file = folder.join("left");
    store.materialise(digest, &file, 0o644).map_err(Failure::from)?;
    let reader = File::open(&file).map_err(|error| Failure::io(&file, &error))?;
    let unpacked = unpack(reader, &format, &folder.join("unpacked"), &Limits::default()).map_err(|error| not_of_kind(&error))?;
    Ok((format, unpacked))
}

/// The binaries that are promised: as a person is told of each, and where it lies.
fn sought_in<'u>(
    artifact: &ArtifactPlan,
    foreign: &ForeignBuild,
    target: &Target,
    format: &Format,
    unpacked: &'u Unpacked,
) -> Result<Vec<(String, &'u Path)>, Failure> {
    let files = unpacked.files.as_slice();
    match kinds::sought(&artifact.kind) {
        Sought::Programs => {
            let found = foreign.binaries.iter().map(|name| {
                let name = program_file(name, target.executable_suffix(), format);
                let path = program(files, &name).ok_or_else(|| lacks("program", &name, files))?;
                Ok((path.display().to_string(), path))
            });
            found.collect()
        }
        Sought::Member { path, alone } => {
            let found = files.iter().find(|file| *file == Path::new(path)).ok_or_else(|| lacks("library", path, files))?;
            if let Some(other) = files.iter().find(|file| alone && *file != found) {
                let message = format!("what the command left holds `{}` beside `{path}`", other.display());
                let failure = Failure::new(Class::NotProven, "foreign-members", message);
                return Err(failure.hint("users unpack it into a folder where other libraries lie: leave the library alone in it"));
            }
            Ok(vec![(path.to_owned(), found.as_path())])
        }
        Sought::Nothing | Sought::All => Ok(Vec::new()),
    }
}

/// What binaries in a file that a command left ask of the C library, those that it does not promise included: where each lies, and why.
pub(crate) fn demands(store: &Store, artifact: &ArtifactPlan, digest: Digest) -> Vec<(String, FloorReason)> {
    let Origin::Foreign(foreign) = &artifact.origin else { return Vec::new() };
    let Ok(folder) = store.temporary_folder() else { return Vec::new() };
    let Ok((_, unpacked)) = taken_apart(store, artifact, foreign, digest, folder.path()) else { return Vec::new() };
    let place = folder.path().join("unpacked");
    let found = unpacked.files.iter().filter(|path| is_elf(&place.join(path))).flat_map(|path| {
        let facts = measured::read(&place.join(path)).ok().and_then(|bytes| inspect(&bytes).ok());
        let reasons = facts.iter().flat_map(floor_reasons).collect::<Vec<_>>();
        reasons.into_iter().map(|reason| (path.display().to_string(), reason))
    });
    found.collect()
}

/// Whether a file begins as programs of Linux do: what else lies there may be large, and is not read.
fn is_elf(path: &Path) -> bool {
    let mut start = [0; 4];
    let is_file = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    is_file && File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == *b"\x7fELF"
}

/// `what` is sought, under `name`.
fn lacks(what: &str, name: &str, files: &[PathBuf]) -> Failure {
    let failure = Failure::new(Class::NotProven, "program-missing", format!("what the command left holds no {what} `{name}`"));
    let held = files.iter().take(10).map(|path| path.display().to_string()).collect::<Vec<_>>();
    failure.cause("holds", if held.is_empty() { "nothing".to_owned() } else { held.join(", ") })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use plimsoll_model::plan::{Holds, Want};
    use plimsoll_model::{Fits, KindPlan};

    use super::*;

    /// The shell of this machine stands for a program that was linked to a newer C library than a root has.
    #[test]
    fn what_a_program_demands_is_told_with_where_it_lies() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let [program, none] = [std::fs::read("/bin/sh").unwrap(), b"#!/bin/sh\n".to_vec()].map(|bytes| store.put_bytes(&bytes).unwrap());
        let target: Target = "x86_64-unknown-linux-gnu".parse().unwrap();
        let foreign = ForeignBuild {
            product: "static.tool/x86_64-unknown-linux-gnu".parse().unwrap(),
            binaries: BTreeSet::from(["tool".to_owned()]),
            holds: Holds::Programs,
        };
        let artifact = ArtifactPlan {
            kind: KindPlan::Static,
            name: "tool".parse().unwrap(),
            fits: Fits::One(target),
            want: Want::Wanted,
            file_name: "tool-linux".parse().unwrap(),
            origin: Origin::Foreign(foreign),
            cpu: None,
        };
        let found = demands(&store, &artifact, program.digest());
        assert!(found.iter().any(|(path, reason)| path == "tool" && reason.describe().contains(" from libc.so.6)")), "{found:?}");
        assert_eq!(demands(&store, &artifact, none.digest()), []);
        let packed = ArtifactPlan { origin: Origin::Packed(Vec::new()), ..artifact };
        assert_eq!(demands(&store, &packed, program.digest()), []);
    }
}
