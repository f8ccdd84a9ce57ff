//! Names of archives: what the manifest chooses, then the format's suffix.

/// No version, so that links to the latest release stay. cargo-binstall finds it unaided.
pub(crate) const DEFAULT_STEM: &str = "{name}-{target}";
