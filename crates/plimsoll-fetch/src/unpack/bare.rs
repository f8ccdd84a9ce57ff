//! A file without a container, put down under its own name.

use std::io::Read;

use super::tree::NewTree;
use super::{Limits, UnpackError};

pub(super) fn write(
    reader: &mut dyn Read,
    (name, executable): (&str, bool),
    tree: &mut NewTree,
    limits: &Limits,
) -> Result<(), UnpackError> {
    let path = super::path::member_path(name.as_bytes())?;
    let written = tree.file(&path, executable, &mut reader.take(limits.unpacked.saturating_add(1)))?;
    if written > limits.unpacked { Err(UnpackError::TooBig { limit: limits.unpacked }) } else { Ok(()) }
}
