//! Errors about packages of Python's.

use super::*;
use crate::kinds::wheel::project::PythonProjects;

/// The package `ht` beside a `pyproject.toml` of this text.
fn with(pyproject: &str) -> CargoFacts {
    let python = PythonProjects::of_texts([("", pyproject)]);
    CargoFacts { of_kinds: crate::kinds::Facts { python, ..crate::kinds::Facts::default() }, ..single() }
}

fn sound() -> CargoFacts {
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
    ("a program that there is not", sound, "targets = [\"linux-gnu\"]\n[wheel.ht]\nbinaries = [\"htt\"]\n"),
];
