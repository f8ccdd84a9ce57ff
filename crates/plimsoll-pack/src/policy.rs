//! What a kind demands of its binaries, as data. Whether a binary meets it is for inspection to say.

use serde::Serialize;

/// How a kind's binaries may be linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkageDemand {
    /// In any way that the target's floor allows.
    Any,
    /// Static or static-pie: no interpreter, no needed library.
    Static,
}

/// What no binary of a kind may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forbidden {
    /// A stack that can be executed.
    ExecutableStack,
    /// A segment that can be written and executed.
    WritableExecutable,
    /// A path of the machine that built it.
    LeakedPath,
    /// A search path for libraries that is not relative to the binary.
    AbsoluteSearchPath,
    /// A search path for libraries of any form: a static binary loads none.
    SearchPath,
    /// An interpreter: a static binary is its own loader.
    Interpreter,
    /// A needed library: a static binary has none.
    NeededLibrary,
}

/// What a kind demands of its binaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// How they may be linked.
    pub linkage: LinkageDemand,
    /// What they must not have.
    pub forbidden: &'static [Forbidden],
}
