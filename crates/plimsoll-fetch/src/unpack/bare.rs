//! A bare binary: one file, put down as a program under its own name.

use std::io::Read;

use super::tree::NewTree;
use super::{Limits, UnpackError};

pub(super) fn write(reader: &mut dyn Read, name: &str, tree: &mut NewTree, limits: &Limits) -> Result<(), UnpackError> {
    let path = super::path::member_path(name.as_bytes())?;
    let written = tree.file(&path, true, &mut reader.take(limits.unpacked.saturating_add(1)))?;
    if written > limits.unpacked { Err(UnpackError::TooBig { limit: limits.unpacked }) } else { Ok(()) }
}
