//! Bytes in, facts and findings out: what an ELF, Mach-O or PE file asks of the machine that loads it, and whether a policy allows that.
//!
//! Pure: no file system, process, network, clock or environment. Every size and offset in a file is checked before it is used,
//! and what is collected is bounded.

mod error;
pub mod facts;
pub mod floor;
pub mod floor_names;
pub mod format;
pub mod gates;
pub mod host;
pub mod host_demand;
pub mod host_macos;
pub mod host_windows;
pub mod inspect;
pub mod leaks;
pub mod nif;
pub mod policy;
pub mod version;

mod distributions;
mod dll_names;
mod elf;
mod macho;
mod nif_names;
mod pe;
mod python;
mod sdist;
mod strings;
mod wheel;
mod windows_since;
mod zip;

pub use error::InspectError;
pub use facts::{
    Checksum, CodeDirectory, CodeSignature, ExecStack, Facts, FloorDemand, LibraryUse, Linkage, MachoFacts, MachoLibrary, PeFacts,
    PeImport, PlatformDemand, Relro, Subsystem, VersionDemand,
};
pub use floor::{FloorReason, floor_reasons, measured_floor, measured_macos, measured_system, system_reasons};
pub use floor_names::{Floor, NamedFloor, floor_names, named_floor};
pub use format::{Format, is_elf, recognise};
pub use gates::{Code, Finding, judge, judge_bytes, judge_nif, judge_nif_bytes};
pub use host_demand::{Host, Lack};
pub use inspect::inspect;
pub use leaks::{Leak, generic_leaks, leaked_paths};
pub use nif::{NifDemand, nif_demand, nif_functions};
pub use policy::{ExpectedLinkage, Policy};
pub use python::{Audit, LowestTag, PackageBinary, PackageCode, PackageFinding, PackageForm, PythonVersion, audit, normalised_name};
pub use sdist::SdistName;
pub use version::DottedVersion;
pub use wheel::WheelName;
