//! What must be true of the binaries that artifacts are filled with.

use plimsoll_inspect::{ExpectedLinkage, Facts, Finding, InspectError, Policy, judge_bytes, judge_nif_bytes};
use plimsoll_model::plan::Holds;
use plimsoll_model::{Failure, FileName, KindPlan, NifScheme, Target, TargetPlan};
use plimsoll_pack::{Kind, LinkageDemand};

use super::wheel;

/// What a kind is filled with.
pub(crate) fn holds(kind: &KindPlan) -> Holds {
    let programs = |kind: Kind| match kind.linkage() {
        LinkageDemand::Any => Holds::Programs,
        LinkageDemand::Static => Holds::StaticPrograms,
    };
    match kind {
        KindPlan::Archive { .. } => programs(Kind::Archive),
        KindPlan::Nif { nif } => {
            let folders_above = u32::try_from(nif.member.matches('/').count()).unwrap_or(u32::MAX);
            Holds::BeamLibrary { nif: nif.version, folders_above }
        }
        KindPlan::Static => programs(Kind::Static),
        KindPlan::File => programs(Kind::File),
        KindPlan::Wheel { .. } => programs(Kind::Wheel),
    }
}

/// Where binaries lie in what a command left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sought<'k> {
    /// Programs by their names, wherever they lie.
    Programs,
    /// One library of just this path; whether nothing may lie beside it.
    Member {
        /// With `/`.
        path: &'k str,
        /// Users unpack all of it into a folder where other files lie.
        alone: bool,
    },
    /// None: the file is all there is.
    Nothing,
    /// All that lie in it, by an audit that knows what such a package promises.
    All,
}

/// Where they are looked for.
pub(crate) fn sought(kind: &KindPlan) -> Sought<'_> {
    match kind {
        KindPlan::Archive { .. } | KindPlan::Static => Sought::Programs,
        KindPlan::Nif { nif } => Sought::Member { path: &nif.member, alone: nif.scheme == NifScheme::RustlerPrecompiled },
        KindPlan::File => Sought::Nothing,
        KindPlan::Wheel { .. } => Sought::All,
    }
}

/// Holds an artifact's bytes against what its users' installers and indexes ask of a file of its kind; they are read only if its kind has such rules.
///
/// # Errors
/// One failure with all that is wrong with it.
pub(crate) fn examined(kind: &KindPlan, file_name: &FileName, read: impl FnOnce() -> Result<Vec<u8>, Failure>) -> Result<(), Failure> {
    match kind {
        KindPlan::Archive { .. } | KindPlan::Nif { .. } | KindPlan::Static | KindPlan::File => Ok(()),
        KindPlan::Wheel { .. } => wheel::audited(file_name.as_str(), &read()?),
    }
}

/// What binaries must be for a target.
pub(crate) fn policy(holds: &Holds, target: &Target, plan: &TargetPlan) -> Policy {
    match holds {
        Holds::Programs => Policy::for_target(target, ExpectedLinkage::Any, plan.glibc),
        Holds::StaticPrograms => Policy::for_target(target, ExpectedLinkage::StaticOnly, plan.glibc),
        Holds::BeamLibrary { folders_above, .. } => Policy { folders_above: *folders_above, ..Policy::for_nif(target, plan.glibc) },
    }
}

/// Holds one of them against it.
///
/// # Errors
/// If the bytes cannot be read.
pub(crate) fn judge(holds: &Holds, bytes: &[u8], policy: &Policy) -> Result<(Facts, Vec<Finding>), InspectError> {
    match holds {
        Holds::Programs | Holds::StaticPrograms => judge_bytes(bytes, policy),
        Holds::BeamLibrary { nif, .. } => judge_nif_bytes(bytes, policy, *nif),
    }
}
