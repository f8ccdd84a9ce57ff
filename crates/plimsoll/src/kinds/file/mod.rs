//! The kind `file`: one file of the project, as it is, for every machine or for several targets, such as a script that installs the rest.

mod check;
pub(crate) mod keys;

use plimsoll_model::ArtifactPlan;
use plimsoll_pack::{OneFileSpec, Spec};

use super::KindTable;
use crate::manifest::decode;
use crate::manifest::diagnostic::Diagnostics;
use crate::manifest::reader;
use crate::manifest::{ArtifactTable, Probes, Strings, Written};

pub(crate) use check::check;

/// What only `[file.NAME]` has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// `path`.
    pub path: Option<Written<String>>,
    /// `filename`.
    pub filename: Option<Written<String>>,
    /// `roots`.
    pub roots: Option<Strings>,
    /// `probe`.
    pub probe: Option<Probes>,
}

/// Reads one table.
pub(crate) fn decode(name: Written<String>, mut table: reader::Table<'_, '_>, out: &mut Diagnostics) -> ArtifactTable {
    let own = Table {
        path: table.string("path", out),
        filename: table.string("filename", out),
        roots: table.strings("roots", out),
        probe: decode::probes_of(&mut table, out),
    };
    let mut read = ArtifactTable::new(name, KindTable::File(own));
    read.targets = table.strings("targets", out);
    decode::foreign_of(&mut read, &mut table, out);
    table.finish(out);
    read
}

/// How it is packed.
pub(crate) fn spec(artifact: &ArtifactPlan) -> Spec {
    Spec::File(OneFileSpec::new(artifact.file_name.clone()))
}
