//! `Cargo.toml`: the package's version, the workspace's, and the versions beside paths to packages that move with it.
//! <https://doc.rust-lang.org/cargo/reference/manifest.html>

use semver::{Version, VersionReq};
use toml::de::DeTable;

use super::super::dialect::Dialect;
use super::super::place::Place;
use super::Own;
use super::toml_text::{Document, Value, as_table, text as string_of};

/// Tables of dependencies, in `[workspace]`, at the top and for a target.
const DEPENDENCIES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// The package's name, where it has a version of its own.
pub(super) fn name(text: &str) -> Result<Option<String>, String> {
    let document = Document::parse(text)?;
    let own = document.value(&["package", "version"]).is_some_and(|version| version.get_ref().is_str());
    let name = document.table(&["package"]).and_then(|package| string_of(package, "name"));
    Ok(name.filter(|_| own).map(str::to_owned))
}

/// Whether the package takes its version from the workspace.
pub fn inherits(text: &str) -> Result<bool, String> {
    let document = Document::parse(text)?;
    let value = document.value(&["package", "version", "workspace"]);
    Ok(value.is_some_and(|value| value.get_ref().as_bool() == Some(true)))
}

/// Whether the file is a workspace that gives its packages a version.
pub fn gives(text: &str) -> Result<bool, String> {
    Ok(Document::parse(text)?.value(&["workspace", "package", "version"]).is_some())
}

pub(super) fn places(text: &str, own: &Own) -> Result<Vec<Place>, String> {
    let document = Document::parse(text)?;
    let mut places = Vec::new();
    for path in [["package", "version"].as_slice(), &["workspace", "package", "version"]] {
        if let Some(literal) = document.string(path)? {
            places.push(Place::whole(path.join("."), Dialect::Semver, text, literal.span));
        }
    }
    places.extend(pins(text, own)?);
    Ok(places)
}

/// Versions beside paths to packages that carry the project's version.
pub fn pins(text: &str, own: &Own) -> Result<Vec<Place>, String> {
    let document = Document::parse(text)?;
    let mut tables = vec![document.table(&["workspace", "dependencies"])];
    tables.extend(DEPENDENCIES.map(|name| document.table(&[name])));
    for target in document.table(&["target"]).into_iter().flat_map(DeTable::values).filter_map(as_table) {
        tables.extend(DEPENDENCIES.map(|name| target.get(name).and_then(as_table)));
    }
    let mut places = Vec::new();
    for (key, value) in tables.into_iter().flatten().flat_map(DeTable::iter) {
        places.extend(pin(&document, text, key.get_ref(), value, own)?);
    }
    Ok(places)
}

fn pin(document: &Document<'_>, text: &str, key: &str, value: &Value<'_>, own: &Own) -> Result<Option<Place>, String> {
    let Some(table) = as_table(value).filter(|table| table.contains_key("path")) else { return Ok(None) };
    let name = string_of(table, "package").unwrap_or(key);
    let Some(version) = table.get("version").filter(|version| version.get_ref().is_str() && own.cargo.contains(name)) else {
        return Ok(None);
    };
    let literal = document.literal(version)?;
    let what = format!("dependency {name}");
    let bare = literal.value.trim_start_matches(['=', '^', '~', ' ']).trim_end();
    if bare.parse::<Version>().is_ok() {
        let start = literal.span.start + (literal.value.len() - literal.value.trim_start_matches(['=', '^', '~', ' ']).len());
        return Ok(Some(Place::pin(what, Dialect::Semver, text, start..start + bare.len())));
    }
    let requirement = literal.value.parse::<VersionReq>().map_err(|error| format!("`{}` is no requirement: {error}", literal.value))?;
    Ok(Some(Place::admits(what, text, literal.span, requirement)))
}
