//! What a wheel's programs must do if the manifest does not say: tell their version.

use crate::probe::DefaultProbe;

pub(crate) fn default_probes(binaries: &[String]) -> Vec<DefaultProbe> {
    binaries.iter().map(|binary| DefaultProbe::version(binary)).collect()
}
