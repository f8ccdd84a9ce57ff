//! What a reviewer would say of real packages, each with one thing that is not as it should be.

use test_needs::Need;

use super::*;
use crate::sources::test_project::TestProject;
use plimsoll_store::Store;

const CRATE: &str = "[package]\nname = \"beads\"\nversion = \"1.4.2\"\nedition = \"2021\"\n[lib]\ncrate-type = [\"cdylib\"]\n[workspace]\n";
const LOCK: &str = "version = 4\n\n[[package]]\nname = \"beads\"\nversion = \"1.4.2\"\n";
const DEPS: &str = "{:rustler_precompiled, \"~> 0.8\"}, {:rustler, \"~> 0.37\", optional: true}";
const FILES: &str = "lib native/beads/src native/beads/Cargo.toml native/beads/Cargo.lock checksum-*.exs mix.exs README.md";

/// What differs from a package of which nothing is to be said.
struct Package {
    version: &'static str,
    deps: &'static str,
    files: &'static str,
    extras: &'static str,
    lock: String,
    force_build: &'static str,
    code: &'static str,
}

impl Default for Package {
    fn default() -> Self {
        let (version, deps, files, extras, force_build) =
            ("1.4.2", DEPS, FILES, "[\"README.md\"]", "System.get_env(\"B\") == \"1\" or nil");
        Self { version, deps, files, extras, lock: LOCK.to_owned(), force_build, code: "" }
    }
}

/// The notes, or why it cannot be planned; none on a machine that cannot evaluate.
fn noted(package: &Package) -> Option<Result<Vec<String>, String>> {
    if !test_needs::met(&[Need::Elixir, Need::Bubblewrap]) {
        return None;
    }
    let place = TestProject::new();
    let Package { version, deps, files, extras, lock, force_build, code } = package;
    place.write(
        "p/mix.exs",
        &format!(
            "defmodule Beads.MixProject do\n  use Mix.Project\n  def project, do: [app: :beads, version: \"{version}\", deps: [{deps}], \
         docs: [extras: {extras}], package: [files: ~w({files})]]\nend\n"
        ),
    );
    place.write(
        "p/lib/beads/native.ex",
        &format!(
            "defmodule Beads.Native do\n  use RustlerPrecompiled, otp_app: :beads, version: \"{version}\", \
         base_url: \"https://h/releases/download/v{version}\",\n    force_build: {force_build},\n    \
         targets: [\"x86_64-unknown-linux-gnu\"]\nend\n"
        ),
    );
    place.write("outside.txt", "");
    place.write("p/README.md", "");
    place.write("p/GUIDE.md", "");
    place.write("p/mix.lock", "%{}\n");
    place.write("p/native/beads/Cargo.toml", CRATE);
    place.write("p/native/beads/Cargo.lock", lock);
    place.write("p/native/beads/words.txt", "");
    place.write("p/native/beads/src/lib.rs", code);
    place.write("p/plimsoll.toml", "targets = [\"x86_64-unknown-linux-gnu\"]\nversion.source = \"mix.exs\"\n[nif.beads]\n");
    let store = Store::open(place.store.path()).unwrap();
    Some(match Loaded::open(&place.at("p"), &store, &place.launcher, None) {
        Ok(opened) => Ok(notes(&opened, &opened.plan().unwrap())),
        Err(crate::project::OpenError::Manifest(error)) => Err(error.to_string()),
        Err(crate::project::OpenError::Other(failure)) => Err(failure.to_string()),
    })
}

/// Whether just this is said.
fn says(package: &Package, words: &str) {
    let Some(noted) = noted(package) else { return };
    let noted = noted.unwrap();
    assert!(matches!(noted.as_slice(), [note] if note.contains(words)), "{words}: {noted:?}");
}

fn locked(rustler: &str) -> String {
    format!("{LOCK}dependencies = [\n \"rustler\",\n]\n\n[[package]]\nname = \"rustler\"\nversion = \"{rustler}\"\n")
}

#[test]
fn nothing_is_said_of_a_package_that_is_as_it_should_be() {
    let fine = Package { lock: locked("0.37.1"), ..Package::default() };
    assert!(noted(&fine).is_none_or(|noted| noted == Ok(Vec::new())));
}

#[test]
fn pages_that_the_package_leaves_out_are_told() {
    let package = Package { extras: "[\"README.md\", {\"GUIDE.md\", title: \"Guide\"}]", ..Package::default() };
    says(&package, "`extras:` of `docs:` names GUIDE.md, and `files:` of the package leaves it out");
}

#[test]
fn a_crate_older_than_mix_asks_is_told() {
    let package = Package { lock: locked("0.36.2"), ..Package::default() };
    says(&package, "the crate has rustler 0.36.2, and mix.exs asks for {:rustler, \"~> 0.37\"}");
}

#[test]
fn rustler_that_every_user_fetches_is_told() {
    let deps = "{:rustler_precompiled, \"~> 0.8\"}, {:rustler, \"~> 0.37\"}";
    says(&Package { deps, ..Package::default() }, ":rustler is no `optional: true`");
}

#[test]
fn a_dependency_that_nobody_fetched_is_told() {
    let deps = "{:rustler_precompiled, \"~> 0.8\"}, {:rustler, \"~> 0.37\", optional: true}, {:jason, \"~> 1.4\"}, {:ex_doc, \">= 0.0.0\", only: :dev}";
    says(&Package { deps, ..Package::default() }, "mix.exs depends on jason, and deps/ does not have it: `mix deps.get` fetches");
}

#[test]
fn what_has_every_user_compile_is_told() {
    let package = Package { version: "1.5.0-dev", ..Package::default() };
    says(&package, "1.5.0-dev is a version in development: rustler_precompiled has its users compile");
    let package = Package { force_build: "System.get_env(\"B\") != \"0\"", ..Package::default() };
    says(&package, "`force_build` is on where no variable is set: rustler_precompiled has its users compile");
}

#[test]
fn what_the_crate_includes_from_beside_its_sources_must_be_packed() {
    let code = "pub const WORDS: &str = include_str!(\"../words.txt\");";
    let Some(noted) = noted(&Package { code, ..Package::default() }) else { return };
    let error = noted.unwrap_err();
    assert!(error.contains("native/beads/words.txt") && error.contains("a forced build needs it"), "{error}");
    let files =
        "lib native/beads/src native/beads/words.txt native/beads/Cargo.toml native/beads/Cargo.lock checksum-*.exs mix.exs README.md";
    assert_eq!(self::noted(&Package { code, files, ..Package::default() }).unwrap(), Ok(Vec::new()));
}

#[test]
fn what_the_crate_includes_from_outside_of_the_package_is_told() {
    let code = "pub const X: &str = include_str!(\"../../../../outside.txt\");";
    says(&Package { code, ..Package::default() }, "the crate needs ../outside.txt, which no package of this folder can hold");
}

#[test]
fn a_requirement_asks_for_its_first_number_at_least() {
    for (text, expected) in [("~> 0.37", Some((0, 37))), (">= 0.36.1 and < 1.0.0", Some((0, 36))), ("0.30.0-rc", Some((0, 30)))] {
        assert_eq!(least(text), expected, "{text}");
    }
    assert_eq!((least("~> 1"), least(""), least("!= x")), (None, None, None));
}
