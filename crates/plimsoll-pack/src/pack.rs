//! From spec and tree to bytes: the one entrance for every kind. It checks what every kind relies on, and hashes what goes out.

use std::io::Write;
use std::num::NonZeroU32;

use plimsoll_model::{Hashed, HashingWriter};

use crate::archive;
use crate::blobs::{Blobs, Scratch};
use crate::error::PackError;
use crate::nif;
use crate::one_file;
use crate::spec::Spec;
use crate::tree::Tree;
use crate::wheel;

/// An artifact that has been written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Digest and length of the bytes that went out.
    pub hashed: Hashed,
    /// The name that the file is to have.
    pub file_name: String,
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
        Spec::Static(spec) | Spec::File(spec) => one_file::pack(spec, tree, blobs, &mut hashing)?,
        Spec::Wheel(spec) => wheel::pack(spec, tree, blobs, scratch, &mut hashing)?,
    }
    hashing.flush().map_err(|source| PackError::Write { file_name: file_name.clone(), source })?;
    let (_, hashed) = hashing.finish();
    Ok(Packed { hashed, file_name })
}
