//! What makes a tree no wheel.

use crate::tree::TreePath;

/// Why a tree cannot be packed as a wheel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WheelProblem {
    /// A command written in Python and a program have one name.
    #[error("the program `{program}` and the command `{command}` of `project.scripts` would be one file: give one of them another name")]
    TwoCommands {
        /// The program's file.
        program: String,
        /// The command.
        command: String,
    },
    /// pip would install it as it is, and nobody could run it.
    #[error("`{path}` is a program without the permission to be executed")]
    NotExecutable {
        /// The program.
        path: TreePath,
    },
    /// Metadata is written from what the project says, and is not taken from its files.
    #[error("`{path}` lies where the wheel's own metadata does, and is no licence that `project.license-files` names")]
    Described {
        /// The file.
        path: TreePath,
    },
    /// What installers put elsewhere than among modules.
    #[error("`{path}` lies in the wheel's data folder, which takes programs in `{folder}` only")]
    Data {
        /// The file.
        path: TreePath,
        /// Where programs lie.
        folder: String,
    },
    /// Installers take it for that of another distribution, or refuse the wheel.
    #[error("`{path}` lies in the metadata or data folder of another distribution")]
    Foreign {
        /// The file.
        path: TreePath,
    },
    /// PyPI refuses a wheel that names a licence and does not have it.
    #[error("the licence `{path}` is named in the metadata and not in the tree")]
    LicenseMissing {
        /// Where it should be.
        path: String,
    },
}
