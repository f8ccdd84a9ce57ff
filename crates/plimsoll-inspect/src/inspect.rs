//! The way in: from a file's bytes to its facts, by format.
//!
//! No judgement here, and no rule of a single format.

use crate::error::InspectError;
use crate::facts::Facts;
use crate::format::{Format, recognise};
use crate::{elf, macho, pe};

/// Facts about a binary.
///
/// Time is linear in the size of the file, and so is memory, with a small factor.
///
/// # Errors
/// The file is in no known format, is cut off, or contradicts its format where a loader would look.
pub fn inspect(bytes: &[u8]) -> Result<Facts, InspectError> {
    match recognise(bytes).ok_or(InspectError::Unrecognised)? {
        Format::Elf => elf::inspect(bytes),
        Format::MachO => macho::inspect(bytes),
        Format::Pe => pe::inspect(bytes),
    }
}
