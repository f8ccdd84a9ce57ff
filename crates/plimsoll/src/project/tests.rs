//! Projects opened with the cargo that is here.

use super::*;
use crate::sources::test_project::TestProject;

impl TestProject {
    /// A library, or a program where it has a `main.rs`.
    fn package(&self, folder: &str, name: &str, source: &str, rest: &str) {
        self.write(
            &format!("{folder}/Cargo.toml"),
            &format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{rest}"),
        );
        self.write(&format!("{folder}/src/{source}"), if source == "main.rs" { "fn main() {}\n" } else { "" });
    }

    fn open(&self, folder: &str) -> Loaded {
        let store = Store::open(self.store.path()).unwrap();
        Loaded::open(&self.at(folder), &store, &self.launcher, None).unwrap()
    }
}

const MANIFEST: &str = "targets = [\"x86_64-unknown-linux-gnu\"]\n";

#[test]
fn a_project_inside_of_a_cargo_workspace_brings_the_whole_workspace() {
    let place = TestProject::new();
    place.write("Cargo.toml", "[workspace]\nmembers = [\"apps/ht\", \"lib\"]\nresolver = \"2\"\n");
    place.package("apps/ht", "ht", "main.rs", "[dependencies]\nlib = { path = \"../../lib\" }\n");
    place.package("lib", "lib", "lib.rs", "");
    place.write("apps/ht/plimsoll.toml", MANIFEST);
    let opened = place.open("apps/ht");
    assert_eq!(opened.sources.base, place.folder.path().canonicalize().unwrap());
    assert_eq!(
        (opened.sources.project.as_path(), opened.workspaces.own().workspace_in(&opened.sources)),
        (Path::new("apps/ht"), Path::new(""))
    );
    for name in ["Cargo.toml", "apps/ht/src/main.rs", "lib/src/lib.rs"] {
        assert!(opened.sources.files.contains_key(name), "{name} is missing");
    }
    assert!(opened.sources.of_project().any(|(name, _)| name == "src/main.rs"));
}

#[test]
fn patches_outside_of_the_project_are_sources_with_their_own_path_dependencies() {
    let place = TestProject::new();
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
    let place = TestProject::new();
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
    assert_eq!(
        outside_folders(&place.at("ht"), &Workspaces::ask(&place.at("ht"), &BTreeSet::new(), &place.launcher).unwrap(), &found),
        BTreeSet::from([place.at("shared")])
    );
    assert_eq!(inputs("\"missing\"").unwrap_err().code, "input-missing");
    assert_eq!(inputs("\"dist/one\"").unwrap_err().code, "input-is-output");
}

/// A program that is a workspace of its own, below a project that has none.
fn htty(place: &TestProject, paths: &[&str]) -> Result<Loaded, OpenError> {
    place.package("p/core", "ht", "main.rs", "[dependencies]\nshared = { path = \"../shared\" }\n[workspace]\n");
    place.package("p/shared", "shared", "lib.rs", "[dependencies]\nfar = { path = \"../../far\" }\n");
    place.package("far", "far", "lib.rs", "");
    place.package("outside", "ht", "main.rs", "[workspace]\n");
    let cores = paths.iter().enumerate().map(|(at, path)| format!("[core.c{at}]\npath = \"{path}\"\n[archive.c{at}]\n"));
    place.write("p/plimsoll.toml", &format!("name = \"p\"\n{MANIFEST}{}", cores.collect::<String>()));
    let store = Store::open(place.store.path()).unwrap();
    Loaded::open(&place.at("p"), &store, &place.launcher, None)
}

#[test]
fn a_workspace_below_the_project_brings_its_path_dependencies_inside_and_outside() {
    let place = TestProject::new();
    place.write("p/core/rust-toolchain.toml", "[toolchain]\ncomponents = []\n");
    let opened = htty(&place, &["core"]).unwrap();
    let folder = opened.workspaces.below().next().unwrap();
    assert_eq!((folder.path.as_str(), folder.workspace_in(&opened.sources)), ("core", Path::new("p/core")));
    for name in ["p/core/src/main.rs", "p/shared/src/lib.rs", "far/src/lib.rs"] {
        assert!(opened.sources.files.contains_key(name), "{name} is missing");
    }
    assert!(opened.workspaces.own().cargo.workspace.is_none() && opened.workspaces.own().toolchain.rust.is_some());
    let plan = opened.plan().unwrap();
    assert!(plan.products.values().all(|product| product.compile.path() == "core"));
}

#[test]
fn a_core_that_leads_out_of_the_project_is_refused_with_its_place() {
    let place = TestProject::new();
    place.package("p/core", "ht", "main.rs", "[workspace]\n");
    std::os::unix::fs::symlink("core", place.at("p/inside")).unwrap();
    let opened = htty(&place, &["inside"]).unwrap();
    assert_eq!(opened.workspaces.below().next().unwrap().workspace_in(&opened.sources), Path::new("p/core"));
    // A link that git ignores is no source, so that only the core leads there.
    place.write("p/.ignore", "/out\n");
    std::os::unix::fs::symlink("../outside", place.at("p/out")).unwrap();
    let Err(OpenError::Manifest(error)) = htty(&place, &["out", "nowhere"]) else { panic!("opened") };
    let codes = error.diagnostics().iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>();
    assert_eq!(codes, ["core-outside", "no-such-workspace"]);
}

#[test]
fn a_workspace_that_cargo_cannot_read_is_told_by_its_folder() {
    let place = TestProject::new();
    place.write("p/broken/Cargo.toml", "[package]\nname = 1\n");
    let Err(OpenError::Other(failure)) = htty(&place, &["core", "broken"]) else { panic!("opened") };
    assert_eq!((failure.code.as_str(), failure.subject.as_str()), ("cargo-metadata", "broken"));
}

#[test]
fn the_only_crate_below_native_is_the_projects_own_with_its_toolchain() {
    let place = TestProject::new();
    place.package("p/native/one", "one", "main.rs", "[workspace]\n");
    place.write("p/plimsoll.toml", MANIFEST);
    let store = Store::open(place.store.path()).unwrap();
    let opened = Loaded::open(&place.at("p"), &store, &place.launcher, None).unwrap();
    assert_eq!(opened.workspaces.own().path, "native/one");
    assert!(opened.plan().unwrap().products.values().all(|product| product.compile.path() == "native/one"));
    // By its path it is the same one, and not asked about twice.
    place.write("p/plimsoll.toml", &format!("{MANIFEST}[core.x]\npath = \"native/one\"\n"));
    let opened = Loaded::open(&place.at("p"), &store, &place.launcher, None).unwrap();
    assert_eq!((opened.workspaces.below().count(), opened.project.cores.len()), (0, 1));
}

#[test]
fn what_cargo_s_settings_say_of_a_profile_counts_more_than_its_manifest() {
    let place = TestProject::new();
    place.package("p/native/one", "one", "main.rs", "[workspace]\n[profile.release]\nstrip = \"none\"\n");
    place.write("p/.cargo/config.toml", "[profile.release]\nstrip = \"debuginfo\"\n");
    place.write("p/plimsoll.toml", MANIFEST);
    let strip = || place.open("p").workspaces.own().cargo.facts.strip_of("release");
    assert_eq!(strip(), plimsoll_model::plan::Strip::Debug);
    place.write("p/native/one/.cargo/config.toml", "[profile.release]\nstrip = true\n");
    assert_eq!(strip(), plimsoll_model::plan::Strip::Symbols);
}

/// As in the project's own folder: nothing that a workspace below it names is started by looking at it.
#[test]
fn a_toolchain_that_a_workspace_below_brings_is_not_started() {
    let place = TestProject::new();
    place.write("p/core/rust-toolchain.toml", "[toolchain]\npath = \"brought\"\n");
    let touched = place.at("touched");
    for program in ["cargo", "rustc"] {
        let path = format!("p/core/brought/bin/{program}");
        place.write(&path, &format!("#!/bin/sh\n: > '{}'\n", touched.display()));
        fs_mode(&place.at(&path));
    }
    place.write("p/core/.cargo/config.toml", "[build]\nrustc-wrapper = \"brought/bin/rustc\"\n");
    let opened = htty(&place, &["core"]).unwrap();
    assert!(opened.workspaces.below().count() == 1 && !touched.exists());
}

fn fs_mode(path: &Path) {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}
