//! `uv.lock`: the entries of the project's own packages, whose source is a folder. The form is uv's own.

use super::super::dialect::Dialect;
use super::super::place::Place;
use super::Own;
use super::requirement::{normalised, specifier};
use super::toml_text::{Document, as_table, items, text as string_of};

/// Sources that are folders of the project.
const FOLDERS: [&str; 4] = ["editable", "virtual", "directory", "workspace"];

pub(super) fn places(text: &str, own: &Own) -> Result<Vec<Place>, String> {
    let document = Document::parse(text)?;
    let mut places = Vec::new();
    for table in items(document.value(&["package"])).filter_map(as_table) {
        let name = normalised(string_of(table, "name").unwrap_or_default());
        let local = table.get("source").and_then(as_table).is_some_and(|source| FOLDERS.iter().any(|kind| source.contains_key(*kind)));
        if !local {
            continue;
        }
        if let Some(version) = table.get("version").filter(|version| own.python.contains(&name) && version.get_ref().is_str()) {
            places.push(Place::whole(format!("package {name}"), Dialect::Pep440, text, document.literal(version)?.span));
        }
        let metadata = table.get("metadata").and_then(as_table).and_then(|metadata| metadata.get("requires-dist"));
        for requirement in items(metadata).filter_map(as_table) {
            let on = normalised(string_of(requirement, "name").unwrap_or_default());
            let Some(written) = requirement.get("specifier").filter(|value| own.python.contains(&on) && value.get_ref().is_str()) else {
                continue;
            };
            let literal = document.literal(written)?;
            if let Some(span) = specifier(literal.value) {
                let span = literal.span.start + span.start..literal.span.start + span.end;
                places.push(Place::pin(format!("pin of {name} on {on}"), Dialect::Pep440, text, span));
            }
        }
    }
    Ok(places)
}
