//! Writes an archive: the checks that its target asks for, then tar and compressor, or zip.

use std::io::Write;
use std::num::NonZeroU32;

use plimsoll_model::FileName;

use super::compress::Compressor;
use super::members::{Member, members};
use super::tar::TarWriter;
use super::{ArchiveSpec, Format, zip};
use crate::blobs::{Blobs, FileEntry, Scratch, copy};
use crate::error::PackError;
use crate::tree::{Entry, Naming, Tree};

pub(crate) fn pack(
    spec: &ArchiveSpec,
    tree: &Tree,
    blobs: &dyn Blobs,
    scratch: &dyn Scratch,
    threads: NonZeroU32,
    out: &mut dyn Write,
) -> Result<(), PackError> {
    check(spec, tree)?;
    let broken = |source| PackError::Write { file_name: spec.file_name().to_string(), source };
    let compressor = match spec.format() {
        Format::Zip => return zip::pack(spec, tree, blobs, scratch, out),
        Format::TarXz => Compressor::xz(threads, out),
        Format::TarGz => Compressor::gzip(out),
        Format::TarZst => Compressor::zstd(threads, out),
    };
    let tarball = Tarball { file_name: spec.file_name(), root: spec.root_folder(), epoch: spec.epoch(), tree, blobs };
    write_tar(&tarball, compressor.map_err(broken)?)
}

/// What goes into a tarball, whatever compresses it.
pub(crate) struct Tarball<'a> {
    /// The artifact, for messages.
    pub file_name: &'a FileName,
    /// The one folder that everything lies in, if there is to be one.
    pub root: Option<&'a str>,
    /// The time of every member.
    pub epoch: u64,
    pub tree: &'a Tree,
    pub blobs: &'a dyn Blobs,
}

/// Writes a gzipped tarball.
pub(crate) fn write_gzipped(tarball: &Tarball<'_>, out: &mut dyn Write) -> Result<(), PackError> {
    let compressor = Compressor::gzip(out);
    write_tar(tarball, compressor.map_err(|source| PackError::Write { file_name: tarball.file_name.to_string(), source })?)
}

/// What the users' file systems cannot hold is refused here, not found out by them.
fn check(spec: &ArchiveSpec, tree: &Tree) -> Result<(), PackError> {
    if tree.is_empty() {
        return Err(PackError::Empty { file_name: spec.file_name().to_string() });
    }
    Naming::of(spec.target(), Some(spec.format())).check(tree)?;
    for (path, entry) in tree {
        if spec.format() == Format::Zip && matches!(entry, Entry::Symlink { .. }) {
            return Err(PackError::SymlinkInZip { file_name: spec.file_name().to_string(), path: path.clone() });
        }
    }
    Ok(())
}

fn write_tar(tarball: &Tarball<'_>, mut compressor: Compressor<'_>) -> Result<(), PackError> {
    let &Tarball { file_name, root, epoch, tree, blobs } = tarball;
    let broken = |source| PackError::Write { file_name: file_name.to_string(), source };
    let mut tar = TarWriter::new(&mut compressor, epoch);
    for (name, member) in members(tree, root) {
        match member {
            Member::Folder => tar.folder(&name).map_err(broken)?,
            Member::Symlink { target, .. } => tar.symlink(&name, target).map_err(broken)?,
            Member::File { path, digest, size, mode } => {
                tar.file_header(&name, size, mode).map_err(broken)?;
                copy(FileEntry { path, digest, size }, blobs, tar.contents()).map_err(|error| PackError::copying(error, broken))?;
                tar.pad(size).map_err(broken)?;
            }
        }
    }
    tar.finish().map_err(broken)?;
    compressor.finish().map_err(broken)
}
