//! `Cargo.toml`: the package's version, the workspace's, and the versions beside paths to packages that move with it.
//! <https://doc.rust-lang.org/cargo/reference/manifest.html>

use std::collections::BTreeMap;

use semver::{Version, VersionReq};
use toml::de::DeTable;

use super::super::dialect::Dialect;
use super::super::path::folder;
use super::super::place::Place;
use super::Own;
use super::toml_text::{Document, Value, as_table, text as string_of};

/// Tables of dependencies, in `[workspace]`, at the top and for a target.
const DEPENDENCIES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// What a manifest says of its package, and of those that it depends on by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The package's name.
    pub name: Option<String>,
    /// Its own version; none where it takes the workspace's.
    pub version: Option<String>,
    /// Whether it takes its version from the workspace.
    pub inherits: bool,
    /// Whether the file is a workspace's.
    pub is_workspace: bool,
    /// The version that the workspace gives to its packages.
    pub gives: Option<String>,
    /// Paths of dependencies.
    pub paths: Vec<String>,
    /// Dependencies that the workspace says more about.
    pub shared: Vec<String>,
    /// Paths of the workspace's dependencies.
    pub offered: BTreeMap<String, String>,
    /// Paths that are put in place of other sources.
    pub patched: Vec<String>,
}

/// Reads a manifest.
pub fn facts(text: &str) -> Result<Facts, String> {
    let document = Document::parse(text)?;
    let package = document.table(&["package"]);
    let string = |path: &[&str]| document.value(path).and_then(|value| value.get_ref().as_str()).map(str::to_owned);
    let inherits = document.value(&["package", "version", "workspace"]).and_then(|value| value.get_ref().as_bool());
    let dependencies = dependencies(&document).flat_map(DeTable::iter);
    let tables = dependencies.filter_map(|(key, value)| Some((key.get_ref().to_string(), as_table(value)?))).collect::<Vec<_>>();
    let offered = document.table(&["workspace", "dependencies"]).into_iter().flat_map(DeTable::iter);
    let path = |value: &Value<'_>| as_table(value).and_then(|table| string_of(table, "path")).map(str::to_owned);
    let is_shared = |table: &DeTable<'_>| table.get("workspace").and_then(|value| value.get_ref().as_bool()) == Some(true);
    Ok(Facts {
        name: package.and_then(|package| string_of(package, "name")).map(str::to_owned),
        version: string(&["package", "version"]),
        inherits: inherits == Some(true),
        is_workspace: document.table(&["workspace"]).is_some(),
        gives: string(&["workspace", "package", "version"]),
        paths: tables.iter().filter_map(|(_, table)| string_of(table, "path")).map(str::to_owned).collect(),
        shared: tables.iter().filter(|(_, table)| is_shared(table)).map(|(key, _)| key.clone()).collect(),
        offered: offered.filter_map(|(key, value)| Some((key.get_ref().to_string(), path(value)?))).collect(),
        patched: patches(&document).flat_map(DeTable::values).filter_map(path).collect(),
    })
}

/// The tables of the package's dependencies.
fn dependencies<'d, 't>(document: &'d Document<'t>) -> impl Iterator<Item = &'d DeTable<'t>> {
    let own = DEPENDENCIES.into_iter().filter_map(|name| document.table(&[name]));
    let targets = document.table(&["target"]).into_iter().flat_map(DeTable::values).filter_map(as_table);
    own.chain(targets.flat_map(|target| DEPENDENCIES.into_iter().filter_map(|name| target.get(name).and_then(as_table))))
}

/// The tables of what is put in place of other sources.
fn patches<'d, 't>(document: &'d Document<'t>) -> impl Iterator<Item = &'d DeTable<'t>> {
    document.table(&["patch"]).into_iter().flat_map(DeTable::values).filter_map(as_table)
}

pub(super) fn places(path: &str, text: &str, own: &Own) -> Result<Vec<Place>, String> {
    let document = Document::parse(text)?;
    let mut places = Vec::new();
    for path in [["package", "version"].as_slice(), &["workspace", "package", "version"]] {
        if let Some(literal) = document.string(path)? {
            places.push(Place::whole(path.join("."), Dialect::Semver, text, literal.span));
        }
    }
    places.extend(pins(path, text, own)?);
    Ok(places)
}

/// Versions beside paths to packages that carry the project's version, in the manifest at `path`.
pub fn pins(path: &str, text: &str, own: &Own) -> Result<Vec<Place>, String> {
    let document = Document::parse(text)?;
    let tables = document.table(&["workspace", "dependencies"]).into_iter().chain(dependencies(&document)).chain(patches(&document));
    let mut places = Vec::new();
    for (key, value) in tables.flat_map(DeTable::iter) {
        let Some(table) = as_table(value) else { continue };
        let name = string_of(table, "package").unwrap_or(key.get_ref());
        if string_of(table, "path").is_some_and(|to| own.has_cargo(name, folder(path), to)) {
            places.extend(pin(&document, text, name, table)?);
        }
    }
    Ok(places)
}

fn pin(document: &Document<'_>, text: &str, name: &str, table: &DeTable<'_>) -> Result<Option<Place>, String> {
    let Some(version) = table.get("version").filter(|version| version.get_ref().is_str()) else { return Ok(None) };
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
