//! What kinds read from the project's sources, besides what cargo says.

use plimsoll_elixir::ElixirProject;
use plimsoll_exec::launcher::Launcher;
use plimsoll_model::Failure;
use plimsoll_store::Store;

use super::wheel::project::PythonProjects;
use super::{KindTable, nif};
use crate::manifest::Manifest;
use crate::sources::Sources;

/// Who asks, and how far he may go.
#[derive(Debug, Clone, Copy)]
pub struct Inquiry<'a> {
    /// Where answers are remembered.
    pub store: &'a Store,
    /// Starts programs.
    pub launcher: &'a Launcher,
    /// Whether code of the project may be run, which is only ever done in a clean root; else only what was asked before is recalled.
    pub evaluates: bool,
    /// Whether what is read need not agree with the manifest.
    pub may_contradict: bool,
}

/// One field a kind that reads any; empty if nothing of that kind is shipped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// What Elixir sources say of native libraries.
    pub elixir: ElixirProject,
    /// What projects of Python's say of themselves.
    pub python: PythonProjects,
}

impl Facts {
    /// Reads what the kinds of the manifest ask for.
    ///
    /// # Errors
    /// If a source cannot be read.
    pub(crate) fn read(manifest: &Manifest, sources: &Sources, inquiry: Inquiry<'_>) -> Result<Self, Failure> {
        let mut facts = Self::default();
        let ships_nifs = manifest.artifacts.iter().any(|table| matches!(table.own, KindTable::Nif(_)));
        if ships_nifs {
            facts.elixir = ElixirProject { may_contradict: inquiry.may_contradict, ..nif::read_elixir(sources, inquiry)? };
        }
        if manifest.artifacts.iter().any(|table| matches!(table.own, KindTable::Wheel(_))) {
            facts.python = PythonProjects::read(sources)?;
        }
        Ok(facts)
    }
}
