//! Names that the users' systems, or release pages, cannot have: all told with their places, before anything is built.

use super::*;

fn with_metadata(mut facts: CargoFacts) -> CargoFacts {
    facts.packages.iter_mut().for_each(|package| package.version.build = semver::BuildMetadata::new("b.1").unwrap());
    facts
}

fn built() -> CargoFacts {
    with_metadata(single())
}

fn built_library() -> CargoFacts {
    with_metadata(library())
}

pub(crate) const CASES: &[Case] = &[
    (
        "names that Windows cannot hold",
        single,
        "targets = [\"linux-gnu\", \"x86_64-pc-windows-gnu\"]\n[archive.ht.files]\n\"README.md\" = \"CON.txt\"\n\"LICENSE-MIT\" = \"what?\"\n\"docs/guide.md\" = \"doc/x.\"\n\"CHANGELOG.md\" = \"aux/COM¹.md\"\n",
    ),
    (
        "a name that Windows cannot hold in a zip for others",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\nformat = \"zip\"\nfiles = { \"README.md\" = \"a|b\" }\n",
    ),
    (
        "a program with a device's name",
        nothing,
        "name = \"suite\"\nversion = \"1.0.0\"\ntargets = [\"x86_64-pc-windows-gnu\"]\n[core.suite]\ncommand = \"make\"\noutput = \"out\"\nbinaries = [\"aux\", \"fine\"]\n",
    ),
    (
        "folders that differ in case only",
        single,
        "targets = [\"macos\"]\n[archive.ht.files]\n\"docs/guide.md\" = \"Man/guide.md\"\n\"docs/man/ht.1\" = \"man/ht.1\"\n",
    ),
    (
        "a path that is too long",
        single,
        "targets = [\"linux-gnu\"]\n[archive.ht]\nfiles = { \"README.md\" = \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\" }\n",
    ),
    ("a file of the release that Windows cannot hold", single, "targets = [\"x86_64-pc-windows-gnu\"]\n[static.ht]\nfilename = \"nul\"\n"),
    ("a plus in an artifact's name", single, "targets = [\"linux-gnu\"]\n[archive.\"g++\"]\ncore = \"ht\"\n"),
    ("build metadata in a file name", built, "targets = [\"linux-gnu\"]\n[archive.ht]\nfilename = \"{name}-{version}-{target}\"\n"),
    ("a plus and build metadata in a file name", built, "targets = [\"linux-gnu\"]\n[archive.ht]\nfilename = \"c++-{version}-{target}\"\n"),
    ("build metadata in the version of a library", built_library, "targets = [\"linux-gnu\"]\n[nif.counter]\nmodule = \"C\"\n"),
    (
        "variants whose names are too long for a file and for an artifact",
        library,
        "targets = [\"linux-gnu\"]\n[nif.counter]\nmodule = \"C\"\n[nif.counter.variant.axxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx]\nfeatures = [\"simd\"]\n[nif.counter.variant.bxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx]\nfeatures = [\"simd\"]\n[nif.counter.variant.fine]\nfeatures = [\"simd\"]\n",
    ),
    (
        "a program that differs in case only from a file that ships by itself",
        nothing,
        "name = \"suite\"\nversion = \"1.0.0\"\ntargets = [\"macos\", \"x86_64-pc-windows-gnu\"]\n[core.suite]\ncommand = \"make\"\noutput = \"out\"\nbinaries = [\"license-mit\"]\n",
    ),
    (
        "a program with the name of a file that ships by itself",
        nothing,
        "name = \"suite\"\nversion = \"1.0.0\"\ntargets = [\"linux-gnu\"]\n[core.suite]\ncommand = \"make\"\noutput = \"out\"\nbinaries = [\"README.md\"]\n",
    ),
    (
        "an application whose name is none of a file",
        library,
        "targets = [\"linux-gnu\"]\n[nif.counter]\nmodule = \"C\"\napp = \"my app\"\nscheme = \"elixir_make\"\nnif-versions = [\"2.16\"]\n",
    ),
];

#[test]
fn names() {
    insta::assert_snapshot!(report(CASES));
}

#[test]
fn what_windows_cannot_hold_is_refused_where_it_is_wanted_only() {
    let files = "[archive.ht.files]\n\"README.md\" = \"CON.txt\"\n\"docs/guide.md\" = \"Man/a\"\n\"docs/man/ht.1\" = \"man/b\"\n";
    let read = |targets: &str| read_with(&single(), &format!("{targets}\n{files}")).map(|_| ());
    assert_eq!(read("targets = [\"linux-gnu\"]"), Ok(()));
    assert_eq!(read("targets = [\"linux-gnu\"]\nplanned.x86_64-pc-windows-gnu = \"later\"\nplanned.macos = \"later\""), Ok(()));
    assert_eq!(read("targets = [\"x86_64-pc-windows-gnu\"]").unwrap_err().diagnostics().len(), 2);
    assert_eq!(read("targets = [\"macos\"]").unwrap_err().diagnostics().len(), 1);
}

#[test]
fn files_that_ship_by_themselves_are_held_against_the_same_rules() {
    let sources = BTreeSet::from(["README".to_owned(), "LICENSE.a?".to_owned()]);
    let read =
        |target: &str| super::super::super::read("plimsoll.toml", &format!("targets = [\"{target}\"]\n"), &single(), &sources).map(|_| ());
    assert_eq!(read("x86_64-unknown-linux-gnu"), Ok(()));
    let error = read("x86_64-pc-windows-gnu").unwrap_err();
    assert_eq!(error.diagnostics()[0].code, "windows-name");
    assert!(error.to_string().contains("LICENSE.a?"), "{error}");
}

#[test]
fn files_that_ship_by_themselves_have_each_a_name_of_its_own() {
    let sources = BTreeSet::from(["LICENSE".to_owned(), "License".to_owned()]);
    let read =
        |targets: &str| super::super::super::read("plimsoll.toml", &format!("targets = [{targets}]\n"), &single(), &sources).map(|_| ());
    assert_eq!(read("\"linux-gnu\""), Ok(()));
    for target in ["macos", "x86_64-pc-windows-gnu"] {
        let error = read(&format!("\"linux-gnu\", \"{target}\"")).unwrap_err();
        assert_eq!((error.diagnostics().len(), error.diagnostics()[0].code), (1, "same-path"), "{error}");
    }
}

/// `license.exe` is another name than `LICENSE`, and on Linux so is `license`.
#[test]
fn a_program_has_the_name_of_a_file_only_where_it_has_no_suffix() {
    let facts = CargoFacts { packages: vec![package("license", "1.0.0", "", &["license"])], ..CargoFacts::default() };
    let sources = BTreeSet::from(["LICENSE".to_owned()]);
    let read =
        |targets: &str| super::super::super::read("plimsoll.toml", &format!("targets = [{targets}]\n"), &facts, &sources).map(|_| ());
    assert_eq!(read("\"linux-gnu\", \"x86_64-pc-windows-gnu\""), Ok(()));
    assert_eq!(read("\"linux-gnu\", \"macos\"").unwrap_err().diagnostics()[0].code, "same-path");
}

/// Where the file name does not hold it, build metadata is nobody's concern.
#[test]
fn build_metadata_is_allowed_where_no_file_has_it_in_its_name() {
    let project = read_with(&built(), "targets = [\"linux-gnu\"]\n").unwrap();
    assert_eq!(project.version.to_string(), "0.4.0+b.1");
}
