//! What cargo-dist was told: `dist-workspace.toml`, `[workspace.metadata.dist]` and `[package.metadata.dist]`
//! (<https://axodotdev.github.io/cargo-dist/book/reference/config.html>).

use std::path::Path;

use serde_json::Value;

use super::{Earlier, Shipping, container, shown, strings, targets, text};
use crate::manifest::CargoFacts;

/// The file that stands for the tables in Cargo.toml.
const FILE: &str = "dist-workspace.toml";

/// Keys for which nothing is here, and what a person calls them.
const LEFT: [(&str, &str); 21] = [
    ("installers", "installers"),
    ("tap", "the Homebrew tap"),
    ("formula", "the Homebrew formula"),
    ("npm-scope", "the npm scope"),
    ("npm-package", "the npm package"),
    ("bin-aliases", "aliases of programs"),
    ("install-updater", "the updater"),
    ("publish-jobs", "publishing"),
    ("local-artifacts-jobs", "jobs of its workflow"),
    ("global-artifacts-jobs", "jobs of its workflow"),
    ("plan-jobs", "jobs of its workflow"),
    ("host-jobs", "jobs of its workflow"),
    ("post-announce-jobs", "jobs of its workflow"),
    ("extra-artifacts", "extra artifacts"),
    ("dependencies", "system packages that builds install"),
    ("source-tarball", "the source tarball"),
    ("github-attestations", "attestations"),
    ("macos-sign", "signing for macOS"),
    ("ssldotcom-windows-sign", "signing for Windows"),
    ("cargo-auditable", "auditable builds"),
    ("cargo-cyclonedx", "the SBOM"),
];

/// What is said; none if cargo-dist is not used.
pub(super) fn read(root: &Path, facts: &CargoFacts) -> Option<Earlier> {
    let mut earlier = Earlier { file: "Cargo.toml".to_owned(), ..Earlier::default() };
    let own = text(root, FILE).map(|text| toml::from_str::<Value>(&text));
    let (table, workspace) = match own {
        Some(Ok(value)) => {
            earlier.file = FILE.to_owned();
            (value.get("dist").cloned().unwrap_or_default(), value.get("workspace").cloned().unwrap_or_default())
        }
        Some(Err(error)) => {
            let line = shown(error.message());
            return Some(Earlier { file: FILE.to_owned(), left: vec![format!("all of it: it cannot be read ({line})")], ..earlier });
        }
        None => (facts.dist.clone(), Value::Null),
    };
    let of_packages = facts.packages.iter().filter(|package| package.dist.is_object()).collect::<Vec<_>>();
    if !table.is_object() && of_packages.is_empty() {
        return None;
    }
    earlier.usual = shipping(&table, "", &Shipping::default(), &mut earlier.left);
    left(&table, &mut earlier.left);
    let words = table.get("targets").map(strings).unwrap_or_default();
    earlier.targets = targets(words, &mut earlier.left);
    earlier.packages =
        workspace.get("packages").or_else(|| table.get("packages")).map(strings).map(owned).or_else(|| members(&workspace, facts));
    // It builds with a profile of its own.
    earlier.usual.profile = facts.profiles.contains_key("dist").then(|| "dist".to_owned());
    // Who names packages ships those whatever else is said.
    if earlier.packages.is_some() {
        earlier.usual.ship = None;
    }
    for package in of_packages {
        let own = shipping(&package.dist, &package.folder, &earlier.usual, &mut earlier.left);
        left(&package.dist, &mut earlier.left);
        let words = package.dist.get("targets").map(strings).unwrap_or_default();
        let further = targets(words, &mut earlier.left);
        earlier.targets.extend(further.into_iter().filter(|target| !earlier.targets.contains(target)).collect::<Vec<_>>());
        earlier.of.insert(package.name.clone(), own);
    }
    if let Some(versions) = table.get("min-glibc-version").and_then(Value::as_object) {
        let said = versions.iter().filter_map(|(target, version)| Some((target.clone(), version.as_str()?.to_owned())));
        earlier.glibc = said.filter(|(_, version)| version.parse::<plimsoll_model::GlibcVersion>().is_ok()).collect();
    }
    Some(earlier)
}

/// The packages in the folders that a workspace of cargo-dist's own names; none if that is all of cargo's.
fn members(workspace: &Value, facts: &CargoFacts) -> Option<Vec<String>> {
    let folders = workspace.get("members").map(strings).unwrap_or_default();
    let folders = folders
        .into_iter()
        .filter_map(|member| member.strip_prefix("cargo:"))
        .map(|path| path.trim_start_matches("./").trim_end_matches('/'));
    let folders = folders.collect::<Vec<_>>();
    if folders.is_empty() || folders.iter().any(|folder| matches!(*folder, "" | ".")) {
        return None;
    }
    let is_inside = |folder: &str| {
        folders.iter().any(|member| folder == *member || folder.strip_prefix(member).is_some_and(|rest| rest.starts_with('/')))
    };
    Some(facts.packages.iter().filter(|package| is_inside(&package.folder)).map(|package| package.name.clone()).collect())
}

/// What a table says of archives; where it is silent, `usual` holds. Its paths are relative to `folder`.
fn shipping(table: &Value, folder: &str, usual: &Shipping, left: &mut Vec<String>) -> Shipping {
    let mut own = usual.clone();
    let flag = |key: &str| table.get(key).and_then(Value::as_bool);
    own.ship = flag("dist").or(own.ship);
    if let Some(features) = table.get("features") {
        own.features = owned(strings(features));
    }
    own.all_features = flag("all-features").unwrap_or(own.all_features);
    own.default_features = flag("default-features").or(own.default_features);
    own.no_usual_files = flag("auto-includes").map_or(own.no_usual_files, |auto| !auto);
    for (key, slot) in [("unix-archive", &mut own.unix), ("windows-archive", &mut own.windows)] {
        if let Some(word) = table.get(key).and_then(Value::as_str) {
            *slot = container(word, left);
        }
    }
    if let Some(binaries) = table.get("binaries").and_then(|binaries| binaries.get("*")) {
        own.binaries = Some(owned(strings(binaries)));
    }
    if table.get("binaries").and_then(Value::as_object).is_some_and(|table| table.keys().any(|target| target != "*")) {
        left.push("programs that differ by target".to_owned());
    }
    for path in table.get("include").map(strings).unwrap_or_default() {
        let path = path.trim_start_matches("./").trim_end_matches('/');
        let inside = if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        own.files.push((inside, name));
    }
    own
}

fn left(table: &Value, left: &mut Vec<String>) {
    for (key, name) in LEFT {
        match table.get(key) {
            None | Some(Value::Null | Value::Bool(false)) => {}
            Some(Value::Array(list)) if list.is_empty() => {}
            Some(value) => {
                let words = strings(value).join(", ");
                left.push(if words.is_empty() { name.to_owned() } else { format!("{name} ({})", shown(&words)) });
            }
        }
    }
}

fn owned(words: Vec<&str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{PackageFacts, ProfileFacts};

    fn facts(folders: &[(&str, &str)]) -> CargoFacts {
        let package = |(name, folder): &(&str, &str)| PackageFacts {
            name: (*name).to_owned(),
            folder: (*folder).to_owned(),
            ..PackageFacts::default()
        };
        let profiles = [("dist".to_owned(), ProfileFacts::default())].into();
        CargoFacts { packages: folders.iter().map(package).collect(), profiles, ..CargoFacts::default() }
    }

    #[test]
    fn a_workspace_of_its_own_names_the_packages_and_the_profile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let facts = facts(&[("air", "crates/air"), ("codegen", "xtask/codegen"), ("airy", "crates/airy")]);
        assert!(read(folder.path(), &facts).is_none());
        let said = |text: &str| {
            std::fs::write(folder.path().join(FILE), text).unwrap();
            read(folder.path(), &facts).unwrap()
        };
        let earlier = said(
            "[workspace]\nmembers = [\"cargo:crates/air\"]\n[dist]\nunix-archive = \".tar.gz\"\nwindows-archive = \".rar\"\n[[dist.extra-artifacts]]\nbuild = [\"echo\"]\n",
        );
        assert_eq!(earlier.packages, Some(vec!["air".to_owned()]));
        assert_eq!(
            (earlier.usual.profile.as_deref(), earlier.usual.unix.as_deref(), earlier.usual.windows.as_deref()),
            (Some("dist"), Some("tar.gz"), None)
        );
        assert_eq!(earlier.left, ["archives as .rar", "extra artifacts"]);
        assert_eq!(said("[workspace]\nmembers = [\"cargo:.\"]\n[dist]\n").packages, None);
        assert_eq!(said("[workspace]\npackages = [\"airy\"]\n[dist]\ndist = false\n").usual.ship, None);
        assert!(said("[dist\n").left[0].starts_with("all of it: it cannot be read"));
        assert!(said("[dist]\ntargets = 3\ninclude = [1]\n[workspace]\nmembers = 3\n").targets.is_empty());
    }
}
