//! Writes a NIF's archive: a gzipped tarball without a root folder.

use std::io::Write;

use super::NifSpec;
use crate::archive::{Tarball, write_gzipped};
use crate::blobs::Blobs;
use crate::error::PackError;
use crate::tree::{Entry, Naming, Tree};

pub(crate) fn pack(spec: &NifSpec, tree: &Tree, blobs: &dyn Blobs, out: &mut dyn Write) -> Result<(), PackError> {
    check(spec, tree)?;
    let tarball = Tarball { file_name: spec.file_name(), root: None, epoch: spec.epoch(), tree, blobs };
    write_gzipped(&tarball, out)
}

/// The consumer unpacks whatever it gets and says nothing; a library under another name shows only when the module is loaded.
fn check(spec: &NifSpec, tree: &Tree) -> Result<(), PackError> {
    let file_name = || spec.file_name().to_string();
    if tree.is_empty() {
        return Err(PackError::Empty { file_name: file_name() });
    }
    if let Some(expected) = spec.member() {
        let is_it = |(path, entry): (&crate::TreePath, &Entry)| path.as_str() == expected && matches!(entry, Entry::File { .. });
        if tree.len() != 1 || !tree.iter().all(is_it) {
            let found = tree.iter().take(4).map(|(path, _)| format!("`{path}`")).collect::<Vec<_>>().join(", ");
            let more = if tree.len() > 4 { format!(" and {} more", tree.len() - 4) } else { String::new() };
            return Err(PackError::NotTheMember { file_name: file_name(), expected, found: found + &more });
        }
    }
    Ok(Naming::of(spec.target(), None).check(tree)?)
}
