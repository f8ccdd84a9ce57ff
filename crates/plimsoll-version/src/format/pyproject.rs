//! `pyproject.toml`: the static version, and exact pins on packages of the project.
//! <https://packaging.python.org/en/latest/specifications/pyproject-toml/>

use toml::de::DeTable;

use super::super::dialect::Dialect;
use super::super::place::Place;
use super::Own;
use super::requirement::{normalised, pin};
use super::toml_text::{Document, Value, as_table, items, text as string_of};

/// The project's name, normalised.
pub(super) fn name(text: &str) -> Result<Option<String>, String> {
    let document = Document::parse(text)?;
    let named = |path: &[&str]| document.table(path).and_then(|table| string_of(table, "name")).map(normalised);
    Ok(named(&["project"]).or_else(|| named(&["tool", "poetry"])))
}

pub(super) fn places(text: &str, own: &Own) -> Result<Vec<Place>, String> {
    let document = Document::parse(text)?;
    let mut places = Vec::new();
    for path in [["project", "version"].as_slice(), &["tool", "poetry", "version"]] {
        if let Some(literal) = document.string(path)? {
            places.push(Place::whole(path.join("."), Dialect::Pep440, text, literal.span));
        }
    }
    let groups = |path: &[&str]| document.table(path).into_iter().flat_map(DeTable::values);
    let lists = [document.value(&["build-system", "requires"]), document.value(&["project", "dependencies"])];
    let lists = lists.into_iter().flatten().chain(groups(&["project", "optional-dependencies"])).chain(groups(&["dependency-groups"]));
    for item in lists.flat_map(|list| items(Some(list))) {
        places.extend(pinned(&document, text, item, own)?);
    }
    for (name, value) in document.table(&["tool", "poetry", "dependencies"]).into_iter().flat_map(DeTable::iter) {
        places.extend(poetry(&document, text, name.get_ref(), value, own)?);
    }
    Ok(places)
}

fn pinned(document: &Document<'_>, text: &str, item: &Value<'_>, own: &Own) -> Result<Option<Place>, String> {
    // An own package only: no other requirement has to be written plainly.
    let Some((name, _)) = item.get_ref().as_str().and_then(pin).filter(|(name, _)| own.python.contains(name)) else { return Ok(None) };
    let literal = document.literal(item)?;
    let span = pin(literal.value).map(|(_, span)| span).unwrap_or_default();
    let span = literal.span.start + span.start..literal.span.start + span.end;
    Ok(Some(Place::pin(format!("pin on {name}"), Dialect::Pep440, text, span)))
}

/// Poetry's own tables: `name = "1.2.0"` or `{ version = "==1.2.0" }`; a bare version is an exact pin there.
fn poetry(document: &Document<'_>, text: &str, name: &str, value: &Value<'_>, own: &Own) -> Result<Option<Place>, String> {
    let name = normalised(name);
    let value = as_table(value).and_then(|table| table.get("version")).unwrap_or(value);
    let Some(written) = value.get_ref().as_str().filter(|_| own.python.contains(&name)) else { return Ok(None) };
    let bare = written.trim_start_matches(['=', ' ']);
    if Dialect::Pep440.hear(bare).is_err() {
        return Ok(None);
    }
    let literal = document.literal(value)?;
    let span = literal.span.end - bare.len()..literal.span.end;
    Ok(Some(Place::pin(format!("pin on {name}"), Dialect::Pep440, text, span)))
}
