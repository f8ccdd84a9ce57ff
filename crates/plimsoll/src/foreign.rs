//! Inspecting what the project's own command left: it is unpacked as a careful consumer does, and every program that it promises is judged as if we
//! had packed it. Nothing of it is started here, and nothing is changed.

use std::collections::BTreeMap;
use std::fs::File;

use plimsoll_fetch::unpack::{Format, Limits, unpack};
use plimsoll_model::plan::ForeignBuild;
use plimsoll_model::{ArtifactId, ArtifactPlan, Class, Failure, Measured, Target, TargetPlan};
use plimsoll_store::{ActionRecord, KeyBuilder, Output, Store};

use crate::assemble::{self, Binary, Judging};
use crate::measured::{self, program, program_file};

/// Number of the way such files are looked at.
const FORMAT: u32 = 1;

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
    /// What it is for.
    pub target: &'a Target,
    /// What the plan says of the target.
    pub plan: &'a TargetPlan,
    /// The bytes.
    pub output: &'a Output,
}

impl InspectStage<'_> {
    /// What was measured of the programs in it, remembered or looked at now.
    ///
    /// # Errors
    /// One failure with every finding of every program; or if it is not of its kind, or a program is missing.
    pub fn run(&self, left: Left<'_>) -> Result<(Measured, bool), Failure> {
        let Left { id, artifact, foreign, target, plan, output } = left;
        let judging = Judging::new(&foreign.holds, target, plan, self.forbidden_paths);
        let key = KeyBuilder::new("inspect", FORMAT)
            .part("judged", &assemble::FORMAT)
            .part("kind", &artifact.kind)
            .part("foreign", foreign)
            .part("judging", &judging.identity())
            .part("bytes", &output.digest);
        if let Some(measured) = self.store.recall(key.key()).and_then(|record| serde_json::from_value(record.facts).ok()) {
            return Ok((measured, true));
        }
        let measured = self.look(left, &judging).map_err(|failure| failure.about(id.to_string()))?;
        let facts = serde_json::to_value(&measured).unwrap_or_default();
        let outputs = BTreeMap::from([("artifact".to_owned(), output.clone())]);
        self.store.remember(&key, &ActionRecord { outputs, facts, finished: self.now, milliseconds: 0 }).map_err(Failure::from)?;
        Ok((measured, false))
    }

    fn look(&self, left: Left<'_>, judging: &Judging<'_>) -> Result<Measured, Failure> {
        let Left { id, artifact, foreign, target, output, .. } = left;
        let not_of_kind = |error: &dyn std::error::Error| {
            let failure = Failure::from_error(Class::NotProven, "not-installable", error);
            failure.cause("left", format!("what is to be `{}`", artifact.file_name))
        };
        let binaries = foreign.binaries.iter().cloned().collect::<Vec<_>>();
        let format = Format::named(&artifact.kind.name(), artifact.kind.container(), &binaries, &artifact.file_name);
        let format = format.map_err(|error| not_of_kind(&error))?;
        let folder = self.store.temporary_folder().map_err(Failure::from)?;
        let (file, place) = (folder.path().join("left"), folder.path().join("unpacked"));
        self.store.materialise(output.digest, &file, 0o644).map_err(Failure::from)?;
        let reader = File::open(&file).map_err(|error| Failure::io(&file, &error))?;
        let unpacked = unpack(reader, &format, &place, &Limits::default()).map_err(|error| not_of_kind(&error))?;
        let read = foreign.binaries.iter().map(|name| {
            let file_name = program_file(name, target.executable_suffix(), &format);
            let path = program(&unpacked.files, &file_name).ok_or_else(|| lacks(&file_name, &unpacked.files))?;
            let bytes = measured::read(&place.join(path));
            let bytes = bytes.map_err(|problem| Failure::new(Class::NotProven, "unreadable-program", problem.to_string()))?;
            let below_root = unpacked.root.as_ref().and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
            let folders_above = u32::try_from(below_root.components().count().saturating_sub(1)).unwrap_or(u32::MAX);
            Ok(Binary { name, bytes, folders_above: Some(folders_above) })
        });
        judging.judge(id.as_str(), read)
    }
}

fn lacks(program: &str, files: &[std::path::PathBuf]) -> Failure {
    let failure = Failure::new(Class::NotProven, "program-missing", format!("what the command left holds no program `{program}`"));
    let held = files.iter().take(10).map(|path| path.display().to_string()).collect::<Vec<_>>();
    failure.cause("holds", if held.is_empty() { "nothing".to_owned() } else { held.join(", ") })
}
