//! What cargo says about the project's packages, as values. Must not run cargo: that is the business of `tools`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use plimsoll_model::plan::Strip;
use toml::{Table, Value};

use crate::kinds;

/// The packages of the project's cargo workspace, or of one below it; no packages where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CargoFacts {
    /// The folder in which cargo was asked, relative to the project; empty for its own.
    pub path: String,
    /// The package that lies in that very folder.
    pub package_here: Option<String>,
    /// The workspace's folder, relative to the project; it may climb.
    pub root: String,
    /// Folders that the workspace names as its members, one by one, relative to it: cargo wants each to be there.
    pub named_members: Vec<String>,
    /// Members of the workspace.
    pub packages: Vec<PackageFacts>,
    /// What the workspace says to cargo-dist: `[workspace.metadata.dist]`; null where it says nothing.
    pub dist: serde_json::Value,
    /// The workspace's own profiles.
    pub profiles: BTreeMap<String, ProfileFacts>,
    /// What the project's other sources say to kinds that ask them.
    pub of_kinds: kinds::Facts,
    /// Package → licences that lie elsewhere than in that folder, as path from the project → path in an archive.
    pub licences: BTreeMap<String, BTreeMap<String, String>>,
    /// Workspaces in other folders of the project that cores name, by their paths.
    pub below: BTreeMap<String, CargoFacts>,
    /// Paths of cores that lead out of the project.
    pub leading_out: BTreeSet<String>,
}

/// One `[profile.*]` table of the workspace's Cargo.toml; what it does not say is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileFacts {
    /// The profile that it begins from.
    pub inherits: Option<String>,
    /// What cargo would have the linker take out.
    pub strip: Option<Strip>,
}

/// One package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageFacts {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: semver::Version,
    /// Its folder, relative to the workspace's root; empty for the root itself.
    pub folder: String,
    /// What a build of it compiles from: files and folders, relative to its folder; they may climb.
    pub compiled: BTreeSet<String>,
    /// Folders of packages that it needs by their paths, relative to the workspace's root; they may climb.
    pub neighbours: BTreeSet<String>,
    /// Its binaries, sorted by name.
    pub binaries: Vec<BinaryFacts>,
    /// The name of its dynamic library, where it has one: `crate-type = ["cdylib"]`.
    pub library: Option<String>,
    /// Its features with what each turns on.
    pub features: BTreeMap<String, Vec<String>>,
    /// SPDX expression.
    pub license: Option<String>,
    /// The file with its licence, where Cargo.toml names one, relative to its folder.
    pub license_file: Option<String>,
    /// Where its sources are kept.
    pub repository: Option<String>,
    /// What it says of itself besides.
    pub about: About,
    /// Features that it asks of pyo3, by which Python loads libraries in Rust.
    pub pyo3_features: Vec<String>,
    /// Whether it may be published to the public registry.
    pub publishable: bool,
    /// Whether it may be published nowhere: `publish = false`.
    pub is_private: bool,
    /// Whether cargo builds it when it is asked for nothing.
    pub is_default_member: bool,
    /// The program that `cargo run` starts, where Cargo.toml says which.
    pub default_run: Option<String>,
    /// What it says to cargo-dist: `[package.metadata.dist]`; null where it says nothing.
    pub dist: serde_json::Value,
}

#[cfg(test)]
impl Default for PackageFacts {
    fn default() -> Self {
        Self {
            name: String::new(),
            version: semver::Version::new(0, 0, 0),
            folder: String::new(),
            compiled: BTreeSet::new(),
            neighbours: BTreeSet::new(),
            binaries: Vec::new(),
            library: None,
            features: BTreeMap::new(),
            license: None,
            license_file: None,
            repository: None,
            about: About::default(),
            pyo3_features: Vec::new(),
            publishable: true,
            is_private: false,
            is_default_member: true,
            default_run: None,
            dist: serde_json::Value::Null,
        }
    }
}

/// What a package says of itself to people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// In a few words.
    pub description: Option<String>,
    /// Its readme, relative to its folder.
    pub readme: Option<String>,
    /// `Name <address>` each.
    pub authors: Vec<String>,
    /// Words to find it by.
    pub keywords: Vec<String>,
    /// Its page.
    pub homepage: Option<String>,
    /// The page of its documentation.
    pub documentation: Option<String>,
}

impl About {
    fn of(package: &cargo_metadata::Package) -> Self {
        Self {
            description: package.description.clone(),
            readme: package.readme.as_ref().map(ToString::to_string),
            authors: package.authors.clone(),
            keywords: package.keywords.clone(),
            homepage: package.homepage.clone(),
            documentation: package.documentation.clone(),
        }
    }
}

/// One binary of a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BinaryFacts {
    /// Its name, without the suffix that Windows adds.
    pub name: String,
    /// Features without which cargo does not build it.
    pub required_features: Vec<String>,
}

impl CargoFacts {
    /// The facts in `cargo metadata`'s answer: members of the workspace only.
    pub fn from_metadata(metadata: &cargo_metadata::Metadata) -> Self {
        let members = metadata.packages.iter().filter(|package| metadata.workspace_members.contains(&package.id));
        let mut packages = members.map(|package| PackageFacts::from_package(package, metadata)).collect::<Vec<_>>();
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        let dist = metadata.workspace_metadata.get("dist").cloned().unwrap_or_default();
        Self { packages, dist, ..Self::default() }
    }

    /// Adds the profiles of the workspace's Cargo.toml, which `cargo metadata` does not tell.
    #[must_use]
    pub fn with_profiles(mut self, workspace_manifest: &Table) -> Self {
        let tables = workspace_manifest.get("profile").and_then(Value::as_table).into_iter().flatten();
        let profiles = tables.filter_map(|(name, table)| Some((name.clone(), ProfileFacts::from_table(table.as_table()?))));
        self.profiles = profiles.collect();
        let members = workspace_manifest.get("workspace").and_then(|workspace| workspace.get("members")).and_then(Value::as_array);
        let named = members.into_iter().flatten().filter_map(Value::as_str).filter(|member| !member.contains(['*', '?', '[']));
        self.named_members = named.map(str::to_owned).collect();
        self
    }

    /// What a profile, or one that it begins from, says of stripping; nothing where none does.
    pub fn strip_of(&self, profile: &str) -> Strip {
        let mut name = profile;
        // A circle of profiles is cargo's to refuse.
        for _ in 0..=self.profiles.len() {
            let Some(facts) = self.profiles.get(name) else { break };
            if let Some(strip) = facts.strip {
                return strip;
            }
            let Some(parent) = &facts.inherits else { break };
            name = parent;
        }
        Strip::None
    }

    /// What cargo says in a folder of the project in which it was asked.
    pub fn at(&self, path: &str) -> Option<&Self> {
        if path == self.path { Some(self) } else { self.below.get(path) }
    }

    /// The package of a name.
    pub fn package(&self, name: &str) -> Option<&PackageFacts> {
        self.packages.iter().find(|package| package.name == name)
    }

    /// Packages that have a dynamic library.
    pub fn with_libraries(&self) -> impl Iterator<Item = &PackageFacts> {
        self.packages.iter().filter(|package| package.library.is_some())
    }

    /// Packages that have binaries.
    pub fn with_binaries(&self) -> impl Iterator<Item = &PackageFacts> {
        self.packages.iter().filter(|package| !package.binaries.is_empty())
    }
}

impl ProfileFacts {
    /// `strip` takes a boolean or a word: <https://doc.rust-lang.org/cargo/reference/profiles.html#strip>.
    fn from_table(table: &Table) -> Self {
        let strip = match table.get("strip") {
            Some(Value::Boolean(true)) => Some(Strip::Symbols),
            Some(Value::Boolean(false)) => Some(Strip::None),
            Some(Value::String(word)) => match word.as_str() {
                "symbols" => Some(Strip::Symbols),
                "debuginfo" => Some(Strip::Debug),
                _ => Some(Strip::None),
            },
            _ => None,
        };
        Self { inherits: table.get("inherits").and_then(Value::as_str).map(str::to_owned), strip }
    }
}

impl PackageFacts {
    fn from_package(package: &cargo_metadata::Package, metadata: &cargo_metadata::Metadata) -> Self {
        let mut binaries = package
            .targets
            .iter()
            .filter(|target| target.is_bin())
            .map(|target| BinaryFacts { name: target.name.clone(), required_features: target.required_features.clone() })
            .collect::<Vec<_>>();
        binaries.sort();
        let folder = package.manifest_path.parent().and_then(|folder| folder.strip_prefix(&metadata.workspace_root).ok());
        Self {
            name: package.name.to_string(),
            version: package.version.clone(),
            folder: folder.map(|folder| folder.as_str().replace('\\', "/")).unwrap_or_default(),
            compiled: compiled(package),
            neighbours: neighbours(package, metadata),
            binaries,
            library: package.targets.iter().find(|target| target.is_cdylib()).map(|target| target.name.replace('-', "_")),
            features: package.features.clone().into_iter().collect(),
            license: package.license.clone(),
            license_file: package.license_file.as_ref().map(ToString::to_string),
            repository: package.repository.clone(),
            about: About::of(package),
            pyo3_features: package
                .dependencies
                .iter()
                .filter(|needed| needed.name == "pyo3")
                .flat_map(|needed| needed.features.clone())
                .collect(),
            publishable: package.publish.is_none(),
            is_private: package.publish.as_ref().is_some_and(Vec::is_empty),
            // An older cargo does not tell, and then all of them are.
            is_default_member: !metadata.workspace_default_members.is_available()
                || metadata.workspace_default_members.contains(&package.id),
            default_run: package.default_run.clone(),
            dist: package.metadata.get("dist").cloned().unwrap_or_default(),
        }
    }

    /// The features that are on when `features` are asked for, with or without the default ones; what they turn on in turn included.
    fn enabled(&self, features: &[String], default_features: bool) -> Vec<String> {
        let mut waiting = features.to_vec();
        if default_features {
            waiting.push("default".to_owned());
        }
        let mut on = Vec::new();
        while let Some(feature) = waiting.pop() {
            if !on.contains(&feature) {
                waiting.extend(self.features.get(&feature).into_iter().flatten().cloned());
                on.push(feature);
            }
        }
        on
    }

    /// The features that `binary` still lacks when `features` are asked for.
    pub fn lacking(&self, binary: &BinaryFacts, features: &[String], default_features: bool) -> Vec<String> {
        let on = self.enabled(features, default_features);
        binary.required_features.iter().filter(|feature| !on.contains(feature)).cloned().collect()
    }
}

/// The build script and the folders with the sources of the library, as far as they lie in the package.
fn compiled(package: &cargo_metadata::Package) -> BTreeSet<String> {
    let Some(folder) = package.manifest_path.parent() else { return BTreeSet::new() };
    let built = |target: &&cargo_metadata::Target| !(target.is_test() || target.is_bench() || target.is_example() || target.is_bin());
    let roots = package.targets.iter().filter(built).filter_map(|target| target.src_path.strip_prefix(folder).ok());
    let whole = roots.map(|root| root.parent().filter(|parent| !parent.as_str().is_empty()).unwrap_or(root));
    whole.map(|path| path.as_str().replace('\\', "/")).collect()
}

fn neighbours(package: &cargo_metadata::Package, metadata: &cargo_metadata::Metadata) -> BTreeSet<String> {
    let needed = package.dependencies.iter().filter(|dependency| dependency.kind != cargo_metadata::DependencyKind::Development);
    let folders = needed.filter_map(|dependency| dependency.path.as_ref());
    folders.filter_map(|folder| from_to(metadata.workspace_root.as_std_path(), folder.as_std_path())).collect()
}

/// The way from one folder to another, both absolute; none if it is not UTF-8.
pub(crate) fn from_to(base: &Path, path: &Path) -> Option<String> {
    let (base, path) = (base.components().collect::<Vec<_>>(), path.components().collect::<Vec<_>>());
    let shared = base.iter().zip(&path).take_while(|(one, other)| one == other).count();
    let up = std::iter::repeat_n("..", base.len() - shared).map(Some);
    let down = path[shared..].iter().map(|part| part.as_os_str().to_str());
    up.chain(down).collect::<Option<Vec<_>>>().map(|parts| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_strips_what_it_or_its_parent_says() {
        let manifest = "[profile.release]\nstrip = \"debuginfo\"\n[profile.dist]\ninherits = \"release\"\n[profile.small]\ninherits = \"dist\"\nstrip = true\n[profile.a]\ninherits = \"b\"\n[profile.b]\ninherits = \"a\"";
        let facts = CargoFacts::default().with_profiles(&manifest.parse().unwrap());
        let stripped = ["release", "dist", "small", "a", "other"].map(|profile| facts.strip_of(profile));
        assert_eq!(stripped, [Strip::Debug, Strip::Debug, Strip::Symbols, Strip::None, Strip::None]);
    }

    #[test]
    fn metadata_gives_members_with_binaries_and_folders() {
        let package = |name: &str, folder: &str, targets: serde_json::Value| {
            serde_json::json!({
                "name": name, "version": "1.2.3", "id": format!("path+file:///w/{folder}#{name}@1.2.3"), "license": "MIT",
                "license_file": null, "description": null, "source": null, "dependencies": [], "targets": targets,
                "features": {"default": ["cli"], "cli": []}, "manifest_path": format!("/w/{folder}Cargo.toml"), "metadata": null,
                "publish": null, "authors": [], "categories": [], "keywords": [], "readme": null, "repository": null, "homepage": null,
                "documentation": null, "edition": "2024", "links": null, "default_run": null, "rust_version": null
            })
        };
        let target = |kind: &str, name: &str, required: &[&str]| {
            serde_json::json!({
                "kind": [kind], "crate_types": [kind], "name": name, "src_path": "/w/src/x.rs", "edition": "2024", "doc": true,
                "doctest": false, "test": true, "required-features": required
            })
        };
        let binaries = serde_json::json!([target("bin", "two", &["cli"]), target("bin", "one", &[]), target("lib", "lib", &[])]);
        let metadata = serde_json::json!({
            "packages": [package("app", "crates/app/", binaries), package("dependency", "../dependency/", serde_json::json!([]))],
            "workspace_members": ["path+file:///w/crates/app/#app@1.2.3"], "workspace_default_members": [], "resolve": null,
            "workspace_root": "/w", "target_directory": "/w/target", "version": 1, "metadata": null
        });
        let facts = CargoFacts::from_metadata(&serde_json::from_value(metadata).unwrap());
        assert_eq!(facts.packages.len(), 1);
        let app = facts.package("app").unwrap();
        assert_eq!((app.folder.as_str(), app.version.to_string().as_str()), ("crates/app", "1.2.3"));
        assert_eq!(app.binaries.iter().map(|binary| binary.name.as_str()).collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(app.lacking(&app.binaries[1], &[], true), Vec::<String>::new());
        assert_eq!(app.lacking(&app.binaries[1], &[], false), ["cli"]);
    }
}
