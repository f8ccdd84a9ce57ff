//! The kind `static`: one bare binary that runs on any system of its processor. It is not compressed and has no metadata.

mod file_name;
mod probes;

pub(crate) use file_name::DEFAULT_STEM;
pub(crate) use probes::default_probes;

use crate::linkage::LinkageDemand;

/// How its binaries are linked: it brings all that it needs, because nothing is shipped beside it.
pub(crate) const LINKAGE: LinkageDemand = LinkageDemand::Static;
/// See [`Kind::format_number`](crate::Kind::format_number).
pub(crate) const FORMAT_NUMBER: u32 = 1;
