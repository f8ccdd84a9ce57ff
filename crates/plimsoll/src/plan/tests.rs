use std::collections::BTreeSet;

use plimsoll_model::plan::{Demand, Source, Stage};
use plimsoll_model::{Digest, Failure, NodeId, Plan, Target};
use proptest::prelude::*;

use super::{SelectError, plan, select};
use crate::manifest::{BinaryFacts, CargoFacts, PackageFacts, read};

/// A workspace in which one program embeds another; the blocks may stand in any order.
const HEAD: &str = "name = \"fastboop\"\n";
const BLOCKS: [&str; 8] = [
    "[planned]\nx86_64-apple-darwin = \"no machine\"\n",
    "[static.stage0]\ntargets = [\"x86_64-unknown-linux-musl\", \"aarch64-unknown-linux-musl\"]\ndeferred.armv7-unknown-linux-musleabihf = \"io-uring\"\n",
    "[core.cli]\n",
    "[core.cli.embed]\nSTAGE0 = \"stage0-aarch64-unknown-linux-musl\"\nSAME = \"static.stage0\"\n",
    "[core.cli.env]\nB = \"1\"\nA = \"2\"\n",
    "[archive.cli]\ntargets = [\"x86_64-unknown-linux-musl\"]\nprobe = { run = \"cli --help\", env = { B = \"1\", A = \"2\" } }\n",
    "[target.aarch64-unknown-linux-musl]\nroots = [\"sandbox\", \"debian:12\"]\n",
    "[gates]\nbefore = [[\"test\", \"cargo test\"], [\"lint\", \"cargo clippy\"]]\nafter = [[\"smoke\", \"true\"]]\n",
];

fn facts(reversed: bool) -> CargoFacts {
    let package = |name: &str| PackageFacts {
        name: name.to_owned(),
        library: None,
        version: semver::Version::new(0, 3, 0),
        folder: name.to_owned(),
        compiled: Default::default(),
        neighbours: Default::default(),
        binaries: vec![BinaryFacts { name: name.to_owned(), required_features: Vec::new() }],
        features: Default::default(),
        license: None,
        license_file: None,
        repository: None,
        publishable: true,
        ..PackageFacts::default()
    };
    let mut packages = vec![package("cli"), package("stage0")];
    if reversed {
        packages.reverse();
    }
    CargoFacts { packages, ..CargoFacts::default() }
}

fn source() -> Source {
    Source { digest: Digest::of(b"sources"), commit: Some("c0ffee".to_owned()), dirty: false }
}

fn plan_of(text: &str) -> Plan {
    let sources = ["README.md", "LICENSE"].map(str::to_owned).into();
    let project = read("plimsoll.toml", text, &facts(text.len().is_multiple_of(2)), &sources).unwrap_or_else(|error| panic!("{error}"));
    plan(&project, &crate::given::GivenFiles::default(), source(), 1_700_000_000).unwrap()
}

fn whole() -> Plan {
    plan_of(&format!("{HEAD}{}", BLOCKS.concat()))
}

fn node(plan: &Plan, id: &str) -> Vec<(String, Demand)> {
    let id: NodeId = id.parse().unwrap();
    plan.nodes[&id].needs.iter().map(|(id, demand)| (id.to_string(), *demand)).collect()
}

#[test]
fn gates_come_in_the_order_of_the_manifest_and_builds_after_the_last() {
    let plan = whole();
    assert_eq!(node(&plan, "gate/before/test"), []);
    assert_eq!(node(&plan, "gate/before/lint"), [("gate/before/test".to_owned(), Demand::Finished)]);
    assert_eq!(node(&plan, "build/stage0/x86_64-unknown-linux-musl"), [("gate/before/lint".to_owned(), Demand::Finished)]);
}

#[test]
fn a_build_waits_for_every_proof_of_what_it_embeds() {
    let plan = whole();
    let proven = |root: &str| (format!("prove/static.stage0/{root}"), Demand::Proven);
    let needs = [
        ("gate/before/lint".to_owned(), Demand::Finished),
        proven("aarch64-unknown-linux-musl/debian:12"),
        proven("aarch64-unknown-linux-musl/sandbox"),
        proven("x86_64-unknown-linux-musl/sandbox"),
    ];
    assert_eq!(node(&plan, "build/cli/x86_64-unknown-linux-musl"), needs);
}

#[test]
fn only_what_is_wanted_has_nodes_and_the_rest_keeps_its_reason() {
    let plan = whole();
    let ids = plan.artifacts.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert!(ids.contains(&"static.stage0/armv7-unknown-linux-musleabihf".to_owned()));
    assert!(!plan.nodes.keys().any(|id| id.as_str().contains("armv7")));
    assert!(!plan.products.keys().any(|id| id.as_str().contains("armv7")));
    assert_eq!(plan.wanted().count(), 3);
    insta::assert_json_snapshot!(plan);
}

#[test]
fn every_id_can_be_read_back() {
    let plan = whole();
    let text = plimsoll_model::canonical_json(&plan);
    let back: Plan = serde_json::from_slice(&text).unwrap();
    assert_eq!(back, plan);
    assert_eq!(back.id(), plan.id());
}

#[test]
fn two_artifacts_of_one_core_share_its_product() {
    let plan = plan_of("name = \"x\"\ntargets = [\"linux-musl\"]\n[archive.cli]\n[static.cli]\n[archive.stage0]\n");
    assert_eq!(plan.products.len(), 4);
    assert_eq!(plan.artifacts.len(), 6);
}

fn selected(targets: &[&str], only: &[&str], up_to: Stage) -> Result<Vec<String>, SelectError> {
    let targets = targets.iter().map(|target| target.parse::<Target>().unwrap()).collect::<Vec<_>>();
    let only = only.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>();
    Ok(select(&whole(), &targets, &only, up_to)?.iter().map(ToString::to_string).collect())
}

#[test]
fn a_selection_brings_what_it_needs_and_stops_at_its_stage() {
    assert_eq!(selected(&[], &[], Stage::Gate).unwrap(), ["gate/before/lint", "gate/before/test"]);
    let build = selected(&["aarch64-unknown-linux-musl"], &[], Stage::Build).unwrap();
    assert_eq!(build, ["build/stage0/aarch64-unknown-linux-musl", "gate/before/lint", "gate/before/test"]);
    // The archive embeds the helper, so that its build brings the helper's proofs.
    let cli = selected(&[], &["archive.cli"], Stage::Build).unwrap();
    assert!(cli.contains(&"prove/static.stage0/aarch64-unknown-linux-musl/debian:12".to_owned()));
    assert!(!cli.iter().any(|id| id.starts_with("pack/archive.cli")));
    let all = selected(&[], &[], Stage::Prove).unwrap();
    assert_eq!(all.len(), whole().nodes.len());
    let one = selected(&[], &["static.stage0/x86_64-unknown-linux-musl"], Stage::Prove).unwrap();
    assert_eq!(one.len(), 2 + 4);
}

#[test]
fn a_selection_of_nothing_names_the_nearest() {
    let tell = |result: Result<Vec<String>, SelectError>| {
        let failure = Failure::from(result.unwrap_err());
        assert_eq!(failure.class.exit_code(), 2);
        format!("{failure} / {}", failure.hint.as_deref().unwrap_or_default())
    };
    let lines = [
        tell(selected(&["x86_64-unknown-linux-gnu"], &[], Stage::Prove)),
        tell(selected(&["x86_64-apple-darwin"], &[], Stage::Prove)),
        tell(selected(&["armv7-unknown-linux-musleabihf"], &[], Stage::Prove)),
        tell(selected(&[], &["archive.clii"], Stage::Prove)),
        tell(selected(&[], &["stage0"], Stage::Prove)),
        tell(selected(&[], &["zebra"], Stage::Prove)),
        tell(selected(&["aarch64-unknown-linux-musl"], &["archive.cli"], Stage::Prove)),
    ];
    insta::assert_snapshot!(lines.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_tables_does_not_change_the_plan(order in Just((0..BLOCKS.len()).collect::<Vec<_>>()).prop_shuffle(), pad in 0_usize..2) {
        let text = order.iter().map(|at| BLOCKS[*at]).collect::<String>();
        // An odd or even length also turns the order of cargo's packages.
        let shuffled = plan_of(&format!("{HEAD}{}{text}", "\n".repeat(pad)));
        prop_assert_eq!(&shuffled, &whole());
        prop_assert_eq!(shuffled.id(), whole().id());
    }

    #[test]
    fn every_selection_is_closed(only in prop::sample::subsequence(vec!["archive.cli".to_owned(), "static.stage0".to_owned()], 0..=2)) {
        let plan = whole();
        for stage in [Stage::Gate, Stage::Build, Stage::Assemble, Stage::Pack, Stage::Prove] {
            let selected: BTreeSet<_> = select(&plan, &[], &only, stage).unwrap();
            for id in &selected {
                prop_assert!(plan.nodes[id].needs.keys().all(|need| selected.contains(need)));
            }
        }
    }
}

mod together;
