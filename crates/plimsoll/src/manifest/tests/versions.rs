//! `[version]` tables, good and bad.

use super::*;
use crate::manifest::{parse, read_at, version_spec};
use plimsoll_version::{Format, Reading};

fn spec(text: &str) -> Result<plimsoll_version::VersionSpec, ManifestError> {
    let manifest = parse("plimsoll.toml", text)?;
    version_spec("plimsoll.toml", text, &manifest).map(|spec| spec.expect("there is a [version] table"))
}

const GOOD: &str = r#"
    targets = ["linux-gnu"]
    [version]
    source = "Cargo.toml"
    copies = [
        "mix.exs",
        { file = "ht/pyproject.toml", count = 2 },
        { file = "README.md", pattern = 'ht==(\S+)', dialect = "pep440", count = 2 },
        { file = "README.md", pattern = '^ht (.*)$' },
        { file = "version.nix", pattern = ['major = (\d+)', 'minor = (\d+)', 'patch = (\d+)'] },
    ]
    tag = "ht-v{version}"
    changelog = "CHANGELOG.md"
    line = ["ht/_version.py", "lib/ht/version.ex", "version-line.txt"]
"#;

#[test]
fn a_table_says_where_the_version_stands() {
    let spec = spec(GOOD).unwrap();
    assert_eq!((spec.source.reading, spec.copies.len()), (Reading::Known(Format::CargoManifest), 5));
    let counts = spec.copies.iter().map(|copy| copy.count).collect::<Vec<_>>();
    assert_eq!(counts, [None, Some(2), Some(2), Some(1), Some(1)]);
    assert_eq!(spec.tag.tag(&"1.2.3".parse().unwrap()), "ht-v1.2.3");
    assert_eq!((spec.changelog.as_deref(), spec.line.len()), (Some("CHANGELOG.md"), 3));
}

#[test]
fn the_source_s_version_is_the_release_s_where_no_package_gives_one() {
    let version = "2.0.0-rc.1".parse().unwrap();
    let text =
        "targets = [\"linux-gnu\"]\nversion.source = \"mix.exs\"\n[core.app]\ncommand = \"make\"\noutput = \"out\"\nbinaries = [\"app\"]";
    let project = read_at("plimsoll.toml", text, &CargoFacts::default(), &sources(), Some(&version)).unwrap();
    assert_eq!(project.version, version);
    let own = "0.4.0".parse().unwrap();
    assert_eq!(read_at("plimsoll.toml", GOOD, &single(), &sources(), Some(&own)).unwrap().version, own);
}

const BAD: &[(&str, &str)] = &[
    ("no source", "[version]\ncopies = [\"mix.exs\"]\n"),
    ("keys and types", "[version]\nsuorce = \"mix.exs\"\nsource = 1\ncopies = \"mix.exs\"\ntag = 1\nline = \"x.py\"\n"),
    ("a copy of the wrong type", "[version]\nsource = \"mix.exs\"\ncopies = [1, { flie = \"x\" }, { file = \"x\", pattern = 1 }]\n"),
    ("a file that is not known", "[version]\nsource = \"mix.exs\"\ncopies = [\"README.md\"]\n"),
    ("a lock file as the source", "[version]\nsource = \"Cargo.lock\"\n"),
    ("a path that climbs", "[version]\nsource = \"../mix.exs\"\nchangelog = \"/CHANGELOG.md\"\n"),
    (
        "patterns",
        "[version]\nsource = { file = \"x\", pattern = \"(\" }\ncopies = [{ file = \"x\", pattern = \"a\" }, { file = \"x\", pattern = [\"(a)\", \"(b)\"] }]\n",
    ),
    (
        "a dialect",
        "[version]\nsource = \"mix.exs\"\ncopies = [{ file = \"x\", pattern = \"(a)\", dialect = \"pep404\" }, { file = \"mix.exs\", dialect = \"deb\" }]\n",
    ),
    ("a count", "[version]\nsource = \"mix.exs\"\ncopies = [{ file = \"Cargo.toml\", count = 0 }]\n"),
    ("one file twice", "[version]\nsource = \"mix.exs\"\ncopies = [\"mix.exs\"]\n"),
    ("tags", "[version]\nsource = \"mix.exs\"\ntag = \"v\"\n"),
    ("a tag that git refuses", "[version]\nsource = \"mix.exs\"\ntag = \"my tag {version}\"\n"),
    (
        "a line in a file of the version",
        "[version]\nsource = { file = \"ht/_version.py\", pattern = '\"(.*)\"' }\nline = [\"ht/_version.py\"]\n",
    ),
    ("a maintainer without an address", "[version]\nsource = \"mix.exs\"\nmaintainer = \"A Person\"\n"),
    ("a line in a release", "[version]\nsource = \"mix.exs\"\nline = [\"dist/x.txt\"]\n"),
    ("a line in a strange file", "[version]\nsource = \"mix.exs\"\nline = [\"version.ex\"]\n"),
    ("a line in another strange file", "[version]\nsource = \"mix.exs\"\nline = [\"version.rs\"]\n"),
];

#[test]
fn every_error_of_the_table() {
    let mut seen = BTreeSet::new();
    let mut report = String::new();
    let mut tell = |title: &str, error: ManifestError| {
        seen.extend(error.diagnostics().iter().map(|diagnostic| diagnostic.code));
        report.push_str(&format!("### {title}\n{error}\n\n"));
    };
    for (title, text) in BAD {
        tell(title, spec(text).expect_err(title));
    }
    let other = "0.5.0".parse().unwrap();
    tell("another version than the package's", read_at("plimsoll.toml", GOOD, &single(), &sources(), Some(&other)).unwrap_err());
    insta::assert_snapshot!(report);
    let literals = include_str!("../check/versions.rs").split("Diagnostic::new(\"").skip(1);
    let codes = literals.filter_map(|rest| rest.split('"').next()).collect::<BTreeSet<_>>();
    assert!(codes.len() > 8);
    assert_eq!(codes.difference(&seen).collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn the_tables_in_the_documents_can_be_read() {
    for page in [include_str!("../../../../../docs/version.md"), include_str!("../../../../../README.md")] {
        let blocks = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
        let tables = blocks.filter(|block| block.contains("[version]")).map(spec).collect::<Vec<_>>();
        assert!(!tables.is_empty());
        assert!(tables.iter().all(Result::is_ok), "{tables:?}");
    }
}
