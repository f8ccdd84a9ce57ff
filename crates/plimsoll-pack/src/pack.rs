//! From spec and tree to bytes: the one entrance for every kind. It checks what every kind relies on, and hashes what goes out.

use std::io::{self, Write};
use std::num::NonZeroU32;

use plimsoll_model::{Hashed, HashingWriter};

use crate::archive;
use crate::blobs::{BlobError, Blobs, CopyError, Scratch};
use crate::nif;
use crate::one_file;
use crate::spec::Spec;
use crate::tree::{Tree, TreeError, TreePath};

/// An artifact that has been written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Digest and length of the bytes that went out.
    pub hashed: Hashed,
    /// The name that the file is to have.
    pub file_name: String,
}

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

/// Writes the artifact of `spec` and `tree` to `out`, once, from first byte to last.
///
/// `threads` is how many cores a compressor may use; the bytes do not depend on it, memory does: about 130 MiB a thread for xz. `scratch` is
/// used by formats that cannot be written in one go. No file is held in memory whole.
///
/// # Errors
/// The tree breaks a rule of the kind; a blob is missing or not what the tree says; `out` or `scratch` fails. Whatever `out` has received by
/// then is no artifact: throw it away.
pub fn pack(
    spec: &Spec,
    tree: &Tree,
    blobs: &dyn Blobs,
    scratch: &dyn Scratch,
    threads: NonZeroU32,
    out: &mut dyn Write,
) -> Result<Packed, PackError> {
    tree.check_links()?;
    let file_name = spec.file_name().to_string();
    let mut hashing = HashingWriter::new(out);
    match spec {
        Spec::Archive(spec) => archive::pack(spec, tree, blobs, scratch, threads, &mut hashing)?,
        Spec::Nif(spec) => nif::pack(spec, tree, blobs, &mut hashing)?,
        Spec::Static(spec) => one_file::pack(spec.file_name(), tree, blobs, &mut hashing)?,
        Spec::File(spec) => one_file::pack(spec.file_name(), tree, blobs, &mut hashing)?,
    }
    hashing.flush().map_err(|source| PackError::Write { file_name: file_name.clone(), source })?;
    let (_, hashed) = hashing.finish();
    Ok(Packed { hashed, file_name })
}
