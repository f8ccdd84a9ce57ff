//! The kind `file`: one file of the project as it is, such as a script that installs the rest. It has no container and no metadata.

mod probes;

pub(crate) use probes::default_probes;

use crate::linkage::LinkageDemand;

/// It has no binaries of a core.
pub(crate) const LINKAGE: LinkageDemand = LinkageDemand::Any;
/// See [`Kind::format_number`](crate::Kind::format_number).
pub(crate) const FORMAT_NUMBER: u32 = 1;
