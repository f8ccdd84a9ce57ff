//! What users need of the package's sources to build the library themselves: what cargo says that the crate is made of, not all that lies beside it.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_elixir::Precompiled;

use crate::manifest::{CargoFacts, PackageFacts};

/// Why a file must be in the package.
const NEEDED: &str = "a forced build needs it";

/// Why `rustler_precompiled` has every user compile and downloads nothing; none if it downloads.
pub(in crate::kinds::nif) fn always(version: &semver::Version, module: &Precompiled) -> Option<String> {
    if version.pre.split('.').any(|part| part == "dev") {
        return Some(format!("{version} is a version in development"));
    }
    let at = module.force_build.as_ref().filter(|_| module.forces_build)?;
    Some(format!("{at}: `force_build` is on where no variable is set"))
}

/// Files of the project without which cargo does not compile `package`, or compiles it otherwise, each with the reason. A package that lies outside of
/// the project has no file here: see [`outside`].
pub(super) fn needed(facts: &CargoFacts, package: &PackageFacts, sources: &BTreeSet<String>) -> BTreeMap<String, String> {
    let own = folder(facts, package);
    let mut needed = BTreeSet::new();
    for compiled in packages(facts, package) {
        let folder = folder(facts, compiled);
        let at = |path: &str| join(&folder, path);
        let roots = compiled.compiled.iter().map(|path| at(path)).chain([at("Cargo.toml")]).collect::<Vec<_>>();
        needed.extend(sources.iter().filter(|path| roots.iter().any(|root| lies_in(path, root))).cloned());
    }
    let is_apart = own != facts.root;
    let root = [join(&facts.root, "Cargo.lock"), join(&facts.root, "Cargo.toml")];
    needed.extend(root.into_iter().filter(|path| sources.contains(path)));
    // cargo reads a configuration in each folder above the one in which it is called.
    let mut above = Some(own.as_str());
    while let Some(folder) = above {
        let settings = ["config.toml", "config"].map(|name| join(folder, &format!(".cargo/{name}")));
        needed.extend(settings.into_iter().filter(|path| sources.contains(path)));
        above = (!folder.is_empty()).then(|| folder.rsplit_once('/').map_or("", |(parent, _)| parent));
    }
    if is_apart {
        // A member that is named and not there, or has nothing to compile, is an error of cargo's.
        let members = facts.named_members.iter().map(|member| join(&facts.root, member));
        let parts = members.flat_map(|member| [join(&member, "Cargo.toml"), join(&member, "src")]).collect::<Vec<_>>();
        needed.extend(sources.iter().filter(|path| parts.iter().any(|part| lies_in(path, part))).cloned());
    }
    needed.into_iter().map(|path| (path, NEEDED.to_owned())).collect()
}

/// Folders and files outside of the project without which there is no build from the package's own sources, relative to the project.
pub(in crate::kinds::nif) fn outside(facts: &CargoFacts, package: &PackageFacts) -> BTreeSet<String> {
    let packages = packages(facts, package);
    let folders = packages.iter().flat_map(|package| &package.neighbours).map(|path| join(&facts.root, path));
    let included = packages.iter().flat_map(|package| package.compiled.iter().map(|path| join(&folder(facts, package), path)));
    folders.chain(included).filter(|path| path.starts_with("..")).collect()
}

/// The package and those of the workspace that it needs, each once.
fn packages<'f>(facts: &'f CargoFacts, package: &'f PackageFacts) -> Vec<&'f PackageFacts> {
    let mut found = vec![package];
    let mut at = 0;
    while let Some(package) = found.get(at).copied() {
        for neighbour in &package.neighbours {
            let known = facts.packages.iter().find(|known| known.folder == *neighbour);
            found.extend(known.filter(|known| !found.iter().any(|found| found.name == known.name)));
        }
        at += 1;
    }
    found
}

/// The folder of a package, relative to the project.
fn folder(facts: &CargoFacts, package: &PackageFacts) -> String {
    join(&facts.root, &package.folder)
}

fn lies_in(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// `path` seen from `base`, without `..` where that can be.
fn join(base: &str, path: &str) -> String {
    let mut parts = Vec::new();
    for part in base.split('/').chain(path.split('/')).filter(|part| !matches!(*part, "" | ".")) {
        match (part, parts.last()) {
            ("..", Some(last)) if *last != ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, folder: &str, compiled: &[&str], neighbours: &[&str]) -> PackageFacts {
        let set = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect();
        PackageFacts {
            name: name.to_owned(),
            folder: folder.to_owned(),
            compiled: set(compiled),
            neighbours: set(neighbours),
            library: Some(name.to_owned()),
            ..PackageFacts::default()
        }
    }

    fn sources(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn a_crate_of_its_own_needs_what_it_is_made_of_and_nothing_beside_it() {
        let facts = CargoFacts { path: "native/x".to_owned(), root: "native/x".to_owned(), ..CargoFacts::default() };
        let own = package("x", "", &["src", "build.rs"], &[]);
        let all = sources(&[
            "native/x/.cargo/config.toml",
            "native/x/.gitignore",
            "native/x/Cargo.lock",
            "native/x/Cargo.toml",
            "native/x/README.md",
            "native/x/benches/b.rs",
            "native/x/build.rs",
            "native/x/fuzz/Cargo.toml",
            "native/x/src/lib.rs",
            "native/x/src/table.bin",
            "native/y/src/lib.rs",
        ]);
        let needed = needed(&facts, &own, &all).into_keys().collect::<Vec<_>>();
        let expected =
            ["native/x/.cargo/config.toml", "native/x/Cargo.lock", "native/x/Cargo.toml", "native/x/build.rs", "native/x/src/lib.rs"];
        assert_eq!(needed, [expected.as_slice(), &["native/x/src/table.bin"]].concat());
    }

    #[test]
    fn a_member_needs_its_workspace_and_its_neighbours() {
        let member = package("x", "native/x", &["src"], &["crates/tally", "../elsewhere"]);
        let tally = package("tally", "crates/tally", &["src"], &["crates/deep"]);
        let deep = package("deep", "crates/deep", &["src"], &[]);
        let tool = package("tool", "tool", &["src"], &[]);
        let packages = vec![deep, tally, tool, member.clone()];
        let facts = CargoFacts { packages, named_members: vec!["tool".to_owned()], ..CargoFacts::default() };
        let all = sources(&[
            ".cargo/config.toml",
            "Cargo.lock",
            "Cargo.toml",
            "crates/deep/Cargo.toml",
            "crates/deep/src/lib.rs",
            "crates/tally/Cargo.toml",
            "crates/tally/src/lib.rs",
            "crates/tally/tests/t.rs",
            "native/x/Cargo.toml",
            "native/x/src/lib.rs",
            "tool/Cargo.toml",
            "tool/src/main.rs",
        ]);
        let mut expected = all.clone();
        expected.remove("crates/tally/tests/t.rs");
        assert_eq!(needed(&facts, &member, &all).into_keys().collect::<BTreeSet<_>>(), expected);
        assert_eq!(outside(&facts, &member), BTreeSet::from(["../elsewhere".to_owned()]));
    }
}
