//! What a bare binary must do when the manifest does not say: tell its version.

use crate::probe::ProbeTemplate;

pub(crate) fn default_probes(binaries: &[String]) -> Vec<ProbeTemplate> {
    binaries.iter().map(|binary| ProbeTemplate::version(binary)).collect()
}
