//! Inspecting what the project's own command left: it is unpacked as a careful consumer does, and every program that it promises is judged as if we
//! had packed it. Nothing of it is started here, and nothing is changed.

use std::collections::BTreeMap;
use std::fs::File;

use plimsoll_fetch::unpack::{Format, Limits, unpack};
use plimsoll_inspect::{DottedVersion, Policy};
use plimsoll_model::plan::ForeignBuild;
use plimsoll_model::{ArtifactId, ArtifactPlan, Class, Failure, Measured, Target, TargetPlan};
use plimsoll_store::{ActionRecord, KeyBuilder, Output, Store};

use crate::assemble::{self, refused};
use crate::kinds;
use crate::measured::program;

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
        let policy = kinds::policy(&foreign.holds, target, plan).with_macos_floor(plan.macos.map(DottedVersion::from));
        let policy = Policy { forbidden_paths: self.forbidden_paths.to_vec(), ..policy };
        let key = KeyBuilder::new("inspect", FORMAT)
            .part("judged", &assemble::FORMAT)
            .part("kind", &artifact.kind)
            .part("foreign", foreign)
            .part("policy", &policy)
            .part("bytes", &output.digest);
        if let Some(measured) = self.store.recall(key.key()).and_then(|record| serde_json::from_value(record.facts).ok()) {
            return Ok((measured, true));
        }
        let measured = self.look(left, &policy).map_err(|failure| failure.about(id.to_string()))?;
        let facts = serde_json::to_value(&measured).unwrap_or_default();
        let outputs = BTreeMap::from([("artifact".to_owned(), output.clone())]);
        self.store.remember(&key, &ActionRecord { outputs, facts, finished: self.now, milliseconds: 0 }).map_err(Failure::from)?;
        Ok((measured, false))
    }

    fn look(&self, left: Left<'_>, policy: &Policy) -> Result<Measured, Failure> {
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
        let (mut all, mut findings) = (Vec::new(), Vec::new());
        for name in &foreign.binaries {
            let file_name = format!("{name}{}", target.executable_suffix());
            let file_name = if matches!(format, Format::Bare { .. }) { name.clone() } else { file_name };
            let Some(path) = program(&unpacked.files, &file_name) else { return Err(lacks(&file_name, &unpacked.files)) };
            let whole = place.join(path);
            let is_file = std::fs::symlink_metadata(&whole).is_ok_and(|data| data.is_file());
            if !is_file {
                return Err(Failure::new(Class::NotProven, "unreadable-program", format!("`{}` in it is no regular file", path.display())));
            }
            let bytes = std::fs::read(&whole).map_err(|error| Failure::io(&whole, &error))?;
            let below_root = unpacked.root.as_ref().and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
            let folders_above = u32::try_from(below_root.components().count().saturating_sub(1)).unwrap_or(u32::MAX);
            let policy = Policy { folders_above, ..policy.clone() };
            let (facts, found) = kinds::judge(&foreign.holds, &bytes, &policy)
                .map_err(|error| Failure::from_error(Class::NotProven, "unreadable-program", &error).about(format!("{name} of {id}")))?;
            findings.extend(found.into_iter().map(|finding| (name.clone(), finding)));
            all.push(facts);
        }
        if findings.is_empty() { Ok(assemble::measured(&all)) } else { Err(refused(id.as_str(), &findings)) }
    }
}

fn lacks(program: &str, files: &[std::path::PathBuf]) -> Failure {
    let failure = Failure::new(Class::NotProven, "program-missing", format!("what the command left holds no program `{program}`"));
    let held = files.iter().take(10).map(|path| path.display().to_string()).collect::<Vec<_>>();
    failure.cause("holds", if held.is_empty() { "nothing".to_owned() } else { held.join(", ") })
}
