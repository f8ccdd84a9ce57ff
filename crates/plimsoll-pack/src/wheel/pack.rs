//! Writes a wheel.

use std::io::Write;

use super::layout;
use super::spec::WheelSpec;
use crate::blobs::{Blobs, Scratch};
use crate::error::PackError;
use crate::tree::Tree;
use crate::zip::{Zip, ZipMember};

/// Writes the wheel of `spec` and `tree` to `out`.
///
/// # Errors
/// The tree is no wheel's; a blob is missing or not what the tree says; `out` or `scratch` fails.
pub(crate) fn pack(spec: &WheelSpec, tree: &Tree, blobs: &dyn Blobs, scratch: &dyn Scratch, out: &mut dyn Write) -> Result<(), PackError> {
    layout::check(spec, tree)?;
    let written = layout::written(spec);
    let mut members = layout::members(spec, tree, &written)?;
    let (path, record) = layout::record(spec, &members);
    members.push((path, ZipMember::Text(record.as_bytes())));
    Zip { file_name: spec.file_name(), epoch: spec.epoch(), blobs, scratch }.write(members, out)
}
