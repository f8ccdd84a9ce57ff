//! What kinds read from the project's sources, besides what cargo says.

use plimsoll_elixir::ElixirProject;
use plimsoll_model::Failure;

use super::{KindTable, nif};
use crate::manifest::Manifest;
use crate::sources::Sources;

/// One field a kind that reads any; empty if nothing of that kind is shipped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// What Elixir sources say of native libraries.
    pub elixir: ElixirProject,
}

impl Facts {
    /// Reads what the kinds of the manifest ask for. With `may_contradict`, what is read need not agree with the manifest.
    ///
    /// # Errors
    /// If a source cannot be read.
    pub(crate) fn read(manifest: &Manifest, sources: &Sources, may_contradict: bool) -> Result<Self, Failure> {
        let mut facts = Self::default();
        let ships_nifs = manifest.artifacts.iter().any(|table| matches!(table.own, KindTable::Nif(_)));
        if ships_nifs {
            facts.elixir = ElixirProject { may_contradict, ..nif::read_elixir(sources)? };
        }
        Ok(facts)
    }
}
