use plimsoll_model::plan::Source;
use plimsoll_model::{Digest, Plan};

use super::*;
use crate::manifest::{BinaryFacts, CargoFacts, PackageFacts, read};
use crate::plan::select;

const OWN: &str = "x86_64-unknown-linux-gnu";
const OTHER: &str = "aarch64-unknown-linux-gnu";

fn plan() -> Plan {
    let package = PackageFacts {
        name: "app".to_owned(),
        version: semver::Version::new(1, 0, 0),
        binaries: vec![BinaryFacts { name: "app".to_owned(), required_features: Vec::new() }],
        ..PackageFacts::default()
    };
    let facts = CargoFacts { packages: vec![package], ..CargoFacts::default() };
    let text = format!("targets = [\"{OWN}\", \"{OTHER}\"]\n[target.{OWN}]\nroots = [\"sandbox\", \"debian:12\"]\n");
    let project = read("plimsoll.toml", &text, &facts, &BTreeSet::new()).unwrap();
    crate::plan::plan(&project, &crate::given::GivenFiles::default(), Source { digest: Digest::of(b""), commit: None, dirty: true }, 1)
        .unwrap()
}

/// What is said when these nodes lack something.
fn said(lacks: &[(&str, &str)], up_to: Stage, whole: bool) -> Result<Vec<String>, Failure> {
    let plan = plan();
    let lack = |what: &str| if what == "elsewhere" { Lack::Elsewhere } else { Lack::Missing(what.to_owned()) };
    let named =
        |words: &str| plan.nodes.keys().filter(|id| words.split('+').all(|word| id.as_str().contains(word))).cloned().collect::<Vec<_>>();
    let lacks =
        lacks.iter().flat_map(|(words, what)| named(words).into_iter().map(|id| (id, vec![lack(what)])).collect::<Vec<_>>()).collect();
    let selected = select(&plan, &[], &[], up_to).unwrap();
    Preflight::of(&plan, &selected, &lacks).warnings(whole)
}

#[test]
fn nothing_is_said_of_a_machine_that_lacks_nothing_or_what_only_another_has() {
    assert_eq!(said(&[], Stage::Prove, true).unwrap(), Vec::<String>::new());
    assert_eq!(said(&[("prove", "elsewhere")], Stage::Prove, true).unwrap(), Vec::<String>::new());
    // A build does not care about what only proofs need.
    assert_eq!(said(&[("prove", "bwrap")], Stage::Build, false).unwrap(), Vec::<String>::new());
}

#[test]
fn a_run_that_could_prove_nothing_is_not_started_and_names_all_that_is_missing() {
    let failure = said(&[("prove", "bwrap"), ("build+aarch64", "the standard library")], Stage::Prove, false).unwrap_err();
    assert_eq!((failure.class, failure.code.as_str()), (Class::ToolMissing, "tool-missing"));
    assert_eq!(failure.message, "nothing can be proven here yet, so nothing was started");
    let causes = failure.causes.iter().map(|cause| cause.text.clone()).collect::<Vec<_>>();
    let both = format!("bwrap (for archive.app/{OTHER}, archive.app/{OWN})");
    assert_eq!(causes, [both, format!("the standard library (for archive.app/{OTHER})")]);
    assert!(failure.hint.unwrap().contains("plimsoll doctor --install"));
    // One of two roots is enough to keep an artifact from being proven.
    assert!(said(&[("prove+debian", "mmdebstrap"), ("prove+aarch64", "elsewhere")], Stage::Prove, false).is_err());
    assert!(said(&[("build", "zig")], Stage::Build, false).unwrap_err().message.starts_with("nothing can be built"));
}

#[test]
fn what_keeps_only_a_part_away_is_told_and_the_rest_goes_on_unless_it_is_a_release() {
    let lacks = [("prove+aarch64", "mmdebstrap is not installed")];
    let warnings = said(&lacks, Stage::Prove, false).unwrap();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].starts_with(&format!("archive.app/{OTHER} cannot be proven here. Missing: mmdebstrap")), "{warnings:?}");
    assert_eq!(said(&lacks, Stage::Prove, true).unwrap_err().message, "not everything can be proven here yet, so nothing was started");
}
