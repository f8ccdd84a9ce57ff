//! `[nif.*]`: libraries for the BEAM, with their variants.

use plimsoll_pack::Kind;
use toml::de::DeValue;

use super::super::diagnostic::Diagnostics;
use super::super::reader::{Table, string, strings};
use super::super::written::{ArtifactTable, NifTable, VariantTable, Written};
use super::{files, timeout};

/// One table.
pub(super) fn nif(name: Written<String>, mut table: Table<'_, '_>, out: &mut Diagnostics) -> NifTable {
    let mut common = ArtifactTable::new(Kind::Nif, name);
    common.core = table.string("core", out);
    common.targets = table.strings("targets", out);
    common.planned = table.string_table("planned", out);
    common.deferred = table.string_table("deferred", out);
    common.files = table.take("files").and_then(|value| files(&table.place("files"), value, out));
    let load = table.take("load").and_then(|value| match value.get_ref() {
        DeValue::Array(_) => Some(strings(&table.place("load"), value, out)?.value),
        _ => string(&table.place("load"), value, out).map(|one| vec![one]),
    });
    let limit = table.take("timeout").and_then(|value| timeout(&table.place("timeout"), value, out));
    let read = NifTable {
        artifact: common,
        module: table.string("module", out),
        app: table.string("app", out),
        scheme: table.string("scheme", out),
        nif_versions: table.strings("nif-versions", out),
        variants: table
            .tables("variant", "nif.NAME.variant.VARIANT", out)
            .into_iter()
            .map(|(name, table)| (name, variant(table, out)))
            .collect(),
        load: load.unwrap_or_default(),
        test: table.string("test", out),
        timeout: limit,
    };
    table.finish(out);
    read
}

fn variant(mut table: Table<'_, '_>, out: &mut Diagnostics) -> VariantTable {
    let read = VariantTable {
        features: table.strings("features", out),
        cpu: table.string("cpu", out),
        rustflags: table.strings("rustflags", out),
        targets: table.strings("targets", out),
    };
    table.finish(out);
    read
}
