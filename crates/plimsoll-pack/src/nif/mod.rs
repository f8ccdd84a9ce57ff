//! The kind `nif`: a native library for the BEAM in a gzipped tarball, as Elixir's consumers download it, and the checksum map that they hold
//! it against.
//!
//! Two schemes, each with file names of its own: `rustler_precompiled`'s, with one library at the root, and that of `elixir_make` and
//! `cc_precompiler`, with the tree of the application's `priv` folder.

pub mod checksums;
mod elixir_make;
mod file_name;
mod pack;
mod precompiled;
mod probes;
mod spec;

pub use checksums::{ChecksumMap, ChecksumSyntax, Difference};
pub use elixir_make::{ElixirMakeFileName, elixir_make_target};
pub use file_name::{InvalidNifFileName, NifFileName};
pub(crate) use pack::pack;
pub use precompiled::{PrecompiledFileName, Variant};
pub(crate) use probes::default_probes;
pub use spec::NifSpec;

use crate::linkage::LinkageDemand;

/// How its binaries are linked: a runtime loads it.
pub(crate) const LINKAGE: LinkageDemand = LinkageDemand::Any;
/// See [`Kind::format_number`](crate::Kind::format_number).
pub(crate) const FORMAT_NUMBER: u32 = 1;
