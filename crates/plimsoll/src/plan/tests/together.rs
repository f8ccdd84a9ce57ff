//! Packages that are installed together, with what others publish.

use std::collections::BTreeMap;

use plimsoll_model::plan::Demand;
use plimsoll_model::{Client, Plan, TrialId};

use super::{facts, node, plan, source};
use crate::given::{GivenFiles, GivenLock, Wheelhouse, WheelhouseKey, is_locked};
use crate::kinds::Facts;
use crate::kinds::wheel::project::PythonProjects;
use crate::manifest::{CargoFacts, read};
use plimsoll_model::Digest;

const TEXT: &str = "name = \"x\"\ntargets = [\"x86_64-unknown-linux-gnu\", \"x86_64-unknown-linux-musl\"]\n[wheel.cli]\n\
    [wheel.front]\npure = true\n\
    [test.front]\ninstall = [\"front\"]\nrequirements = [\"pytest >=8\"]\nfiles = [\"tests/\"]\nrun = \"pytest tests\"\nafter = [\"core\"]\n\
    [test.core]\ninstall = [\"wheel.cli\"]\nrun = [\"python\", \"-c\", \"import cli\"]\n";

fn plan_with(given: &GivenFiles) -> Plan {
    let cli = "[project]\nname = \"cli\"\nversion = \"0.3.0\"\n";
    let front =
        "[project]\nname = \"front\"\nversion = \"0.3.0\"\nrequires-python = \">=3.10\"\ndependencies = [\"cli==0.3.0\", \"rich>=13\"]\n";
    let python = PythonProjects::of_texts([("cli", cli), ("front", front)]);
    let facts = CargoFacts { of_kinds: Facts { python, ..Facts::default() }, ..facts(false) };
    let sources = ["README.md", "tests/test_a.py"].map(str::to_owned).into();
    let project = read("plimsoll.toml", TEXT, &facts, &sources).unwrap_or_else(|error| panic!("{error}"));
    plan(&project, given, source(), 1_700_000_000).unwrap()
}

/// What of others stands in a plan: trial → requirements and file names.
fn of_others(plan: &Plan) -> BTreeMap<&str, String> {
    let told = |(id, trial): (&'_ TrialId, &plimsoll_model::Trial)| {
        let files = trial.given.wheelhouse.keys().map(|file| file.as_str()).collect::<Vec<_>>().join(" ");
        (id.clone(), format!("{:?} {files}", trial.given.requirements))
    };
    let told = plan.trials.iter().map(told).collect::<BTreeMap<_, _>>();
    plan.trials.keys().filter_map(|id| Some((id.as_str(), told.get(id)?.clone()))).collect()
}

fn key(requirements: &[&str], python: &str, glibc: u16) -> WheelhouseKey {
    WheelhouseKey {
        requirements: requirements.iter().map(|text| (*text).to_owned()).collect(),
        python: python.to_owned(),
        platform: format!("manylinux_2_{glibc}_x86_64"),
    }
}

#[test]
fn subjects_are_closed_over_what_they_need_and_stand_in_roots_that_all_allow() {
    let plan = plan_with(&GivenFiles::default());
    let (id, trial) = plan.trials.iter().find(|(id, _)| id.as_str() == "test.front/x86_64-unknown-linux-musl/debian:12").unwrap();
    assert_eq!(trial.client, Client::Venv);
    let subjects = trial.subjects.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(subjects, ["wheel.cli/x86_64-unknown-linux-musl", "wheel.front"]);
    let steps = trial.steps.iter().map(plimsoll_model::Probe::command_line).collect::<Vec<_>>();
    assert_eq!(steps, ["install: pytest>=8", "pip-check", "run: pytest tests"]);
    assert!(trial.given.project.contains("tests"), "{id}");
    let places = |test: &str| {
        let ids = plan.trials.keys().filter_map(|id| id.as_str().strip_prefix(test)?.strip_prefix("/x86_64-unknown-linux-gnu/"));
        ids.collect::<Vec<_>>()
    };
    assert_eq!((places("test.front"), places("test.core")), (vec!["debian:12", "debian:13"], vec!["debian:11", "debian:13"]));
}

#[test]
fn a_test_waits_for_those_before_it_on_the_same_target() {
    let plan = plan_with(&GivenFiles::default());
    let waits = node(&plan, "prove/test.front/x86_64-unknown-linux-gnu/debian:13");
    let of_tests = waits.iter().filter(|(id, _)| id.starts_with("prove/")).collect::<Vec<_>>();
    let core = |root: &str| (format!("prove/test.core/x86_64-unknown-linux-gnu/{root}"), Demand::Finished);
    assert_eq!(of_tests, [&core("debian:11"), &core("debian:13")]);
}

#[test]
fn what_is_asked_of_others_is_in_the_trial_with_what_was_locked_for_it() {
    let both = key(&["pytest>=8", "rich>=13"], "3.13", 41);
    let own = key(&["rich>=13"], "3.13", 41);
    let file = |name: &str| (format!("{name}-py3-none-any.whl").parse().unwrap(), Digest::of(name.as_bytes()));
    let houses: BTreeMap<WheelhouseKey, Wheelhouse> =
        [(both, [file("pytest-8.4"), file("rich-13.9")].into()), (own, [file("rich-13.9")].into())].into();
    let given = GivenFiles { wheelhouses: houses.clone(), ..GivenFiles::default() };
    let plan = plan_with(&given);
    let told = of_others(&plan);
    let gnu = "x86_64-unknown-linux-gnu/debian:13";
    let of = |label: &str| told.get(format!("{label}/{gnu}").as_str()).map(String::as_str);
    assert_eq!(of("test.front"), Some("{\"pytest>=8\", \"rich>=13\"} pytest-8.4-py3-none-any.whl rich-13.9-py3-none-any.whl"));
    assert_eq!(of("wheel.front"), Some("{\"rich>=13\"} rich-13.9-py3-none-any.whl"));
    assert_eq!(of("test.core"), Some("{} "));
    let from = &plan.given[&Digest::of(b"rich-13.9")];
    assert!(from.of_index && from.place == "rich-13.9-py3-none-any.whl", "{from:?}");

    // The other Python has none yet.
    let lock = GivenLock { wheelhouses: houses, ..GivenLock::default() };
    let failure = is_locked(&plan, &lock).unwrap_err();
    assert_eq!((failure.code.as_str(), failure.class.exit_code()), ("not-locked", 2));
    assert!(failure.to_string().contains("Python 3.11") && failure.hint.unwrap().contains("plimsoll lock update tests"));
    let nothing = plan_with(&GivenFiles::default());
    assert_eq!(nothing.trials.keys().collect::<Vec<_>>(), plan.trials.keys().collect::<Vec<_>>());
}
