//! What a user's day comes to where its root is gone.

use std::path::PathBuf;

use plimsoll_fetch::{Network, Offline};
use plimsoll_model::plan::Source;
use plimsoll_model::{Expectation, KindPlan, NifPlan, NifScheme, NifVersion, Start, Want};

use super::*;
use crate::kinds::UsersDay;
use crate::kinds::nif::{beam_probe, consumer, probe};
use plimsoll_exec::bubblewrap::Isolation;
use plimsoll_exec::locate::Toolbox;

fn library(mix: bool) -> ArtifactPlan {
    let nif = NifPlan {
        scheme: NifScheme::RustlerPrecompiled,
        library: None,
        module: "A.B".to_owned(),
        app: "a".to_owned(),
        version: NifVersion::new(2, 15),
        offered: Vec::new(),
        variant: None,
        member: "liba.so".to_owned(),
        load: Vec::new(),
        elixir: Vec::new(),
    };
    let probe = Probe {
        name: if mix { beam_probe::OWN_MODULE } else { beam_probe::SYNTHETIC }.to_owned(),
        start: Start::Script("exit 0".to_owned()),
        env: BTreeMap::new(),
        setup: None,
        until: None,
        timeout: 5,
        expect: Expectation { status: 0, output: None },
    };
    ArtifactPlan {
        kind: KindPlan::Nif { nif },
        name: "a".parse().unwrap(),
        target: None,
        want: Want::Wanted,
        file_name: "liba.so.tar.gz".parse().unwrap(),
        product: Some("a/x86_64-unknown-linux-gnu".parse().unwrap()),
        binaries: vec!["a".to_owned()],
        files: BTreeMap::new(),
        probes: vec![probe],
        roots: vec!["debian:12".parse().unwrap()],
        native: false,
        cpu: None,
    }
}

/// A machine that has no bubblewrap, and nothing else.
fn bare(check: impl FnOnce(&ProveStage<'_>)) {
    let place = tempfile::tempdir().unwrap();
    let launcher = Launcher::new().unwrap();
    let toolbox = Toolbox::new(place.path().join("tools"), place.path().join("memory.json"), BTreeMap::new(), launcher.clone());
    let isolation = Isolation::examine(&toolbox);
    let store = Store::open(&place.path().join("store")).unwrap();
    let sources = Sources {
        base: place.path().to_owned(),
        project: PathBuf::new(),
        files: BTreeMap::new(),
        dependencies: BTreeMap::new(),
        source: Source { digest: Digest::of(b""), commit: None, dirty: false },
        epoch: 0,
    };
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

fn published() -> Result<String, Failure> {
    Ok("http://127.0.0.1:9/".to_owned())
}

#[test]
fn a_users_day_does_not_vanish_with_its_root() {
    bare(|stage| {
        let artifact = library(true);
        let id = "nif.a".parse().unwrap();
        let subject = Subject { id: &id, artifact: &artifact, digest: Digest::of(b"") };
        for root in ["debian:12", "nowhere:1"] {
            let Ok(UsersDay::ByProbe(probe)) = kinds::users_day(&artifact, published) else { panic!("nobody") };
            let failure = stage.downloaded(subject, &root.parse().unwrap(), *probe).unwrap_err();
            assert_eq!(failure.code, "root-gone");
            assert!(failure.to_string().contains(root), "{failure}");
        }
        // What has no package has no such day.
        assert!(matches!(kinds::users_day(&library(false), published), Ok(UsersDay::Nobody)));
    });
}

#[test]
fn every_program_that_tries_a_library_is_known_to_the_key() {
    bare(|stage| {
        let artifact = library(true);
        let id = "nif.a".parse().unwrap();
        let subject = Subject { id: &id, artifact: &artifact, digest: Digest::of(b"") };
        let provisions = kinds::provisions(subject, stage.sources).unwrap().unwrap();
        let known = provisions.identity();
        for (name, text) in consumer::PROGRAMS.into_iter().chain([(probe::FILE, probe::SOURCE)]) {
            let path = format!("{}/{name}", beam_probe::PROGRAMS);
            assert_eq!(known.get(path.as_str()), Some(&(Digest::of(text.as_bytes()), false)), "{path}");
        }
    });
}
