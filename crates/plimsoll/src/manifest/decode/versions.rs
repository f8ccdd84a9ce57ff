//! `[version]` as it is written.

use std::ops::Range;

use toml::de::DeValue;

use super::super::diagnostic::Diagnostics;
use super::super::reader::{Table, Value, string, strings, wrong_type};
use super::super::written::{VersionEntry, VersionTable, Written};

pub(crate) fn table(span: Range<usize>, mut table: Table<'_, '_>, out: &mut Diagnostics) -> VersionTable {
    let source = table.take("source").and_then(|value| entry(&table.place("source"), value, out));
    let copies = table.take("copies").map(|value| copies(&table.place("copies"), value, out)).unwrap_or_default();
    let read = VersionTable {
        span,
        source,
        copies,
        tag: table.string("tag", out),
        changelog: table.string("changelog", out),
        maintainer: table.string("maintainer", out),
        line: table.strings("line", out),
    };
    table.finish(out);
    read
}

fn copies(place: &str, value: &Value<'_>, out: &mut Diagnostics) -> Vec<VersionEntry> {
    let DeValue::Array(array) = value.get_ref() else {
        wrong_type(place, "an array of strings and tables", value, out);
        return Vec::new();
    };
    array.iter().filter_map(|item| entry(place, item, out)).collect()
}

fn entry(place: &str, value: &Value<'_>, out: &mut Diagnostics) -> Option<VersionEntry> {
    match value.get_ref() {
        DeValue::String(_) => Some(VersionEntry { file: string(place, value, out)?, pattern: None, dialect: None, count: None }),
        DeValue::Table(_) => {
            let mut table = Table::of("version.copies", place.to_owned(), value, out)?;
            let file = table.string("file", out);
            let written = table.take("pattern").map(|value| pattern(&table.place("pattern"), value, out));
            let (dialect, count) = (table.string("dialect", out), table.integer("count", out));
            table.finish(out);
            let Some(file) = file else {
                wrong_type(place, "a string, or a table with a `file`", value, out);
                return None;
            };
            // A pattern that could not be read was reported; without it the entry would mean something else.
            let pattern = match written {
                Some(pattern) => Some(pattern?),
                None => None,
            };
            Some(VersionEntry { file, pattern, dialect, count })
        }
        _ => {
            wrong_type(place, "a string or a table", value, out);
            None
        }
    }
}

fn pattern(place: &str, value: &Value<'_>, out: &mut Diagnostics) -> Option<Written<Vec<String>>> {
    match value.get_ref() {
        DeValue::String(text) => Some(Written { value: vec![text.to_string()], span: value.span() }),
        DeValue::Array(_) => {
            let list = strings(place, value, out)?;
            Some(Written { value: list.value.into_iter().map(|item| item.value).collect(), span: list.span })
        }
        _ => {
            wrong_type(place, "a string or an array of three strings", value, out);
            None
        }
    }
}
