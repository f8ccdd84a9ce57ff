//! From a [`Tree`] to the bytes of an artifact, one folder a kind: spec, file names, linkage, pack, probes as data.
//!
//! Pure: no file system, process, network, clock or environment. Contents come from [`Blobs`] by digest, what a format must write before it
//! knows its sizes goes to [`Scratch`], and time is a value in the spec. The same spec and tree give the same bytes on every machine, whatever
//! the number of threads.

pub mod archive;
pub mod blobs;
mod error;
pub mod file;
pub mod kind;
pub mod linkage;
pub mod nif;
mod one_file;
mod pack;
pub mod probe;
mod shown;
mod spec;
pub mod static_binary;
pub mod tree;
pub mod wheel;
mod zip;

pub use archive::{ArchiveSpec, Format};
pub use blobs::{BlobError, Blobs, MemoryBlobs, MemoryScratch, Scratch, ScratchFile};
pub use error::PackError;
pub use kind::{Kind, UnknownKind};
pub use linkage::LinkageDemand;
pub use nif::NifSpec;
pub use one_file::OneFileSpec;
pub use pack::{Packed, pack};
pub use probe::{DefaultProbe, default_probes};
pub use spec::{LAST_EPOCH, Spec, SpecError};
pub use tree::{Entry, InvalidTreePath, Mode, Naming, Tree, TreeError, TreePath, WindowsNameError};
