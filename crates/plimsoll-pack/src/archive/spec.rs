//! The spec of an archive: its name, format and time.

use plimsoll_model::Target;
use serde::{Deserialize, Serialize};

use super::file_name::{ArchiveFileName, from_template};
use super::{Format, members};
use crate::file_name::{FileName, FileNameError, Values};
use crate::spec::SpecError;
use crate::tree::Tree;

/// The last second that the eleven octal digits of a tar header hold: in the year 2242.
pub const LAST_EPOCH: u64 = 0o777_7777_7777;

/// What a manifest says of an archive, unchecked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveSettings {
    /// The artifact's name.
    pub name: String,
    /// The target.
    pub target: Target,
    /// The release's version.
    pub version: String,
    /// A template with `{name} {version} {target} {arch} {os}`, with or without the format's suffix. None: `{name}-{target}`.
    pub file_name: Option<String>,
    /// None: what the template's suffix says, else zip for Windows and tar.xz elsewhere.
    pub format: Option<Format>,
    /// The time of every member, in seconds since 1970, UTC.
    pub epoch: u64,
}

/// The spec of an archive, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ArchiveSettings", into = "ArchiveSettings")]
pub struct ArchiveSpec {
    name: String,
    target: Target,
    version: String,
    file_name: FileName,
    format: Format,
    epoch: u64,
}

impl ArchiveSpec {
    /// Checks settings and settles file name and format.
    ///
    /// # Errors
    /// The template gives no file name; the time is after [`LAST_EPOCH`].
    pub fn new(settings: ArchiveSettings) -> Result<Self, SpecError> {
        let ArchiveSettings { name, target, version, file_name, format, epoch } = settings;
        if epoch > LAST_EPOCH {
            return Err(SpecError::Epoch { epoch, last: LAST_EPOCH });
        }
        let (text, format) = match file_name {
            Some(template) => from_template(&template, format, Values { name: &name, version: &version, target: &target })?,
            None => {
                let format = format.unwrap_or_else(|| Format::default_for(&target));
                (ArchiveFileName { name: name.clone(), target: target.clone(), format }.to_string(), format)
            }
        };
        let file_name = text.parse().map_err(FileNameError::from)?;
        Ok(Self { name, target, version, file_name, format, epoch })
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

impl TryFrom<ArchiveSettings> for ArchiveSpec {
    type Error = SpecError;

    fn try_from(settings: ArchiveSettings) -> Result<Self, Self::Error> {
        Self::new(settings)
    }
}

/// Settings with the file name in place of its template: they give the same spec again.
impl From<ArchiveSpec> for ArchiveSettings {
    fn from(spec: ArchiveSpec) -> Self {
        let ArchiveSpec { name, target, version, file_name, format, epoch } = spec;
        Self { name, target, version, file_name: Some(file_name.to_string()), format: Some(format), epoch }
    }
}
