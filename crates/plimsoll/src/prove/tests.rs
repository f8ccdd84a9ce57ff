//! What a user's day comes to where its root is gone.

use plimsoll_fetch::{Network, Offline};
use plimsoll_model::plan::Origin;
use plimsoll_model::{Client, Expectation, Fits, KindPlan, NifPlan, NifScheme, NifVersion, Start, TrialSubject, Want};

use super::client::{HarborAddress, Served};
use super::*;
use crate::kinds::nif::{beam_probe, consumer, probe};
use plimsoll_exec::bubblewrap::Isolation;
use plimsoll_exec::locate::Toolbox;

fn library(mix: bool, root: &str) -> (ArtifactPlan, Trial) {
    let nif = NifPlan {
        scheme: NifScheme::RustlerPrecompiled,
        library: None,
        module: "A.B".to_owned(),
        app: "a".to_owned(),
        version: NifVersion::new(2, 15),
        requires_elixir: None,
        offered: Vec::new(),
        variant: None,
        crate_name: "a".to_owned(),
        member: "liba.so".to_owned(),
        load: Vec::new(),
        files: None,
    };
    let probe = Probe {
        name: if mix { beam_probe::OWN_MODULE } else { beam_probe::SYNTHETIC }.to_owned(),
        start: Start::Client { name: if mix { beam_probe::OWN_MODULE } else { beam_probe::SYNTHETIC }.to_owned(), arguments: Vec::new() },
        env: BTreeMap::new(),
        setup: None,
        tty: false,
        until: None,
        timeout: 5,
        expect: Expectation { status: 0, output: None },
    };
    let artifact = ArtifactPlan {
        kind: KindPlan::Nif { nif: Box::new(nif) },
        name: "a".parse().unwrap(),
        fits: Fits::Any,
        want: Want::Wanted,
        file_name: "liba.so.tar.gz".parse().unwrap(),
        origin: Origin::Packed(Vec::new()),
        cpu: None,
    };
    let subject = TrialSubject { file_name: artifact.file_name.clone(), binaries: vec!["a".to_owned()] };
    let trial = Trial {
        subjects: BTreeMap::from([("nif.a".parse().unwrap(), subject)]),
        client: Client::Beam,
        root: root.parse().unwrap(),
        target: None,
        native: false,
        cpu: None,
        given: plimsoll_model::Given::default(),
        steps: vec![probe],
    };
    (artifact, trial)
}

/// What is done with the library, as it is tried in a root.
fn trying(mix: bool, root: &str, check: impl FnOnce(Trying<'_>)) {
    let (artifact, trial) = library(mix, root);
    let (id, trial_id) = ("nif.a".parse().unwrap(), TrialId::new("nif.a", None, &trial.root));
    let subject = Subject { id: &id, artifact: &artifact, digest: Digest::of(b"") };
    check(Trying { id: &trial_id, trial: &trial, subjects: &[subject] });
}

fn served() -> Served {
    let source = || "http://127.0.0.1:9/".parse().unwrap();
    let network = Network::new(Some(Offline::Asked), plimsoll_fetch::Patience::default());
    let here = HarborAddress { files: source(), index: String::new() };
    Served { source: source(), here, name: "a".parse().unwrap(), version: semver::Version::new(1, 0, 0), network, alone: None }
}

fn nothing() -> Plan {
    let plan = serde_json::json!({
        "schema": plimsoll_model::plan::PLAN_SCHEMA, "name": "a", "version": "1.0.0", "source": { "digest": Digest::of(b"") }, "epoch": 0,
        "targets": {}, "products": {}, "payloads": {}, "artifacts": {}, "trials": {}, "gates": {}, "nodes": {},
    });
    serde_json::from_value(plan).unwrap()
}

/// A machine that has no bubblewrap, and nothing else.
pub(crate) fn bare(check: impl FnOnce(&ProveStage<'_>)) {
    let place = tempfile::tempdir().unwrap();
    let launcher = Launcher::new().unwrap();
    let toolbox = Toolbox::new(place.path().join("tools"), place.path().join("memory.json"), BTreeMap::new(), launcher.clone());
    let isolation = Isolation::examine(&toolbox);
    let store = Store::open(&place.path().join("store")).unwrap();
    let sources = Sources::none(place.path());
    let host = "x86_64-unknown-linux-gnu".parse().unwrap();
    let (patience, network) =
        (plimsoll_store::Patience::default(), Network::new(Some(Offline::Asked), plimsoll_fetch::Patience::default()));
    let roots = Roots {
        folder: place.path().join("roots"),
        toolbox: &toolbox,
        isolation: isolation.as_ref(),
        debian_mirror: None,
        sources: plimsoll_roots::Sources::default(),
        network,
        patience: &patience,
        now: 0,
    };
    check(&ProveStage {
        store: &store,
        roots,
        launcher: &launcher,
        host: &host,
        sources: &sources,
        tools: BTreeMap::new(),
        compilers: BTreeMap::new(),
    });
}

#[test]
fn a_users_day_does_not_vanish_with_its_root() {
    bare(|stage| {
        for root in ["debian:12", "nowhere:1"] {
            trying(true, root, |trying| {
                let failure = stage.day(trying, &nothing(), (&served(), Extent::FirstStep)).unwrap_err();
                assert_eq!(failure.code, "root-gone");
                assert!(failure.to_string().contains(root), "{failure}");
            });
        }
        // What has no package has no such day.
        trying(false, "debian:12", |trying| {
            assert!(matches!(stage.day(trying, &nothing(), (&served(), Extent::EveryStep)), Ok(Day::Nobody)));
        });
    });
}

#[test]
fn every_program_that_tries_a_library_is_known_to_the_key() {
    bare(|stage| {
        trying(true, "debian:12", |trying| {
            let known = trying.client().identity(trying, stage.install_context()).unwrap();
            for (name, text) in consumer::PROGRAMS.into_iter().chain([(probe::FILE, probe::SOURCE)]) {
                let path = format!("{}/{name}", beam_probe::PROGRAMS);
                assert_eq!(known.get(&path), Some(&(Digest::of(text.as_bytes()), false)), "{path}");
            }
        });
    });
}

#[test]
fn a_step_is_begun_by_the_client_of_its_trial_and_by_no_other() {
    bare(|stage| {
        trying(true, "debian:12", |trying| {
            let step = &trying.trial.steps[0];
            let Start::Script(from_store) = trying.client().step(trying, step, stage.install_context(), Supply::Store).unwrap().start
            else {
                panic!("no script")
            };
            let harbor = served();
            let fetched =
                trying.client().step(trying, step, stage.install_context(), Supply::Harbor { served: &harbor, at: &harbor.here }).unwrap();
            let Start::Script(fetched) = fetched.start else { panic!("no script") };
            assert!(from_store.contains("/tmp/cache/") && fetched.contains("http://127.0.0.1:9'"), "{fetched}");
            let unpacking = Trial { client: Client::Unpack, ..trying.trial.clone() };
            let trying = Trying { trial: &unpacking, ..trying };
            assert!(trying.client().step(trying, step, stage.install_context(), Supply::Store).is_err());
            let unknown = Start::Client { name: "dance".to_owned(), arguments: Vec::new() };
            let unknown = Probe { start: unknown, ..step.clone() };
            let beam = kinds::install_client(Client::Beam);
            assert!(beam.step(trying, &unknown, stage.install_context(), Supply::Store).unwrap_err().to_string().contains("`dance`"));
        });
    });
}

#[test]
fn from_the_harbor_the_archive_of_the_store_is_not_there() {
    bare(|stage| {
        let digest = stage.store.put_bytes(b"archive").unwrap().digest();
        let (artifact, trial) = library(true, "debian:12");
        let (id, trial_id) = ("nif.a".parse().unwrap(), TrialId::new("nif.a", None, &trial.root));
        let subject = Subject { id: &id, artifact: &artifact, digest };
        let trying = Trying { id: &trial_id, trial: &trial, subjects: &[subject] };
        let harbor = served();
        let from_harbor = Supply::Harbor { served: &harbor, at: &harbor.here };
        for (supply, there) in [(Supply::Store, true), (from_harbor, false)] {
            let installed = trying.client().install(trying, stage.install_context(), supply).unwrap();
            let laid = installed.placement();
            assert!(laid.installed.join("checksum-Elixir.A.B.exs").is_file(), "{laid:?}");
            assert_eq!(laid.installed.join("liba.so.tar.gz").exists(), there);
            // Which program installs is known to both keys, and told.
            let installer = trying.client().installer(trying, stage.install_context(), supply).unwrap().unwrap();
            assert!(installer.identity.starts_with("stand-in of plimsoll"), "{installer:?}");
        }
    });
}
