//! Bytes in, facts and findings out: what an ELF file asks of the machine that loads it, and whether a policy allows that.
//!
//! Pure: no file system, process, network, clock or environment. Every size and offset in a file is checked before it is used,
//! and what is collected is bounded. Mach-O and PE files are recognised by format and machine only.

pub mod facts;
pub mod floor;
pub mod floor_names;
pub mod format;
pub mod gates;
pub mod host;
pub mod inspect;
pub mod leaks;
pub mod policy;
pub mod version;

mod elf;
mod macho;
mod pe;

pub use facts::{ExecStack, Facts, FloorDemand, Linkage, Relro, VersionDemand};
pub use floor::{FloorReason, floor_reasons, measured_floor};
pub use floor_names::{floor_names, named_floor};
pub use format::{Format, is_elf, recognise};
pub use gates::{Code, Finding, judge, judge_bytes};
pub use inspect::{InspectError, inspect};
pub use leaks::{Leak, generic_leaks, leaked_paths};
pub use policy::{ExpectedLinkage, Policy};
pub use version::DottedVersion;
