//! `[nif.*]`: libraries for the BEAM, with their variants.

use toml::de::DeValue;

use super::super::KindTable;
use crate::manifest::decode;
use crate::manifest::diagnostic::Diagnostics;
use crate::manifest::reader::{self, string, strings};
use crate::manifest::{ArtifactTable, Files, Strings, Timeout, Written};
use crate::sources::Derived;

/// What only `[nif.NAME]` has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// `files`.
    pub files: Option<Written<Files>>,
    /// `module`.
    pub module: Option<Written<String>>,
    /// `app`.
    pub app: Option<Written<String>>,
    /// `base-url`.
    pub base_url: Option<Written<String>>,
    /// `scheme`.
    pub scheme: Option<Written<String>>,
    /// `nif-versions`.
    pub nif_versions: Option<Strings>,
    /// `variant.*`.
    pub variants: Vec<(Written<String>, VariantTable)>,
    /// `load`.
    pub load: Vec<Written<String>>,
    /// `test`.
    pub test: Option<Written<String>>,
    /// `timeout`.
    pub timeout: Option<Written<Timeout>>,
}

/// `[nif.NAME.variant.VARIANT]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VariantTable {
    /// `features`.
    pub features: Option<Strings>,
    /// `cpu`.
    pub cpu: Option<Written<String>>,
    /// `rustflags`.
    pub rustflags: Option<Strings>,
    /// `targets`.
    pub targets: Option<Strings>,
}

impl Table {
    /// Whether a variant is compiled for more than every x86-64 processor has.
    pub(crate) fn declares_level(&self) -> bool {
        self.variants.iter().any(|(_, variant)| variant.cpu.is_some())
    }

    /// The maps of checksums, which are made of sealed bytes.
    pub(crate) fn derived(&self) -> &'static [Derived] {
        const OF_MODULES: Derived = Derived::Between("checksum-Elixir.", ".exs");
        let makes = self.scheme.as_ref().is_some_and(|scheme| scheme.value == plimsoll_model::NifScheme::ElixirMake.name());
        if makes { &[OF_MODULES, Derived::Named("checksum.exs")] } else { &[OF_MODULES] }
    }
}

/// Reads one table.
pub(crate) fn decode(name: Written<String>, mut table: reader::Table<'_, '_>, out: &mut Diagnostics) -> ArtifactTable {
    let load = table.take("load").and_then(|value| match value.get_ref() {
        DeValue::Array(_) => Some(strings(&table.place("load"), value, out)?.value),
        _ => string(&table.place("load"), value, out).map(|one| vec![one]),
    });
    let variants = table.tables("variant", "nif.NAME.variant.VARIANT", out);
    let own = Table {
        files: decode::files_of(&mut table, out),
        module: table.string("module", out),
        app: table.string("app", out),
        base_url: table.string("base-url", out),
        scheme: table.string("scheme", out),
        nif_versions: table.strings("nif-versions", out),
        variants: variants.into_iter().map(|(name, table)| (name, variant(table, out))).collect(),
        load: load.unwrap_or_default(),
        test: table.string("test", out),
        timeout: decode::timeout_of(&mut table, out),
    };
    let mut read = decode::artifact(name, &mut table, KindTable::Nif(own), out);
    decode::foreign_with_level_of(&mut read, &mut table, out);
    table.finish(out);
    read
}

fn variant(mut table: reader::Table<'_, '_>, out: &mut Diagnostics) -> VariantTable {
    let read = VariantTable {
        features: table.strings("features", out),
        cpu: table.string("cpu", out),
        rustflags: table.strings("rustflags", out),
        targets: table.strings("targets", out),
    };
    table.finish(out);
    read
}
