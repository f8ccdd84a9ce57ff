//! What the binaries of an archive must do when the manifest does not say: tell their version, each of them.

use crate::probe::ProbeTemplate;

pub(crate) fn default_probes(binaries: &[String]) -> Vec<ProbeTemplate> {
    binaries.iter().map(|binary| ProbeTemplate::version(binary)).collect()
}
