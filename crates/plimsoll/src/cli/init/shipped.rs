//! Which packages and programs of a workspace are for its users, and which for those who work on it. Looks at what cargo says, and starts nothing.

use std::collections::BTreeMap;

use super::earlier::{Earlier, Shipping};
use crate::manifest::{BinaryFacts, PackageFacts};

/// Folders whose packages are for the project's own work, or somebody else's.
const NOT_SHIPPED: [&str; 20] = [
    "_build",
    "bench",
    "benches",
    "benchmarks",
    "build",
    "deps",
    "dist",
    "example",
    "examples",
    "fixtures",
    "fuzz",
    "node_modules",
    "target",
    "test",
    "testdata",
    "tests",
    "third_party",
    "vendor",
    "xtask",
    "xtasks",
];

/// Words of programs' names that say that they are for the project's own work.
const INTERNAL: [&str; 11] = ["bench", "benchmark", "codegen", "example", "fake", "fuzz", "gen", "generate", "mock", "test", "xtask"];

/// What of a package is shipped.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Programs {
    /// Those that are built, if not all that can be without further features.
    pub(super) binaries: Option<Vec<String>>,
    /// Features that they need, beside the default ones.
    pub(super) features: Vec<String>,
    /// Programs that are left out, with the reason.
    pub(super) left: Vec<(String, String)>,
}

/// Whether a file may belong to something that is shipped, by the folders that it lies in.
pub(super) fn may_be_shipped(path: &str) -> bool {
    let (folders, _) = path.rsplit_once('/').unwrap_or(("", path));
    folders.split('/').all(|folder| !folder.starts_with('.') && !NOT_SHIPPED.contains(&folder))
}

/// Of packages with programs those that are shipped; the others with the reason. `tasks` are packages that aliases of cargo's start.
pub(super) fn packages<'f>(
    all: &[&'f PackageFacts],
    earlier: &Earlier,
    tasks: &Tasks,
) -> (Vec<&'f PackageFacts>, Vec<(&'f PackageFacts, &'static str)>) {
    let mut left = Vec::new();
    let is_named = |package: &PackageFacts| match &earlier.packages {
        Some(names) => names.contains(&package.name),
        None => earlier.of(&package.name).ship == Some(true),
    };
    let mut kept = all.to_vec();
    let mut leave = |kept: &mut Vec<&'f PackageFacts>, why: &'static str, is_out: &dyn Fn(&PackageFacts) -> bool| {
        let out = kept.iter().copied().filter(|package| is_out(package) && !is_named(package)).collect::<Vec<_>>();
        // Nothing to ship is no answer.
        if out.len() < kept.len() {
            kept.retain(|package| !out.iter().any(|other| std::ptr::eq(*other, *package)));
            left.extend(out.into_iter().map(|package| (package, why)));
        }
    };
    if let Some(names) = &earlier.packages {
        leave(&mut kept, "not released so far", &|package| !names.contains(&package.name));
    }
    leave(&mut kept, "not released so far", &|package| earlier.of(&package.name).ship == Some(false));
    leave(&mut kept, "for the project's own work", &|package| is_task(package, tasks));
    // Others than `cargo xtask` may start what is shipped.
    leave(&mut kept, "for the project's own work", &|package| package.is_private && tasks.get(&package.name).is_some());
    leave(&mut kept, "publish = false", &|package| package.is_private);
    leave(&mut kept, "cargo does not build it by default", &|package| {
        let own = |other: &&&PackageFacts| other.is_default_member && other.version == package.version;
        !package.is_default_member && !all.iter().filter(own).any(|other| !other.is_private && !is_task(other, tasks))
    });
    (kept, left)
}

/// Whether a package is for the project's own work, by its name, its folder, or an alias.
fn is_task(package: &PackageFacts, tasks: &Tasks) -> bool {
    let folder = format!("{}/Cargo.toml", package.folder);
    tasks.get(&package.name) == Some(&true) || package.name.split(['-', '_']).any(|word| word == "xtask") || !may_be_shipped(&folder)
}

/// The programs of a package that are shipped, and what they need.
pub(super) fn programs(package: &PackageFacts, said: &Shipping) -> Programs {
    let default_features = said.default_features.unwrap_or(true);
    let mut features = said.features.clone();
    if said.all_features {
        features.extend(package.features.keys().filter(|feature| *feature != "default").cloned());
    }
    let mut left = Vec::new();
    let lacks = |binary: &BinaryFacts, features: &[String]| package.lacking(binary, features, default_features);
    let chosen = match &said.binaries {
        Some(names) => package.binaries.iter().filter(|binary| names.contains(&binary.name)).collect::<Vec<_>>(),
        None => ours(package, &|binary| lacks(binary, &features).is_empty(), &mut left),
    };
    for binary in &chosen {
        let lacking = lacks(binary, &features);
        features.extend(lacking);
    }
    // A feature may have brought a program that is not meant.
    let built = package.binaries.iter().filter(|binary| lacks(binary, &features).is_empty()).count();
    let binaries = (built != chosen.len()).then(|| chosen.iter().map(|binary| binary.name.clone()).collect());
    Programs { binaries, features, left }
}

/// The programs that are for users: what is built without more, and the one that the package is named for.
fn ours<'p>(package: &'p PackageFacts, is_built: &dyn Fn(&BinaryFacts) -> bool, left: &mut Vec<(String, String)>) -> Vec<&'p BinaryFacts> {
    let is_main = |binary: &BinaryFacts| binary.name == package.name || package.default_run.as_ref() == Some(&binary.name);
    let any_built = package.binaries.iter().any(is_built);
    let any_main = package.binaries.iter().any(is_main);
    let mut chosen = Vec::new();
    for binary in &package.binaries {
        let is_internal = binary.name.split(['-', '_']).any(|word| INTERNAL.contains(&word));
        if is_main(binary) || (is_built(binary) && !is_internal) || (!any_built && !any_main && !is_internal) {
            chosen.push(binary);
        } else if is_built(binary) {
            left.push((binary.name.clone(), "for the project's own work, by its name".to_owned()));
        } else {
            left.push((binary.name.clone(), format!("needs the features {}", binary.required_features.join(", "))));
        }
    }
    if chosen.is_empty() {
        left.clear();
        chosen.extend(&package.binaries);
    }
    chosen
}

/// Packages that aliases in cargo's configuration start, such as `xtask = "run --package xtask --"`, each with whether it is `cargo xtask`.
pub(super) type Tasks = BTreeMap<String, bool>;

/// Those of a file.
pub(super) fn tasks(configuration: &str) -> Tasks {
    let Ok(table) = configuration.parse::<toml::Table>() else { return Tasks::new() };
    let mut tasks = Tasks::new();
    for (name, alias) in table.get("alias").and_then(toml::Value::as_table).into_iter().flatten() {
        let words = match alias {
            toml::Value::String(text) => text.split_whitespace().map(str::to_owned).collect(),
            toml::Value::Array(list) => list.iter().filter_map(|word| Some(word.as_str()?.to_owned())).collect(),
            _ => Vec::new(),
        };
        if words.first().is_none_or(|word| word != "run" && word != "r") {
            continue;
        }
        for (at, word) in words.iter().enumerate().take_while(|(_, word)| *word != "--") {
            let (flag, value) = word.split_once('=').map_or((word.as_str(), None), |(flag, value)| (flag, Some(value)));
            if matches!(flag, "-p" | "--package" | "--bin") {
                let package = value.or(words.get(at + 1).map(String::as_str));
                tasks.extend(package.map(|package| (package.to_owned(), name == "xtask")));
            }
        }
    }
    tasks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, folder: &str) -> PackageFacts {
        let binaries = vec![BinaryFacts { name: name.to_owned(), required_features: Vec::new() }];
        PackageFacts { name: name.to_owned(), folder: folder.to_owned(), binaries, ..PackageFacts::default() }
    }

    fn shipped(all: &[PackageFacts], earlier: &Earlier, tasks: &[&str]) -> Vec<String> {
        let tasks = tasks.iter().map(|name| ((*name).to_owned(), *name == "dev")).collect();
        let (kept, left) = packages(&all.iter().collect::<Vec<_>>(), earlier, &tasks);
        assert_eq!(kept.len() + left.len(), all.len());
        kept.into_iter().map(|package| package.name.clone()).collect()
    }

    #[test]
    fn what_is_for_the_projects_own_work_is_not_shipped() {
        for path in ["Cargo.toml", "htty-core/Cargo.toml", "native/x/Cargo.toml", "crates/latest/Cargo.toml"] {
            assert!(may_be_shipped(path), "{path}");
        }
        for path in ["fuzz/Cargo.toml", "examples/a/Cargo.toml", "a/tests/b/Cargo.toml", ".hidden/Cargo.toml", "deps/x/native/y/Cargo.toml"]
        {
            assert!(!may_be_shipped(path), "{path}");
        }
        let all = [
            package("app", ""),
            package("xtask", "xtask"),
            package("app-xtask", "crates/tasks"),
            package("dev", "crates/dev"),
            package("demo", "examples/demo"),
        ];
        assert_eq!(shipped(&all, &Earlier::default(), &["dev"]), ["app"]);
        assert_eq!(shipped(&all[1..2], &Earlier::default(), &[]), ["xtask"], "nothing else is there");
        // An alias may start the program itself.
        let private = |name: &str, folder: &str| PackageFacts { is_private: true, ..package(name, folder) };
        assert_eq!(
            shipped(
                &[private("biome_cli", "crates/cli"), private("xtask_codegen", "xtask/codegen")],
                &Earlier::default(),
                &["biome_cli", "xtask_codegen"]
            ),
            ["biome_cli"]
        );
        assert_eq!(shipped(&[package("app", ""), package("other", "other")], &Earlier::default(), &["app"]), ["app", "other"]);
        assert_eq!(shipped(&[private("app", "app"), private("gen", "gen")], &Earlier::default(), &["gen"]), ["app"]);
    }

    #[test]
    fn private_packages_are_shipped_where_nothing_else_is() {
        let private = |name: &str, folder: &str| PackageFacts { is_private: true, publishable: false, ..package(name, folder) };
        let helper = private("action-versions", "crates/action-versions");
        assert_eq!(shipped(&[package("just", ""), helper.clone()], &Earlier::default(), &[]), ["just"]);
        assert_eq!(shipped(&[private("app", "crates/app")], &Earlier::default(), &[]), ["app"]);
        let of = [("action-versions".to_owned(), Shipping { ship: Some(true), ..Shipping::default() })].into();
        assert_eq!(shipped(&[package("just", ""), helper], &Earlier { of, ..Earlier::default() }, &[]), ["just", "action-versions"]);
        let named = Earlier { packages: Some(vec!["ruff".to_owned()]), ..Earlier::default() };
        assert_eq!(shipped(&[private("ruff", "crates/ruff"), package("ty", "crates/ty")], &named, &[]), ["ruff"]);
    }

    #[test]
    fn members_that_cargo_does_not_build_by_default_have_releases_of_their_own() {
        let other = |name: &str, version: u64| PackageFacts {
            is_default_member: false,
            version: semver::Version::new(version, 0, 0),
            ..package(name, &format!("crates/{name}"))
        };
        let own = PackageFacts { version: semver::Version::new(1, 0, 0), ..package("nu", "") };
        assert_eq!(
            shipped(&[own.clone(), other("nu_plugin_query", 1), other("status-bar", 0)], &Earlier::default(), &[]),
            ["nu", "nu_plugin_query"]
        );
    }

    fn binary(name: &str, required: &[&str]) -> BinaryFacts {
        BinaryFacts { name: name.to_owned(), required_features: required.iter().map(|feature| (*feature).to_owned()).collect() }
    }

    fn of_package(binaries: Vec<BinaryFacts>, said: &Shipping) -> (Option<Vec<String>>, Vec<String>, usize) {
        let features =
            [("cli", vec![]), ("fakes", vec![]), ("extra", vec![])].map(|(name, more): (&str, Vec<String>)| (name.to_owned(), more)).into();
        let package = PackageFacts { binaries, features, ..package("app", "") };
        let programs = programs(&package, said);
        (programs.binaries, programs.features, programs.left.len())
    }

    #[test]
    fn features_that_the_program_requires_are_written_and_programs_of_other_features_left_out() {
        let silent = Shipping::default();
        assert_eq!(of_package(vec![binary("app", &[])], &silent), (None, vec![], 0));
        assert_eq!(of_package(vec![binary("app", &["cli"])], &silent), (None, vec!["cli".to_owned()], 0));
        assert_eq!(of_package(vec![binary("app", &[]), binary("fake-editor", &["fakes"])], &silent), (None, vec![], 1));
        let both = vec![binary("app", &["cli"]), binary("other", &[])];
        assert_eq!(of_package(both, &silent), (None, vec!["cli".to_owned()], 0));
        let internal = vec![binary("app", &[]), binary("gen-completions", &[])];
        assert_eq!(of_package(internal, &silent), (Some(vec!["app".to_owned()]), vec![], 1));
        assert_eq!(of_package(vec![binary("test-runner", &[])], &silent), (None, vec![], 0));
        let all = Shipping { all_features: true, binaries: Some(vec!["app".to_owned()]), ..Shipping::default() };
        let (binaries, features, _) = of_package(vec![binary("app", &[]), binary("b", &["extra"])], &all);
        assert_eq!((binaries, features.len()), (Some(vec!["app".to_owned()]), 3));
    }

    #[test]
    fn aliases_name_the_projects_own_tasks() {
        let text = "[alias]\nxtask = \"run --package dev-tasks --\"\nb = [\"build\", \"-p\", \"app\"]\nt = [\"run\", \"--bin=tool\", \"--\", \"-p\", \"x\"]\n";
        assert_eq!(tasks(text), [("dev-tasks".to_owned(), true), ("tool".to_owned(), false)].into());
        assert!(tasks("[alias").is_empty());
    }
}
