//! What a bare binary must do when the manifest does not say: tell its version.

use crate::probe::DefaultProbe;

pub(crate) fn default_probes(binaries: &[String]) -> Vec<DefaultProbe> {
    binaries.iter().map(|binary| DefaultProbe::version(binary)).collect()
}
