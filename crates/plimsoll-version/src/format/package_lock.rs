//! `package-lock.json`: the root package and those of the workspace's folders. <https://docs.npmjs.com/cli/v10/configuring-npm/package-lock-json>

use super::super::dialect::Dialect;
use super::super::place::Place;
use super::json::Json;
use super::{Own, package_json};

pub(super) fn places(text: &str, own: &Own) -> Result<Vec<Place>, String> {
    let json = Json::parse(text)?;
    let mut places = Vec::new();
    let named = |package: &Json| package.get("name").and_then(Json::text).is_some_and(|name| own.npm.contains(name));
    let mut version = |package: &Json, what: String| -> Result<(), String> {
        if let Some((_, span)) = package.get("version").map(Json::literal).transpose()?.flatten() {
            places.push(Place::whole(what, Dialect::Npm, text, span));
        }
        Ok(())
    };
    if named(&json) {
        version(&json, "version".to_owned())?;
    }
    let folders = json.get("packages").map(Json::members).unwrap_or_default();
    // Packages of others lie in node_modules; a link there has no version.
    let folders = folders.iter().filter(|(folder, _)| !folder.split('/').any(|part| part == "node_modules"));
    let mut requiring = Vec::new();
    for (folder, package) in folders {
        // The root's entry leaves the name out where it is the folder's own.
        if named(package) || (folder.is_empty() && package.get("name").is_none() && named(&json)) {
            version(package, format!("packages[\"{folder}\"]"))?;
        }
        requiring.extend(package_json::pins(text, package, &format!("packages[\"{folder}\"] "), own)?);
    }
    places.extend(requiring);
    Ok(places)
}
