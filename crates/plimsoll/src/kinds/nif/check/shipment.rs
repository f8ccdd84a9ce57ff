//! A library for one target: its file, and the steps that a BEAM must pass.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{Expectation, KindPlan, NifPlan, Probe, RootName, Start, Want};

use super::Library;
use crate::kinds::nif::beam_probe;
use crate::manifest::project::Shipment;

/// What is shipped; none where the name is none of a file.
pub(super) fn of(file_name: &str, nif: NifPlan, want: Want, library: &Library, roots: Option<Vec<RootName>>) -> Option<Shipment> {
    let load = nif.load.clone();
    let probe = |name: &str, arguments: Vec<String>| Probe {
        name: name.to_owned(),
        start: Start::Client { name: name.to_owned(), arguments },
        env: BTreeMap::new(),
        setup: None,
        tty: false,
        until: None,
        timeout: library.timeout,
        // A program that ends well without saying so has not done what it was for.
        expect: Expectation { status: 0, output: Some("{\"passed\":true}".to_owned()) },
    };
    let mut probes = vec![probe(beam_probe::SYNTHETIC, load.clone())];
    if nif.elixir.iter().any(|path| path == "mix.exs") {
        probes.push(probe(beam_probe::OWN_MODULE, load));
    }
    if let Some(command) = &library.test {
        let mut tests = probe(beam_probe::TESTS, vec![command.clone()]);
        // What runs tests says so by its exit status alone.
        tests.expect.output = None;
        probes.push(tests);
    }
    Some(Shipment { want, file_name: file_name.parse().ok()?, kind: KindPlan::Nif { nif }, probes, roots, only: BTreeSet::new() })
}
