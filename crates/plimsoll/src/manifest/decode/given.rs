//! `[prebuilt.NAME]` and `[previous]`: what somebody else made, or was made before. Judges nothing but types.

use super::super::diagnostic::Diagnostics;
use super::super::reader::Table;
use super::super::written::{PrebuiltTable, Written};

pub(crate) fn prebuilt(mut table: Table<'_, '_>, out: &mut Diagnostics) -> PrebuiltTable {
    let read = PrebuiltTable {
        url: table.string("url", out),
        env: table.string("env", out),
        cores: table.strings("cores", out),
        targets: table.strings("targets", out),
    };
    table.finish(out);
    read
}

/// `previous.from`.
pub(crate) fn previous(mut table: Table<'_, '_>, out: &mut Diagnostics) -> Option<Written<String>> {
    let from = table.string("from", out);
    table.finish(out);
    from
}
