//! Why a tree did not become an artifact, of any kind.

use std::io;

use crate::blobs::{BlobError, CopyError};
use crate::tree::{TreeError, TreePath};
use crate::wheel::WheelProblem;

/// Why there is no artifact. What has been written by then is of no use and must be thrown away.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// Entries that cannot stand together.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// Contents that are missing or not what the tree says.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// Nothing to pack.
    #[error("{file_name}: the tree is empty")]
    Empty {
        /// The artifact.
        file_name: String,
    },
    /// What has no container is one regular file.
    #[error("{file_name}: without a container it is exactly one regular file, but the tree has {files} files and {links} symbolic links")]
    NotOneFile {
        /// The artifact.
        file_name: String,
        /// Regular files in the tree.
        files: usize,
        /// Symbolic links in the tree.
        links: usize,
    },
    /// The consumer of a NIF looks for one name only.
    #[error("{file_name}: must hold the one file `{expected}` at its root, but the tree has {found}")]
    NotTheMember {
        /// The artifact.
        file_name: String,
        /// The only name that is found.
        expected: String,
        /// The first few paths of the tree.
        found: String,
    },
    /// Many programs unpack a link in a zip as a small text file.
    #[error("{file_name}: `{path}` is a symbolic link, which a zip cannot carry to every user")]
    SymlinkInZip {
        /// The artifact.
        file_name: String,
        /// The link.
        path: TreePath,
    },
    /// Installers would get it wrong, or an index refuse it.
    #[error("{file_name}: {problem}")]
    Wheel {
        /// The artifact.
        file_name: String,
        /// What is wrong.
        problem: WheelProblem,
    },
    /// The artifact could not be written.
    #[error("cannot write {file_name}")]
    Write {
        /// The artifact.
        file_name: String,
        /// What the writer, or the compressor before it, said.
        source: io::Error,
    },
    /// The temporary file could not be made, written or read.
    #[error("cannot use temporary space for {file_name}")]
    Scratch {
        /// The artifact.
        file_name: String,
        /// What it said.
        source: io::Error,
    },
}

impl PackError {
    /// A failure to copy a blob into the artifact or into scratch: `broken` makes the latter an error.
    pub(crate) fn copying(error: CopyError, broken: impl FnOnce(io::Error) -> Self) -> Self {
        match error {
            CopyError::Blob(error) => Self::Blob(error),
            CopyError::Write(source) => broken(source),
        }
    }
}
