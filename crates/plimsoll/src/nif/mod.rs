//! Native libraries for the BEAM: the programs that load them, as sources, and what those programs say, read.
//!
//! Nothing here starts one: which root, machine and time limit, and the starting itself, are the prover's. All programs here speak one language,
//! read in [`report`] and judged in [`trouble`]:
//!
//! - [`host`]: a C program that prints a library's entry without a BEAM; the certain reading of the NIF version, on any target that runs here.
//! - [`probe`]: `beam/nif_probe.escript`, by which a BEAM unpacks and loads an archive: as a module made from the entry (the weaker record), or as
//!   the project's own compiled module.
//! - [`consumer`]: Elixir that takes a package's first steps as `rustler_precompiled` documents them, over the network or with a source build.

pub mod beam_probe;
pub mod consumer;
pub mod entry;
pub mod host;
pub mod module_name;
pub mod probe;
pub mod report;
pub mod trouble;

pub use entry::{NifEntry, NifFunction};
pub use module_name::{InvalidModuleName, ModuleName};
pub use probe::{LoadAs, Probe};
pub use report::{End, Report};
pub use trouble::{Trouble, judge};
