//! What the library of a NIF must be. That it exports `nif_init`, and what it asks of the BEAM, is for inspection's own NIF gate.

use crate::policy::{Forbidden, LinkageDemand, Policy};

/// Any linkage that the floor allows; nothing of the machine that built it. Libraries come from the host only.
pub const POLICY: Policy = Policy {
    linkage: LinkageDemand::Any,
    forbidden: &[Forbidden::ExecutableStack, Forbidden::WritableExecutable, Forbidden::LeakedPath, Forbidden::AbsoluteSearchPath],
};
