//! How a kind's binaries may be linked, as data. Whether a binary is, and what else it must be, is for inspection to say.

/// How a kind's binaries may be linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkageDemand {
    /// In any way that the target's floor allows.
    Any,
    /// Static or static-pie: no interpreter, no needed library.
    Static,
}
