//! The kind `archive`: a tree as a tarball with one root folder, or as a flat zip.

mod compress;
mod file_name;
mod format;
mod members;
mod pack;
mod probes;
mod spec;
mod tar;
mod zip;

pub(crate) use file_name::DEFAULT_STEM;
pub use format::{Format, UnknownFormat};
pub(crate) use members::listing;
pub(crate) use pack::{Tarball, pack, write_gzipped};
pub(crate) use probes::default_probes;
pub use spec::ArchiveSpec;

use crate::linkage::LinkageDemand;

/// How its binaries are linked: a loader is what its users' systems have.
pub(crate) const LINKAGE: LinkageDemand = LinkageDemand::Any;
/// See [`Kind::format_number`](crate::Kind::format_number). The golden digests in tests/golden.rs change with it.
pub(crate) const FORMAT_NUMBER: u32 = 1;
