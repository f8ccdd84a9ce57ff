//! Errors about packages of Python's.

use super::*;
use crate::kinds::wheel::project::PythonProjects;

/// The same beside one of Python alone that asks for it, and for another.
fn pair() -> CargoFacts {
    let front = "[project]\nname = \"front\"\nversion = \"0.4.0\"\ndependencies = [\"ht\", \"rich>=13\"]\n";
    let python = PythonProjects::of_texts([("", "[project]\nname = \"ht\"\ndynamic = [\"version\"]\n"), ("front", front)]);
    CargoFacts { of_kinds: crate::kinds::Facts { python, ..crate::kinds::Facts::default() }, ..single() }
}

/// The package `ht` beside a `pyproject.toml` of this text.
fn with(pyproject: &str) -> CargoFacts {
    let python = PythonProjects::of_texts([("", pyproject)]);
    CargoFacts { of_kinds: crate::kinds::Facts { python, ..crate::kinds::Facts::default() }, ..single() }
}

pub(super) fn sound() -> CargoFacts {
    with("[project]\nname = \"ht\"\ndynamic = [\"version\"]\n")
}

fn other_version() -> CargoFacts {
    with("[project]\nname = \"ht\"\nversion = \"0.3\"\n")
}

fn no_table() -> CargoFacts {
    with("[tool.maturin]\nbindings = \"bin\"\n")
}

fn local_version() -> CargoFacts {
    with("[project]\nname = \"ht\"\nversion = \"0.4.0+cu121\"\n")
}

fn no_readme() -> CargoFacts {
    with("[project]\nname = \"ht\"\ndynamic = [\"version\"]\nreadme = \"docs/none.md\"\n")
}

fn no_licence() -> CargoFacts {
    with("[project]\nname = \"ht\"\ndynamic = [\"version\"]\nlicense = \"MIT\"\nlicense-files = [\"COPYING\"]\n")
}

fn twice() -> CargoFacts {
    let text = "[project]\nname = \"ht\"\ndynamic = [\"version\"]\n";
    let python = PythonProjects::of_texts([("a", text), ("b", text)]);
    CargoFacts { of_kinds: crate::kinds::Facts { python, ..crate::kinds::Facts::default() }, ..single() }
}

fn unpublishable() -> CargoFacts {
    let mut facts = with("[project]\nname = \"ht\"\ndynamic = [\"version\"]\n");
    facts.packages[0].version = "0.4.0-nightly".parse().unwrap();
    facts
}

/// A library for Python, by one version alone.
fn extension() -> CargoFacts {
    let mut facts = sound();
    (facts.packages[0].binaries, facts.packages[0].library) = (Vec::new(), Some("_ht".to_owned()));
    facts.packages[0].pyo3_features = vec!["extension-module".to_owned()];
    facts
}

const GNU: &str = "targets = [\"linux-gnu\"]\n[wheel.ht]\n";

const PAIR_TESTS: &str = "targets = [\"linux-gnu\"]\n[archive.ht]\n[wheel.ht]\n[wheel.front]\npure = true\nproject = \"front\"\n\
    [test.a]\ninstall = [\"ht\", \"frnt\"]\nrun = \"ht\"\n[test.b]\ninstall = [\"front\", \"archive.ht\"]\nrun = \"ht\"\n\
    [test.c]\ninstall = [\"front\"]\nrequirements = [\"HT>=0.3\", \"pytest >= 8\"]\nrun = \"pytest\"\n\
    [test.d]\ninstall = [\"archive.ht\"]\nrequirements = [\"pytest\"]\nrun = \"ht\"\n";
const AROUND: &str = "targets = [\"linux-gnu\"]\n[wheel.ht]\n[test.core]\ninstall = [\"ht\"]\nrun = \"ht\"\nafter = [\"core\", \"cor\"]\n\
    [test.front]\ninstall = [\"ht\"]\nrun = \"pytest | cat\"\nrequirements = [\"pytest>>8\", \"a @ https://a.example/a.whl\"]\n\
    files = [\"READNE.md\", \"../x\", \"/\"]\nafter = [\"cre\"]\n";
const TWICE: &str = "targets = [\"linux-gnu\"]\n[wheel.ht]\n[test.core]\ninstall = [\"ht\"]\nrun = \"ht\"\nprobe.script = \"ht\"\n";
const CIRCLE: &str = "targets = [\"linux-gnu\"]\n[wheel.ht]\n[test.a]\ninstall = [\"ht\"]\nrun = \"ht\"\nafter = [\"b\"]\n\
    [test.b]\ninstall = [\"ht\"]\nrun = \"ht\"\nafter = [\"c\"]\n[test.c]\ninstall = [\"ht\"]\nrun = \"ht\"\nafter = [\"a\"]\n";

pub(crate) const WHEELS: &[Case] = &[
    ("no project of that name", sound, "targets = [\"linux-gnu\"]\n[wheel.front]\npure = true\n"),
    ("a folder that has none", sound, "targets = [\"linux-gnu\"]\n[wheel.ht]\nproject = \"doc\"\n"),
    ("two of one name", twice, GNU),
    ("no table of metadata", no_table, "targets = [\"linux-gnu\"]\n[wheel.ht]\nproject = \".\"\n"),
    ("a version of another release", other_version, GNU),
    ("a version that PEP 440 cannot hold", unpublishable, GNU),
    ("a local version", local_version, GNU),
    ("a readme that is not there", no_readme, GNU),
    ("a licence that is not there", no_licence, GNU),
    (
        "a floor that is not known",
        sound,
        "targets = [\"x86_64-unknown-linux-gnu\"]\n[target.x86_64-unknown-linux-gnu]\nbuilder = \"native\"\n[wheel.ht]\n",
    ),
    ("a target without a tag", sound, "targets = [\"loongarch64-unknown-linux-musl\"]\n[wheel.ht]\n"),
    ("a module that is not there", sound, "targets = [\"linux-gnu\"]\n[wheel.ht]\nmodules = [\"scr/ht\", \"README.md\"]\n"),
    (
        "versions of Python that are none, or named twice",
        extension,
        "targets = [\"linux-gnu\"]\n[wheel.ht]\npythons = [\"3.12\", \"3.12\"]\n",
    ),
    ("a version of Python with three numbers", extension, "targets = [\"linux-gnu\"]\n[wheel.ht]\npythons = [\"3.12.1\"]\n"),
    ("versions of Python for programs", sound, "targets = [\"linux-gnu\"]\n[wheel.ht]\npythons = [\"3.12\"]\n"),
    ("programs of a library", extension, "targets = [\"linux-gnu\"]\n[wheel.ht]\nbinaries = [\"ht\"]\n"),
    ("pure with a core", sound, "targets = [\"linux-gnu\"]\n[archive.ht]\n[wheel.ht]\npure = true\ncore = \"ht\"\n"),
    ("a test of a pair: a name that is shared, ways that differ, and a requirement of the release's own", pair, PAIR_TESTS),
    ("what a test has around it, and in which order", pair, AROUND),
    ("a test that is written twice", pair, TWICE),
    ("tests that wait for each other", pair, CIRCLE),
    ("a program that there is not", sound, "targets = [\"linux-gnu\"]\n[wheel.ht]\nbinaries = [\"htt\"]\n"),
];
