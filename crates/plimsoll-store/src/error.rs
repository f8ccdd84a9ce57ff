//! What can go wrong in the store. Every error of the system carries the path it is about.

use std::io;
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Digest, Failure};

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried: `read`, `write` …
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A blob's bytes are not those of its name. It has been removed.
    #[error("blob {digest} was damaged on disk and has been removed from the store")]
    Damaged {
        /// The blob.
        digest: Digest,
    },
    /// A blob that an action promised is gone.
    #[error("blob {digest} is not in the store")]
    Missing {
        /// The blob.
        digest: Digest,
    },
    /// An audit: the same action gave something else than it did before.
    #[error(
        "{kind}, done again, gave other bytes for {output}: {} before, {} now; what it depends on is not all in its key",
        or_none(.before),
        or_none(.now)
    )]
    NotTheSame {
        /// The kind of action.
        kind: &'static str,
        /// The output's name, or `facts`.
        output: String,
        /// What is remembered; none where the output is new.
        before: Option<Digest>,
        /// What it gave now; none where the output is gone.
        now: Option<Digest>,
    },
    /// Waiting for another process was stopped.
    #[error("stopped while waiting for another process")]
    Interrupted,
    /// A source file was written or removed between listing and copying it.
    #[error("{} changed while the build was being prepared", path.display())]
    Changing {
        /// The file.
        path: PathBuf,
    },
    /// A path in a source listing that would leave the work folder.
    #[error("source path `{0}` does not stay within the project")]
    Climbs(String),
}

fn or_none(digest: &Option<Digest>) -> String {
    digest.map_or_else(|| "none".to_owned(), |digest| digest.to_string())
}

impl StoreError {
    /// The code of failures that doing the work again mends: a blob was damaged or gone, and no record names it any more.
    pub const LOST_BLOB: &str = "lost-blob";

    /// Whether the device was full.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull)
    }

    /// Whether the action has to be done again because an output is damaged or gone.
    pub fn is_lost_blob(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::Missing { .. })
    }
}

/// With what to do if that is known.
impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Interrupted) {
            return Self::interrupted();
        }
        let full = error.is_full();
        if matches!(error, StoreError::Changing { .. }) {
            return Self::from_error(Class::NotProven, "source-changing", &error).hint(
                "if something writes it all the time, as a log or a database, add it to .gitignore, so that it is no source; else run the command again",
            );
        }
        let code = if error.is_lost_blob() { StoreError::LOST_BLOB } else { "store" };
        let failure = Self::from_error(Class::NotProven, code, &error);
        if full { failure.hint("the disk is full: `plimsoll cache trim` frees room, and PLIMSOLL_STORE moves the store") } else { failure }
    }
}

/// Result of a store operation.
pub type InStore<T> = Result<T, StoreError>;

/// Gives an io error its path.
pub(crate) fn io_error<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> StoreError + 'a {
    move |source| StoreError::Io { action, path: path.to_owned(), source }
}
