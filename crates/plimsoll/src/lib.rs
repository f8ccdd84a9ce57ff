//! Everything that the command does: from a manifest to proven, sealed and published artifacts.
//!
//! Rooms, in the order of the pipeline: `manifest` and `sources` (what there is), `plan` (what is wanted), `build`, `assemble`, `pack`, `prove`,
//! `seal`, `publish`. Beside them `version` (one version in every file), `roots` (clean places), `tools` (the only place that starts a
//! program), `report` (the only place that prints) and `cli`. `pipeline` shows the order on one screen.

pub mod assemble;
pub mod build;
pub mod cli;
pub mod environment;
pub mod gates;
pub mod graph;
pub mod harbor;
pub mod last;
pub mod machine;
pub mod manifest;
pub mod measured;
pub mod nif;
pub mod nodes;
pub mod packing;
pub mod pipeline;
pub mod plain_file;
pub mod plan;
pub mod prove;
pub mod publish;
pub mod reason;
pub mod report;
pub mod repository;
pub mod results;
pub mod roots;
pub mod seal;
pub mod session;
pub mod shown;
pub mod sources;
pub mod tools;
pub mod version;
pub mod workshop;

use std::io;
use std::path::Path;

use plimsoll_model::{Class, Failure};
use plimsoll_store::StoreError;

/// The code of failures that doing the work again mends: a blob was damaged or gone, and no record names it any more.
pub(crate) const LOST_BLOB: &str = "lost-blob";

/// A failure of the store, with what to do where that is known.
pub(crate) fn store_failure(error: StoreError) -> Failure {
    if matches!(error, StoreError::Interrupted) {
        return interrupted();
    }
    let full = error.is_full();
    let code = if error.is_lost_blob() { LOST_BLOB } else { "store" };
    let failure = Failure::from_error(Class::NotProven, code, &error);
    if full { failure.hint("the disk is full: `plimsoll cache trim` frees room, and PLIMSOLL_STORE moves the store") } else { failure }
}

/// A failure of the file system, with the path that it is about.
pub(crate) fn io_failure(path: &Path, error: &io::Error) -> Failure {
    let failure = Failure::new(Class::NotProven, "io", error.to_string()).about(path.display().to_string());
    if error.kind() == io::ErrorKind::StorageFull { failure.hint("the disk is full") } else { failure }
}

/// Ctrl-C or a termination signal.
pub(crate) fn interrupted() -> Failure {
    Failure::new(Class::Interrupted, "interrupted", "stopped by a signal; run the command again to go on where it stopped")
}
