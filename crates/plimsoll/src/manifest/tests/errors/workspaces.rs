//! Errors about cores in folders of their own.

use super::*;

/// A workspace in `htty-core` with the package `htty-core` and one beside it, and nothing at the project's top.
fn below() -> CargoFacts {
    let packages = vec![package("ht-extra", "0.4.0", "extra", &["ht-extra"]), package("htty-core", "0.4.0", "", &["ht"])];
    let htty = CargoFacts { path: "htty-core".to_owned(), package_here: Some("htty-core".to_owned()), packages, ..CargoFacts::default() };
    let ignored = CargoFacts { path: "ignored".to_owned(), ..htty.clone() };
    CargoFacts {
        below: BTreeMap::from([("htty-core".to_owned(), htty), ("ignored".to_owned(), ignored)]),
        leading_out: BTreeSet::from(["link".to_owned()]),
        ..CargoFacts::default()
    }
}

pub(crate) const CASES: &[Case] = &[
    ("a folder without a Cargo.toml", below, "targets = [\"linux-gnu\"]\n[core.ht]\npath = \"htty-cor\"\n"),
    ("a folder that git ignores", below, "targets = [\"linux-gnu\"]\n[core.ht]\npath = \"ignored\"\n"),
    ("a link that leads out of the project", below, "targets = [\"linux-gnu\"]\n[core.ht]\npath = \"link\"\n"),
    (
        "paths that are none in the project",
        below,
        "targets = [\"linux-gnu\"]\n[core.a]\npath = \"../htty-core\"\n[core.b]\npath = \"/htty-core\"\n[core.c]\npath = \"htty-core/../htty-core\"\n[core.d]\npath = \"\"\n",
    ),
    (
        "a package that the workspace of the folder does not have",
        below,
        "targets = [\"linux-gnu\"]\n[core.ht]\npath = \"htty-core\"\npackage = \"ht-extr\"\n",
    ),
    ("a package below without its path", below, "targets = [\"linux-gnu\"]\n[core.ht-extra]\n"),
    (
        "a binary and a feature of a package below",
        below,
        "targets = [\"linux-gnu\"]\n[core.ht]\npath = \"htty-core\"\nbinaries = [\"htt\"]\nfeatures = [\"x\"]\n",
    ),
];

#[test]
fn workspaces_below_the_project() {
    insta::assert_snapshot!(report(CASES));
}
