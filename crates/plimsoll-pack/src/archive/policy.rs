//! What the binaries of an archive must be: any linkage that the floor allows, since libraries can be shipped beside them.

use crate::policy::{Forbidden, LinkageDemand, Policy};

/// Any linkage; no executable stack, no writable code, no trace of the machine that built it.
pub const POLICY: Policy = Policy {
    linkage: LinkageDemand::Any,
    forbidden: &[Forbidden::ExecutableStack, Forbidden::WritableExecutable, Forbidden::LeakedPath, Forbidden::AbsoluteSearchPath],
};
