//! What a bare binary must be: it brings all that it needs, because nothing is shipped beside it.

use crate::policy::{Forbidden, LinkageDemand, Policy};

/// Static or static-pie, and nothing that only a loader would read.
pub const POLICY: Policy = Policy {
    linkage: LinkageDemand::Static,
    forbidden: &[
        Forbidden::ExecutableStack,
        Forbidden::WritableExecutable,
        Forbidden::LeakedPath,
        Forbidden::SearchPath,
        Forbidden::Interpreter,
        Forbidden::NeededLibrary,
    ],
};
