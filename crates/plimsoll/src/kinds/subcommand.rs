//! Commands of one kind alone, and what a kind holds against a release.

use plimsoll_model::{Failure, Plan, ReleaseDocument};

use super::nif;
use crate::cli::{Common, Outcome};
use crate::project::Loaded;

/// What `plimsoll` knows besides the commands for all kinds.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// The Elixir side of libraries for the BEAM: the map of checksums, the lines to paste.
    Nif(nif::command::Arguments),
}

/// Runs one.
pub(crate) fn run(command: &Command, common: &Common) -> Outcome {
    match command {
        Command::Nif(arguments) => nif::command::run(arguments, common),
    }
}

/// What a person should know of the project's side that can be planned all the same.
pub(crate) fn notes(project: &Loaded, plan: &Plan) -> Vec<String> {
    nif::notes::notes(project, plan)
}

/// Everything at a release that a kind's side of the project would have wrong.
///
/// # Errors
/// If a file cannot be read.
pub(crate) fn at_release(project: &Loaded, sealed: Option<&ReleaseDocument>, plan: &Plan) -> Result<Vec<Failure>, Failure> {
    nif::command::at_release(project, sealed, plan)
}
