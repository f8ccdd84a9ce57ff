//! `package.json`: the version, and pins on packages of the project. <https://docs.npmjs.com/cli/v10/configuring-npm/package-json>

use super::super::dialect::Dialect;
use super::super::place::Place;
use super::Own;
use super::json::Json;

/// Tables of dependencies.
const DEPENDENCIES: [&str; 4] = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

/// The package's name, where it has a version.
pub(super) fn name(text: &str) -> Result<Option<String>, String> {
    let json = Json::parse(text)?;
    let versioned = json.get("version").is_some();
    Ok(json.get("name").and_then(Json::text).filter(|_| versioned).map(str::to_owned))
}

pub(super) fn places(text: &str, own: &Own) -> Result<Vec<Place>, String> {
    let json = Json::parse(text)?;
    let mut places = Vec::new();
    if let Some((_, span)) = json.get("version").map(Json::literal).transpose()?.flatten() {
        places.push(Place::whole("version", Dialect::Npm, text, span));
    }
    places.extend(pins(text, &json, "", own)?);
    Ok(places)
}

/// Whole versions required of own packages in a package's tables; `^` and the like stay.
pub(super) fn pins(text: &str, package: &Json, inside: &str, own: &Own) -> Result<Vec<Place>, String> {
    let mut places = Vec::new();
    let tables = DEPENDENCIES.iter().filter_map(|table| package.get(table));
    for (name, value) in tables.flat_map(Json::members).filter(|(name, _)| own.npm.contains(name)) {
        let Some(requirement) = value.text() else { continue };
        let bare = requirement.trim_start_matches(['=', '^', '~', ' ', 'v']);
        if Dialect::Npm.hear(bare).is_ok()
            && let Some((_, span)) = value.literal()?
        {
            places.push(Place::pin(format!("{inside}dependency {name}"), Dialect::Npm, text, span.end - bare.len()..span.end));
        }
    }
    Ok(places)
}
