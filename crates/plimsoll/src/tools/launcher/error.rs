//! Why a program was not run.

use std::io;
use std::path::PathBuf;

use super::Launch;

/// Why a program was not run.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// There is no such program.
    #[error("program {} not found", program.display())]
    NotFound {
        /// As it was given.
        program: PathBuf,
    },
    /// The working folder does not exist or cannot be entered.
    #[error("working folder {} does not exist", path.display())]
    WorkingFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot start {}", program.display())]
    Start {
        /// As it was given.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// [`Launcher::cancel`](super::Launcher::cancel) was called before.
    #[error("interrupted")]
    Cancelled,
}

/// What the system said when a program was to be started.
pub(super) fn not_started(launch: &Launch, source: io::Error) -> LaunchError {
    let named = launch.program.components().count() == 1;
    if source.kind() == io::ErrorKind::NotFound && (named || !launch.program.exists()) {
        LaunchError::NotFound { program: launch.program.clone() }
    } else {
        LaunchError::Start { program: launch.program.clone(), source }
    }
}
