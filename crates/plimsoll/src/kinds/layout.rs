//! Where the binaries of a payload lie in what users get, and how.

use plimsoll_model::{KindPlan, Target};
use plimsoll_pack::Mode;

/// The layout of a kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout<'a> {
    kind: &'a KindPlan,
}

impl<'a> Layout<'a> {
    pub(crate) const fn of(kind: &'a KindPlan) -> Self {
        Self { kind }
    }

    /// The path of a program or library for `target`.
    pub(crate) fn path(self, name: &str, target: &Target) -> String {
        match self.kind {
            KindPlan::Archive { .. } | KindPlan::Static | KindPlan::File => format!("{name}{}", target.executable_suffix()),
            KindPlan::Nif { nif } => nif.member.clone(),
        }
    }

    /// Whether it is a program.
    pub(crate) const fn mode(self) -> Mode {
        match self.kind {
            KindPlan::Archive { .. } | KindPlan::Static => Mode::Executable,
            KindPlan::Nif { .. } | KindPlan::File => Mode::Regular,
        }
    }
}
