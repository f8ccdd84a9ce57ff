//! Names of bare binaries: what the manifest chooses, with `.exe` on Windows.

/// As of an archive, without a suffix.
pub(crate) const DEFAULT_STEM: &str = "{name}-{target}";
