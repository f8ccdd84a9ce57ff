//! What the binaries of an archive must do when the manifest does not say: tell their version, each of them.

use crate::probe::DefaultProbe;

pub(crate) fn default_probes(binaries: &[String]) -> Vec<DefaultProbe> {
    binaries.iter().map(|binary| DefaultProbe::version(binary)).collect()
}
