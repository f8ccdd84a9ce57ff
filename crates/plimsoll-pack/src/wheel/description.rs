//! What a wheel says of its project, as its metadata has it. Made once from the project, and the same for each of its wheels.

use plimsoll_model::python::normalised_name;
use plimsoll_model::{WheelPlan, WheelText};

use super::pyproject::{Project, ProjectError, ReadmeSource};
use super::{WheelFileName, metadata};
use crate::tree::{InvalidTreePath, TreePath};

/// What lies in a project's folder and goes into a wheel's metadata.
#[derive(Debug, Clone, Default)]
pub struct ProjectFiles<'a> {
    /// The bytes of [`Project::readme_file`]; none if it is not there.
    pub readme: Option<&'a [u8]>,
    /// What [`Project::licenses_among`] found.
    pub licenses: Vec<TreePath>,
}

/// The metadata of a project's wheels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// As file names have the name.
    distribution: String,
    version: String,
    pub(super) metadata: String,
    /// The text of `entry_points.txt`; empty if there are none.
    pub(super) entry_points: String,
    /// Of those, the ones for which installers write files beside the programs.
    pub(super) commands: Vec<String>,
    /// Relative to the project's folder.
    pub(super) licenses: Vec<TreePath>,
}

impl Description {
    /// What is said of a project.
    ///
    /// # Errors
    /// The readme is not there, or is no text.
    pub fn new(project: &Project, files: ProjectFiles<'_>) -> Result<Self, ProjectError> {
        Ok(Self {
            distribution: project.name.in_file_names(),
            version: project.version.to_string(),
            metadata: metadata::metadata(project, readme(project, files.readme)?, &files.licenses),
            entry_points: project.entry_points.to_string(),
            commands: project.entry_points.commands().map(str::to_owned).collect(),
            licenses: files.licenses,
        })
    }

    /// What a plan says of one of the project's wheels; none if that wheel is not written by us.
    ///
    /// # Errors
    /// A licence has no path that a wheel could hold.
    pub fn of_plan(plan: &WheelPlan) -> Result<Option<Self>, InvalidTreePath> {
        let Some(text) = &plan.described else { return Ok(None) };
        Ok(Some(Self {
            distribution: normalised_name(&plan.distribution, '_'),
            version: plan.version.clone(),
            metadata: text.metadata.clone(),
            entry_points: text.entry_points.clone(),
            commands: text.commands.clone(),
            licenses: text.licenses.iter().map(|path| path.parse()).collect::<Result<_, _>>()?,
        }))
    }

    /// The same for a plan.
    pub fn text(&self) -> WheelText {
        WheelText {
            metadata: self.metadata.clone(),
            entry_points: self.entry_points.clone(),
            commands: self.commands.clone(),
            licenses: self.licenses.iter().map(ToString::to_string).collect(),
        }
    }

    /// The licences that the wheel must hold, relative to the project's folder.
    pub fn licenses(&self) -> &[TreePath] {
        &self.licenses
    }

    /// Whether a wheel of that name is one of this project's.
    pub(super) fn is_of(&self, name: &WheelFileName) -> bool {
        name.distribution.in_file_names() == self.distribution && name.version.to_string() == self.version
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
