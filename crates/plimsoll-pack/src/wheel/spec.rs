//! The spec of a wheel: its name, what it says of its project, and its time.

use plimsoll_model::{FileName, Target};

use super::description::Description;
use super::layout;
use super::{InvalidWheelFileName, WheelFileName};
use crate::spec::{SpecError, checked_epoch};
use crate::tree::{Tree, TreePath};

/// How a wheel is packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WheelSpec {
    name: WheelFileName,
    file_name: FileName,
    target: Target,
    epoch: u64,
    description: Description,
}

/// Why there is no spec.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWheel {
    /// It is not named like a wheel.
    #[error(transparent)]
    FileName(#[from] InvalidWheelFileName),
    /// An index refuses a wheel whose metadata names another distribution or version than its file.
    #[error("{file_name}: its metadata is that of another distribution or version")]
    OtherProject {
        /// The wheel.
        file_name: FileName,
    },
    /// Its time.
    #[error(transparent)]
    Spec(#[from] SpecError),
}

impl WheelSpec {
    /// The spec of a wheel for `target`, all of whose members have the time `epoch`, in seconds since 1970, UTC.
    ///
    /// # Errors
    /// The name is no wheel's, or that of another project; the time is after [`LAST_EPOCH`](crate::LAST_EPOCH).
    pub fn new(file_name: FileName, description: Description, target: Target, epoch: u64) -> Result<Self, InvalidWheel> {
        let name: WheelFileName = file_name.as_str().parse()?;
        if !description.is_of(&name) {
            return Err(InvalidWheel::OtherProject { file_name });
        }
        Ok(Self { name, file_name, target, epoch: checked_epoch(epoch)?, description })
    }

    /// The wheel's file name, in parts.
    pub const fn name(&self) -> &WheelFileName {
        &self.name
    }

    /// The wheel's file name.
    pub const fn file_name(&self) -> &FileName {
        &self.file_name
    }

    /// What it says of its project.
    pub const fn description(&self) -> &Description {
        &self.description
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
        self.name.program_path(file)
    }

    /// Where a licence lies in the tree, and in the wheel; `path` is relative to the project's folder.
    pub fn license_path(&self, path: &TreePath) -> String {
        self.name.license_path(path)
    }

    /// The listing that the wheel will have, in order.
    pub fn members(&self, tree: &Tree) -> Vec<String> {
        layout::names(self, tree)
    }
}
