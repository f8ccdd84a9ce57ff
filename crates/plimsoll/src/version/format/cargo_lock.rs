//! `Cargo.lock`: the entries of the workspace's own packages, which have no source.
//! <https://doc.rust-lang.org/cargo/reference/resolver.html#lock-files> (the form is cargo's own)

use std::collections::BTreeSet;

use super::super::dialect::Dialect;
use super::super::place::Place;
use super::Own;
use super::toml_text::{Document, as_table, items, text as string_of};

pub(super) fn places(text: &str, own: &Own) -> Result<Vec<Place>, String> {
    let document = Document::parse(text)?;
    let mut places = Vec::new();
    let mut carried = BTreeSet::new();
    for table in items(document.value(&["package"])).filter_map(as_table) {
        let name = string_of(table, "name").unwrap_or_default();
        let version = table.get("version").filter(|version| version.get_ref().is_str());
        if let Some(version) = version.filter(|_| own.cargo.contains(name) && !table.contains_key("source")) {
            let literal = document.literal(version)?;
            carried.insert(format!("{name} {}", literal.value));
            places.push(Place::whole(format!("package {name}"), Dialect::Semver, text, literal.span));
        }
    }
    // Where two packages have one name, others name them with the version.
    for table in items(document.value(&["package"])).filter_map(as_table) {
        for dependency in items(table.get("dependencies")).filter(|item| item.get_ref().is_str()) {
            let literal = document.literal(dependency)?;
            if let Some((name, _)) = literal.value.split_once(' ').filter(|_| carried.contains(literal.value)) {
                let by = string_of(table, "name").unwrap_or_default();
                let span = literal.span.start + name.len() + 1..literal.span.end;
                places.push(Place::pin(format!("dependency of {by} on {name}"), Dialect::Semver, text, span));
            }
        }
    }
    Ok(places)
}

/// Whether packages stand in cargo's order, by name and version: one that a new version moves makes cargo refuse the file as it is.
pub fn is_sorted(text: &str) -> Result<bool, String> {
    let document = Document::parse(text)?;
    let key = |table: &toml::de::DeTable<'_>| {
        let version = string_of(table, "version").and_then(|version| version.parse::<semver::Version>().ok());
        (string_of(table, "name").unwrap_or_default().to_owned(), version)
    };
    let keys = items(document.value(&["package"])).filter_map(as_table).map(key).collect::<Vec<_>>();
    Ok(keys.is_sorted())
}
