//! The spec of a wheel: its name, what it says of itself, and its time.

use plimsoll_model::names::InvalidName;
use plimsoll_model::{FileName, Target};

use super::platform::{NoPlatformTag, SystemFloor, platform_tags};
use super::pyproject::{Project, ProjectError, ReadmeSource};
use super::{Tags, WheelFileName, layout, metadata};
use crate::spec::{SpecError, checked_epoch};
use crate::tree::{Tree, TreePath};

/// How a wheel is packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WheelSpec {
    pub(super) name: WheelFileName,
    file_name: FileName,
    target: Target,
    epoch: u64,
    pub(super) metadata: String,
    pub(super) entry_points: String,
    /// Of those, the ones for which installers write files beside the programs.
    pub(super) commands: Vec<String>,
    /// Relative to the project's folder.
    pub(super) licenses: Vec<TreePath>,
}

/// What lies in a project's folder and goes into a wheel's metadata.
#[derive(Debug, Clone, Default)]
pub struct ProjectFiles<'a> {
    /// The bytes of [`Project::readme_file`]; none if it is not there.
    pub readme: Option<&'a [u8]>,
    /// What [`Project::licenses_among`] found.
    pub licenses: Vec<TreePath>,
}

/// Why there is no spec.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWheel {
    /// What the project says of itself.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// No tag says what it fits.
    #[error(transparent)]
    Platform(#[from] NoPlatformTag),
    /// No file can be named so.
    #[error("the wheel's name: {0}")]
    FileName(#[from] InvalidName),
    /// Its time.
    #[error(transparent)]
    Spec(#[from] SpecError),
}

impl WheelSpec {
    /// The spec of a wheel of programs for `target`, which ask for `floor`, all of whose members have the time `epoch`, in seconds since 1970, UTC.
    ///
    /// # Errors
    /// No platform tag fits; the readme is not there or no text; the time is after [`LAST_EPOCH`](crate::LAST_EPOCH).
    pub fn new(project: &Project, files: ProjectFiles<'_>, target: Target, floor: SystemFloor, epoch: u64) -> Result<Self, InvalidWheel> {
        let tags = Tags::of_programs(platform_tags(&target, floor)?);
        let name = WheelFileName { distribution: project.name.clone(), version: project.version.clone(), tags };
        let file_name = name.to_string().parse()?;
        let readme = readme(project, files.readme)?;
        let licenses = files.licenses;
        Ok(Self {
            metadata: metadata::metadata(project, readme, &licenses),
            entry_points: project.entry_points.to_string(),
            commands: project.entry_points.commands().map(str::to_owned).collect(),
            licenses,
            name,
            file_name,
            target,
            epoch: checked_epoch(epoch)?,
        })
    }

    /// The wheel's file name, in parts.
    pub const fn name(&self) -> &WheelFileName {
        &self.name
    }

    /// The wheel's file name.
    pub const fn file_name(&self) -> &FileName {
        &self.file_name
    }

    /// The target.
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// The time of every member, in seconds since 1970, UTC.
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Where a program lies in the tree, and in the wheel.
    pub fn program_path(&self, file: &str) -> String {
        format!("{}/scripts/{file}", self.name.data())
    }

    /// Where a licence lies in the tree, and in the wheel; `path` is relative to the project's folder.
    pub fn license_path(&self, path: &TreePath) -> String {
        format!("{}/licenses/{path}", self.name.dist_info())
    }

    /// The listing that the wheel will have, in order.
    pub fn members(&self, tree: &Tree) -> Vec<String> {
        layout::names(self, tree)
    }
}

/// The text of the readme, wherever it is.
fn readme<'a>(project: &'a Project, file: Option<&'a [u8]>) -> Result<Option<&'a str>, ProjectError> {
    let Some(readme) = &project.readme else { return Ok(None) };
    match &readme.source {
        ReadmeSource::Text(text) => Ok(Some(text)),
        ReadmeSource::File(path) => {
            let bytes = file.ok_or_else(|| ProjectError::new(&readme.key, format!("`{path}` is not among the project's files")))?;
            let text = std::str::from_utf8(bytes).map_err(|_| ProjectError::new(&readme.key, format!("`{path}` is not UTF-8")))?;
            Ok(Some(text))
        }
    }
}
