//! Writes an archive: the checks that its target asks for, then tar and compressor, or zip.

use std::io::{self, Write};
use std::num::NonZeroU32;

use super::compress::Compressor;
use super::members::{Member, members};
use super::tar::TarWriter;
use super::{ArchiveSpec, Format, zip};
use crate::blobs::{Blobs, FileEntry, Scratch, copy};
use crate::pack::PackError;
use crate::tree::{Entry, Tree};

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
    write_tar(spec, tree, blobs, compressor.map_err(broken)?, broken)
}

/// What the users' file systems cannot hold is refused here, not found out by them.
fn check(spec: &ArchiveSpec, tree: &Tree) -> Result<(), PackError> {
    if tree.is_empty() {
        return Err(PackError::Empty { file_name: spec.file_name().to_string() });
    }
    let windows = spec.target().os() == "windows" || spec.format() == Format::Zip;
    if windows || spec.target().os() == "macos" {
        tree.check_case()?;
    }
    for (path, entry) in tree {
        if windows {
            path.check_windows()?;
        }
        if spec.format() == Format::Zip && matches!(entry, Entry::Symlink { .. }) {
            return Err(PackError::SymlinkInZip { file_name: spec.file_name().to_string(), path: path.clone() });
        }
    }
    Ok(())
}

fn write_tar(
    spec: &ArchiveSpec,
    tree: &Tree,
    blobs: &dyn Blobs,
    mut compressor: Compressor<'_>,
    broken: impl Fn(io::Error) -> PackError,
) -> Result<(), PackError> {
    let mut tar = TarWriter::new(&mut compressor, spec.epoch());
    for (name, member) in members(tree, spec.root_folder()) {
        match member {
            Member::Folder => tar.folder(&name).map_err(&broken)?,
            Member::Symlink { target, .. } => tar.symlink(&name, target).map_err(&broken)?,
            Member::File { path, digest, size, mode } => {
                tar.file_header(&name, size, mode).map_err(&broken)?;
                copy(FileEntry { path, digest, size }, blobs, tar.contents()).map_err(|error| PackError::copying(error, &broken))?;
                tar.pad(size).map_err(&broken)?;
            }
        }
    }
    tar.finish().map_err(&broken)?;
    compressor.finish().map_err(&broken)
}
