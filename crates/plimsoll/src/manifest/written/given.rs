//! Tests, and what somebody else made, as they are written.

use super::{Probes, Run, Strings, Written};

/// `[prebuilt.NAME]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrebuiltTable {
    /// `url`.
    pub url: Option<Written<String>>,
    /// `env`.
    pub env: Option<Written<String>>,
    /// `cores`.
    pub cores: Option<Strings>,
    /// `targets`.
    pub targets: Option<Strings>,
}

/// `[test.NAME]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TestTable {
    /// `install`.
    pub install: Option<Strings>,
    /// `roots`.
    pub roots: Option<Strings>,
    /// `given`: file name → URL or path.
    pub given: Vec<(Written<String>, Written<String>)>,
    /// `previous`.
    pub previous: Option<Written<bool>>,
    /// `requirements`.
    pub requirements: Option<Strings>,
    /// `files`.
    pub files: Option<Strings>,
    /// `after`.
    pub after: Option<Strings>,
    /// `run`.
    pub run: Option<Written<Run>>,
    /// `probe`.
    pub probe: Option<Probes>,
}
