//! The kind `static`: one bare binary that runs on any system of its processor. It is not compressed and has no metadata.

mod file_name;
mod pack;
mod policy;
mod probes;
mod spec;

pub use file_name::{InvalidStaticFileName, StaticFileName};
pub(crate) use pack::pack;
pub use policy::POLICY;
pub(crate) use probes::default_probes;
pub use spec::{StaticSettings, StaticSpec};

/// See [`Kind::format_number`](crate::Kind::format_number).
pub(crate) const FORMAT_NUMBER: u32 = 1;
