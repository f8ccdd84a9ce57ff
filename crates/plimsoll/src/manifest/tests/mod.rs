//! Whole manifests, good and bad.

mod errors;
mod examples;
mod properties;
mod versions;

use std::collections::{BTreeMap, BTreeSet};

use super::{BinaryFacts, CargoFacts, ManifestError, PackageFacts, Project, read};

/// A package with binaries, its folder, and no features.
fn package(name: &str, version: &str, folder: &str, binaries: &[&str]) -> PackageFacts {
    let binaries = binaries.iter().map(|name| BinaryFacts { name: (*name).to_owned(), required_features: Vec::new() }).collect();
    PackageFacts {
        compiled: BTreeSet::new(),
        neighbours: BTreeSet::new(),
        name: name.to_owned(),
        library: None,
        version: version.parse().unwrap(),
        folder: folder.to_owned(),
        binaries,
        features: BTreeMap::new(),
        license: None,
        license_file: None,
        repository: None,
        publishable: true,
        ..PackageFacts::default()
    }
}

/// One package `ht` with one binary, and a second binary behind a feature.
fn single() -> CargoFacts {
    let mut ht = package("ht", "0.4.0", "", &["ht"]);
    ht.binaries.push(BinaryFacts { name: "ht-debug".to_owned(), required_features: vec!["debug".to_owned()] });
    ht.features = BTreeMap::from([
        ("debug".to_owned(), Vec::new()),
        ("default".to_owned(), vec!["color".to_owned()]),
        ("color".to_owned(), Vec::new()),
    ]);
    CargoFacts { packages: vec![ht], ..CargoFacts::default() }
}

/// A workspace in which one program embeds another.
fn fastboop() -> CargoFacts {
    let mut packages = vec![
        package("fastboop-cli", "0.3.0", "cli", &["fastboop"]),
        package("fastboop-core", "0.3.0", "core", &[]),
        package("fastboop-stage0", "0.3.0", "stage0", &["fastboop-stage0"]),
    ];
    packages.iter_mut().for_each(|package| package.repository = Some("https://example.org/team/fastboop.git".to_owned()));
    CargoFacts { packages, ..CargoFacts::default() }
}

/// A workspace with one package of several programs.
fn minne() -> CargoFacts {
    CargoFacts {
        packages: vec![package("common", "1.0.2", "common", &[]), package("main", "1.0.2", "main", &["main", "server", "worker"])],
        ..CargoFacts::default()
    }
}

fn sources() -> BTreeSet<String> {
    let paths = [
        "CHANGELOG.md",
        "Cargo.toml",
        "LICENSE-MIT",
        "README.md",
        "docs/guide.md",
        "docs/man/ht.1",
        "htty-core/Cargo.toml",
        "src/aux.rs",
        "src/größe.csv",
        "src/main.rs",
    ];
    paths.map(str::to_owned).into()
}

fn read_with(facts: &CargoFacts, text: &str) -> Result<Project, ManifestError> {
    read("plimsoll.toml", text, facts, &sources())
}
