//! What Cargo.lock tells without cargo: what a package depends on, and whether it is of the Cargo.toml files beside it. cargo itself tells only when it resolves,
//! which may need the network and starts what the project names as a compiler; this needs two files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::Metadata;
use plimsoll_store::plain_file;
use semver::Version;
use toml::{Table, Value};

/// A package of the lock.
struct Locked {
    version: Version,
    /// Names of what it depends on.
    dependencies: Vec<String>,
    /// Whether it comes from elsewhere.
    is_foreign: bool,
}

/// What is told if the lock of a workspace is missing something that its packages ask for, or names versions that they do not have; none if nothing of that
/// is found, or if there is no lock.
pub(super) fn stale(metadata: &Metadata, workspace: &Path) -> Option<String> {
    let text = plain_file::read_text(&workspace.join("Cargo.lock")).ok()?;
    let why = difference(metadata, &packages(&text)?)?;
    Some(format!("Cargo.lock is not up to date: {why}; `cargo update --workspace` changes no more than that, and builds are made --locked"))
}

/// All that a package depends on by the text of a Cargo.lock, for whatever target and feature, itself among it; nothing if that is no such text.
pub fn reached(text: &str, package: &str) -> BTreeSet<String> {
    let locked = packages(text).unwrap_or_default();
    let (mut waiting, mut reached) = (vec![package.to_owned()], BTreeSet::new());
    while let Some(name) = waiting.pop() {
        if reached.contains(&name) {
            continue;
        }
        waiting.extend(locked.get(&name).into_iter().flatten().flat_map(|entry| entry.dependencies.iter().cloned()));
        reached.insert(name);
    }
    reached
}

fn packages(text: &str) -> Option<BTreeMap<String, Vec<Locked>>> {
    let table = text.parse::<Table>().ok()?;
    let mut packages = BTreeMap::<String, Vec<Locked>>::new();
    for package in table.get("package")?.as_array()? {
        let word = |key: &str| package.get(key).and_then(Value::as_str);
        let list = package.get("dependencies").and_then(Value::as_array).into_iter().flatten();
        let first = |entry: &Value| Some(entry.as_str()?.split(' ').next()?.to_owned());
        let locked = Locked {
            version: word("version")?.parse().ok()?,
            dependencies: list.filter_map(first).collect(),
            is_foreign: word("source").is_some(),
        };
        packages.entry(word("name")?.to_owned()).or_default().push(locked);
    }
    Some(packages)
}

fn difference(metadata: &Metadata, locked: &BTreeMap<String, Vec<Locked>>) -> Option<String> {
    let members = metadata.packages.iter().filter(|package| metadata.workspace_members.contains(&package.id));
    for package in members {
        let name = package.name.to_string();
        let own = locked.get(&name).into_iter().flatten().filter(|entry| !entry.is_foreign).collect::<Vec<_>>();
        let Some(entry) = own.iter().find(|entry| entry.version == package.version) else {
            return Some(match own.first() {
                Some(entry) => format!("it has {name} {}, and the package is {}", entry.version, package.version),
                None => format!("it does not have the package {name}"),
            });
        };
        for dependency in &package.dependencies {
            let wanted = &dependency.name;
            if !entry.dependencies.contains(wanted) {
                return Some(format!("it does not have {wanted}, on which {name} depends"));
            }
            let versions = locked.get(wanted).into_iter().flatten();
            if !versions.clone().any(|entry| dependency.req.matches(&entry.version)) && versions.count() > 0 && dependency.path.is_none() {
                return Some(format!("it has no {wanted} {}, which {name} asks for", dependency.req));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(version: &str, dependencies: &[(&str, &str)]) -> Metadata {
        let dependencies = dependencies.iter().map(|(name, req)| {
            serde_json::json!({ "name": name, "source": "registry+https://example.org", "req": req, "kind": null, "rename": null, "optional": false, "uses_default_features": true, "features": [], "target": null, "registry": null })
        });
        let package = serde_json::json!({
            "name": "app", "version": version, "id": "path+file:///w#app@0.1.0", "license": null, "license_file": null, "description": null, "source": null,
            "dependencies": dependencies.collect::<Vec<_>>(), "targets": [], "features": {}, "manifest_path": "/w/Cargo.toml", "metadata": null, "publish": null,
            "authors": [], "categories": [], "keywords": [], "readme": null, "repository": null, "homepage": null, "documentation": null, "edition": "2024",
            "links": null, "default_run": null, "rust_version": null
        });
        let whole = serde_json::json!({
            "packages": [package], "workspace_members": ["path+file:///w#app@0.1.0"], "workspace_default_members": [], "resolve": null,
            "workspace_root": "/w", "target_directory": "/w/target", "version": 1, "metadata": null
        });
        serde_json::from_value(whole).unwrap()
    }

    const LOCK: &str = "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"serde 1.0.5\",\n]\n[[package]]\nname = \"serde\"\nversion = \"1.0.5\"\nsource = \"registry\"\n";

    fn told(version: &str, dependencies: &[(&str, &str)]) -> Option<String> {
        difference(&metadata(version, dependencies), &packages(LOCK).unwrap())
    }

    #[test]
    fn a_lock_that_is_not_of_the_manifests_is_told_with_the_first_difference() {
        assert_eq!(told("0.1.0", &[("serde", "^1.0")]), None);
        assert_eq!(told("0.2.0", &[]).unwrap(), "it has app 0.1.0, and the package is 0.2.0");
        assert_eq!(told("0.1.0", &[("rand", "^0.9")]).unwrap(), "it does not have rand, on which app depends");
        assert_eq!(told("0.1.0", &[("serde", "^2")]).unwrap(), "it has no serde ^2, which app asks for");
    }

    #[test]
    fn what_is_no_lock_says_nothing() {
        for text in ["", "[[package]]", "[[package]]\nname = \"a\"\nversion = \"x\"\n", "package = 1", "["] {
            assert!(packages(text).is_none(), "{text}");
        }
    }
}
