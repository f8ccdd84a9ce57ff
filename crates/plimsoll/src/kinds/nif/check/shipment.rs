//! A library for one target: its file, and the steps that a BEAM must pass.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{Expectation, KindPlan, NifPlan, Probe, RootName, Start, Want};

use super::{Library, load};
use crate::kinds::nif::beam_probe;
use crate::manifest::project::Shipment;

/// What users do with the package around a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Package {
    /// There is none: no mix.exs.
    Absent,
    /// Its module loads the library.
    Loads,
    /// Its module has them build one of their own, and shows nothing of this.
    Builds,
}

/// What is shipped; none where the name is none of a file.
pub(super) fn of(
    file_name: &str,
    (nif, package): (NifPlan, Package),
    want: Want,
    library: &Library,
    roots: Option<Vec<RootName>>,
) -> Option<Shipment> {
    let calls = nif.load.clone();
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
    let of_library = calls.iter().filter(|call| package == Package::Absent || load::other_module(call, &nif.module).is_none()).cloned();
    let mut probes = vec![probe(beam_probe::SYNTHETIC, of_library.collect())];
    if package == Package::Loads {
        probes.push(probe(beam_probe::OWN_MODULE, calls));
    }
    if let Some(command) = library.test.as_ref().filter(|_| package == Package::Loads) {
        let mut tests = probe(beam_probe::TESTS, vec![command.clone()]);
        // What runs tests says so by its exit status alone.
        tests.expect.output = None;
        probes.push(tests);
    }
    Some(Shipment {
        want,
        file_name: file_name.parse().ok()?,
        kind: KindPlan::Nif { nif: Box::new(nif) },
        probes,
        roots,
        only: BTreeSet::new(),
    })
}
