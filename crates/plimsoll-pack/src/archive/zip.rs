//! An archive as a zip: flat, and without links, which many programs unpack as small text files.

use std::io::Write;

use super::ArchiveSpec;
use super::members::{Member, members};
use crate::blobs::{Blobs, FileEntry, Scratch};
use crate::error::PackError;
use crate::tree::Tree;
use crate::zip::{Zip, ZipMember};

pub(super) fn pack(
    spec: &ArchiveSpec,
    tree: &Tree,
    blobs: &dyn Blobs,
    scratch: &dyn Scratch,
    out: &mut dyn Write,
) -> Result<(), PackError> {
    let member = |(name, member)| match member {
        Member::Folder => Ok((name, ZipMember::Folder)),
        Member::File { path, digest, size, mode } => Ok((name, ZipMember::File { file: FileEntry { path, digest, size }, mode })),
        Member::Symlink { path, .. } => Err(PackError::SymlinkInZip { file_name: spec.file_name().to_string(), path: path.clone() }),
    };
    let members = members(tree, spec.root_folder()).into_iter().map(member).collect::<Result<Vec<_>, _>>()?;
    Zip { file_name: spec.file_name(), epoch: spec.epoch(), blobs, scratch }.write(members, out)
}
