//! What a NIF must do when the manifest does not say: nothing that could be run as a program. Only a BEAM can load it, and loading is a probe of
//! the prover's own, which is asked for in any case.

use crate::probe::DefaultProbe;

pub(crate) fn default_probes(_: &[String]) -> Vec<DefaultProbe> {
    Vec::new()
}
