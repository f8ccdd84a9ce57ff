//! What a trial is given besides its subjects, laid out for its steps: files of its own, packages that others publish, and the release before this one,
//! unpacked as users had it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use plimsoll_fetch::unpack::{Format, Limits, unpack};
use plimsoll_model::{ArtifactId, Class, Failure, Plan, PreviousFile};
use plimsoll_roots::session::{GIVEN_FILES, PREVIOUS, WHEELHOUSE};
use tempfile::TempDir;

use super::{ProveStage, Trying};
use crate::given::GivenStore;

/// A folder with all of it; gone when it is dropped.
#[derive(Debug)]
pub(super) struct GivenFolder {
    _folder: TempDir,
    path: PathBuf,
}

/// Below the temporary folder; with a space, because users have them.
const FOLDER: &str = "given here";

impl GivenFolder {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl ProveStage<'_> {
    /// What the trial is given; none if that is nothing.
    ///
    /// # Errors
    /// If it cannot be had, or is not what was locked.
    pub(super) fn given(&self, trying: Trying<'_>, plan: &Plan) -> Result<Option<GivenFolder>, Failure> {
        let given = &trying.trial.given;
        if !given.is_brought() {
            return Ok(None);
        }
        let from =
            GivenStore { store: self.store, network: &self.roots.network, project: &self.roots.sources.project, launcher: self.launcher };
        let folder = self.store.temporary_folder().map_err(Failure::from)?;
        let path = folder.path().join(FOLDER);
        let (files, wheelhouse, previous) = (path.join(GIVEN_FILES), path.join(WHEELHOUSE), path.join(PREVIOUS));
        for folder in [&files, &wheelhouse, &previous] {
            fs::create_dir_all(folder).map_err(|error| Failure::io(folder, &error))?;
        }
        for (name, digest) in &given.files {
            from.put(*digest, &plan.given, &files.join(name.as_str()), 0o644)?;
        }
        for (name, digest) in &given.wheelhouse {
            from.put(*digest, &plan.given, &wheelhouse.join(name.as_str()), 0o644)?;
        }
        for (id, file) in given.previous.iter().flatten() {
            let download = self.store.temporary_folder().map_err(Failure::from)?;
            let packed = download.path().join(file.file_name.as_str());
            from.put(file.sha256, &plan.given, &packed, 0o644)?;
            self.unpack_previous(trying, plan, (id, file), &packed, &previous)?;
        }
        Ok(Some(GivenFolder { _folder: folder, path }))
    }

    /// Unpacks an artifact of the previous release into a folder of its name, without the folder that holds all of it.
    fn unpack_previous(
        &self,
        trying: Trying<'_>,
        plan: &Plan,
        (id, file): (&ArtifactId, &PreviousFile),
        packed: &Path,
        into: &Path,
    ) -> Result<(), Failure> {
        let unknown = || Failure::new(Class::NotProven, "plan", "the plan does not know an artifact of its trial").about(id.to_string());
        let artifact = plan.artifacts.get(id).ok_or_else(unknown)?;
        let binaries = trying.trial.subjects.get(id).map(|subject| subject.binaries.as_slice()).unwrap_or_default();
        let refused = |error: &dyn std::error::Error| {
            Failure::from_error(Class::NotProven, "previous-not-installable", error).about(format!("{id} of the previous release"))
        };
        let format = Format::named(&artifact.kind.name(), file.format.as_deref(), binaries, &file.file_name);
        let format = format.map_err(|error| refused(&error))?;
        let reader = File::open(packed).map_err(|error| Failure::io(packed, &error))?;
        let place = self.store.temporary_folder().map_err(Failure::from)?;
        let unpacked = unpack(reader, &format, &place.path().join(FOLDER), &Limits::default()).map_err(|error| refused(&error))?;
        let whole = place.path().join(FOLDER);
        let found = unpacked.root.map_or_else(|| whole.clone(), |root| whole.join(root));
        let to = into.join(artifact.name.as_str());
        fs::rename(&found, &to).map_err(|error| Failure::io(&to, &error))
    }
}
