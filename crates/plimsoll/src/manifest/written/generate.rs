//! `[generate.NAME]` as it is written.

use super::{Run, Written};

/// `[generate.NAME]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GenerateTable {
    /// `run`.
    pub run: Option<Written<Run>>,
    /// `core`.
    pub core: Option<Written<String>>,
    /// `command`.
    pub command: Option<Written<String>>,
    /// `build-script`.
    pub build_script: Option<Written<String>>,
    /// `output`.
    pub output: Option<Written<String>>,
}
