//! The kind `static`: one static program as a bare file, for machines that have nothing else.

mod check;
pub(crate) mod keys;

use plimsoll_model::ArtifactPlan;
use plimsoll_pack::{OneFileSpec, Spec};

use super::KindTable;
use crate::manifest::decode;
use crate::manifest::diagnostic::Diagnostics;
use crate::manifest::reader;
use crate::manifest::{ArtifactTable, Probes, Written};

pub(crate) use check::check;

/// What only `[static.NAME]` has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// `binary`.
    pub binary: Option<Written<String>>,
    /// `filename`.
    pub filename: Option<Written<String>>,
    /// `probe`.
    pub probe: Option<Probes>,
}

/// Reads one table.
pub(crate) fn decode(name: Written<String>, mut table: reader::Table<'_, '_>, out: &mut Diagnostics) -> ArtifactTable {
    let own =
        Table { filename: table.string("filename", out), probe: decode::probes_of(&mut table, out), binary: table.string("binary", out) };
    let mut read = decode::artifact(name, &mut table, KindTable::Static(own), out);
    decode::foreign_with_level_of(&mut read, &mut table, out);
    table.finish(out);
    read
}

/// How it is packed.
pub(crate) fn spec(artifact: &ArtifactPlan) -> Spec {
    Spec::Static(OneFileSpec::new(artifact.file_name.clone()))
}
