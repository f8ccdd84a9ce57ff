//! Projects opened with the cargo that is here.

use super::*;
use crate::sources::place::Place;

impl Place {
    /// A library, or a program where it has a `main.rs`.
    fn package(&self, folder: &str, name: &str, source: &str, rest: &str) {
        self.write(
            &format!("{folder}/Cargo.toml"),
            &format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{rest}"),
        );
        self.write(&format!("{folder}/src/{source}"), if source == "main.rs" { "fn main() {}\n" } else { "" });
    }

    fn open(&self, folder: &str) -> OpenProject {
        let store = Store::open(self.store.path()).unwrap();
        OpenProject::open(&self.at(folder), &store, &self.launcher, None).unwrap()
    }
}

const MANIFEST: &str = "targets = [\"x86_64-unknown-linux-gnu\"]\n";

#[test]
fn a_project_inside_of_a_cargo_workspace_brings_the_whole_workspace() {
    let place = Place::new();
    place.write("Cargo.toml", "[workspace]\nmembers = [\"apps/ht\", \"lib\"]\nresolver = \"2\"\n");
    place.package("apps/ht", "ht", "main.rs", "[dependencies]\nlib = { path = \"../../lib\" }\n");
    place.package("lib", "lib", "lib.rs", "");
    place.write("apps/ht/plimsoll.toml", MANIFEST);
    let opened = place.open("apps/ht");
    assert_eq!(opened.sources.base, place.folder.path().canonicalize().unwrap());
    assert_eq!((opened.sources.project.as_path(), opened.workspace.as_path()), (Path::new("apps/ht"), Path::new("")));
    for name in ["Cargo.toml", "apps/ht/src/main.rs", "lib/src/lib.rs"] {
        assert!(opened.sources.files.contains_key(name), "{name} is missing");
    }
    assert!(opened.sources.of_project().any(|(name, _)| name == "src/main.rs"));
}

#[test]
fn patches_outside_of_the_project_are_sources_with_their_own_path_dependencies() {
    let place = Place::new();
    place.package(
        "ht",
        "ht",
        "main.rs",
        "[patch.crates-io]\nfork = { path = \"../fork\" }\n[patch.\"https://example.org/x\"]\nnone = { git = \"https://example.org/y\" }\n",
    );
    place.package("fork", "fork", "lib.rs", "[dependencies]\ndeep = { path = \"../deep\" }\n");
    place.package("deep", "deep", "lib.rs", "");
    place.write("ht/plimsoll.toml", MANIFEST);
    let opened = place.open("ht");
    assert_eq!(opened.sources.project, Path::new("ht"));
    for name in ["ht/src/main.rs", "fork/src/lib.rs", "deep/src/lib.rs"] {
        assert!(opened.sources.files.contains_key(name), "{name} is missing");
    }
}

#[test]
fn declared_inputs_are_named_as_in_the_project_and_never_lie_in_dist() {
    let place = Place::new();
    place.write("ht/vendor/one", "");
    place.write("ht/dist/one", "");
    place.write("shared/one", "");
    std::os::unix::fs::symlink("../shared", place.at("ht/link")).unwrap();
    let inputs = |list: &str| {
        let written = manifest::parse("plimsoll.toml", &format!("{MANIFEST}[core.ht]\ninputs = [{list}]\n")).unwrap();
        declared_inputs(&place.at("ht"), &written)
    };
    let found = inputs("\"vendor/\", \"./link\"").unwrap();
    assert_eq!(found, BTreeSet::from([place.at("ht/vendor"), place.at("ht/link")]));
    assert_eq!(outside_folders(&place.at("ht"), &Cargo::default(), &found), BTreeSet::from([place.at("shared")]));
    assert_eq!(inputs("\"missing\"").unwrap_err().code, "input-missing");
    assert_eq!(inputs("\"dist/one\"").unwrap_err().code, "input-is-output");
}
