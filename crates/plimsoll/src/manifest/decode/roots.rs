//! `[root.NAME]`: where a root's files come from. Judges nothing but types.

use toml::de::DeValue;

use super::super::diagnostic::Diagnostics;
use super::super::reader::{Table, Value, string, string_table, wrong_type};
use super::super::written::{PerProcessor, RootTable, Written};

pub(crate) fn root(mut table: Table<'_, '_>, out: &mut Diagnostics) -> RootTable {
    let read = RootTable {
        image: table.string("image", out),
        archive: table.take("archive").and_then(|value| per_processor(&table.place("archive"), value, out)),
        sha256: table.take("sha256").and_then(|value| per_processor(&table.place("sha256"), value, out)),
    };
    table.finish(out);
    read
}

fn per_processor(place: &str, value: &Value<'_>, out: &mut Diagnostics) -> Option<Written<PerProcessor>> {
    let read = match value.get_ref() {
        DeValue::String(_) => PerProcessor::All(string(place, value, out)?.value),
        DeValue::Table(_) => PerProcessor::Each(string_table(place, value, out)),
        _ => {
            wrong_type(place, "a string or a table of strings", value, out);
            return None;
        }
    };
    Some(Written { value: read, span: value.span() })
}
