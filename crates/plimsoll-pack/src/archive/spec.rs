//! The spec of an archive: its name, format and time.

use plimsoll_model::{FileName, Target};

use super::{Format, members};
use crate::spec::{SpecError, checked_epoch};
use crate::tree::Tree;

/// How an archive is packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveSpec {
    file_name: FileName,
    target: Target,
    format: Format,
    epoch: u64,
}

impl ArchiveSpec {
    /// The spec of an archive whose members all have the time `epoch`, in seconds since 1970, UTC.
    ///
    /// # Errors
    /// The name does not end in the format's suffix; the time is after [`LAST_EPOCH`](crate::LAST_EPOCH).
    pub fn new(file_name: FileName, target: Target, format: Format, epoch: u64) -> Result<Self, SpecError> {
        if !file_name.as_str().ends_with(format.suffix()) {
            return Err(SpecError::Suffix { file_name, suffix: format.suffix() });
        }
        Ok(Self { file_name, target, format, epoch: checked_epoch(epoch)? })
    }

    /// The archive's file name.
    pub const fn file_name(&self) -> &FileName {
        &self.file_name
    }

    /// The target.
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// The format.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// The time of every member, in seconds since 1970, UTC.
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The one folder that a tarball unpacks to: the file name without its suffix. A zip is flat and has none.
    pub fn root_folder(&self) -> Option<&str> {
        match self.format {
            Format::TarXz | Format::TarGz | Format::TarZst => self.file_name.as_str().strip_suffix(self.format.suffix()),
            Format::Zip => None,
        }
    }

    /// The listing that the archive will have, in order; folders end in `/`.
    pub fn members(&self, tree: &Tree) -> Vec<String> {
        members::listing(tree, self.root_folder())
    }
}
