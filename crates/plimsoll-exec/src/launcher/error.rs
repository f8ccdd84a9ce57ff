//! Why a program was not run.

use std::io;
use std::path::PathBuf;

use plimsoll_model::{Class, Failure};

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

impl LaunchError {
    /// The failure of whoever wanted it to run; an interruption is no fault of the program's.
    pub fn failure(&self, class: Class, code: &'static str) -> Failure {
        if matches!(self, Self::Cancelled) { Failure::interrupted() } else { Failure::from_error(class, code, self) }
    }
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
