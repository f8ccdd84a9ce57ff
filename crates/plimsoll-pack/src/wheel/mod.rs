//! Wheels of programs: what pip and uv install, written from the programs that were built and proven.
//!
//! It is no [`Kind`](crate::Kind) yet: nothing installs a wheel into a clean environment so far, and without that none could be proven.

mod description;
mod entry_points;
mod file_name;
mod layout;
mod license;
mod license_files;
mod metadata;
mod name;
mod pack;
mod platform;
mod problem;
mod pyproject;
mod record;
mod requirement;
mod spec;
mod tags;
mod version;

use std::io::Write;

use plimsoll_model::HashingWriter;

pub use description::{Description, ProjectFiles};
pub use entry_points::EntryPoints;
pub use file_name::{InvalidWheelFileName, WheelFileName};
pub use license::{InvalidLicenseExpression, LicenseExpression};
pub use license_files::{InvalidLicensePattern, LicenseFiles, LicensePattern};
pub use name::{DistributionName, InvalidDistributionName};
pub use platform::{NoPlatformTag, SystemFloor, platform_tags};
pub use problem::WheelProblem;
pub use pyproject::{CargoPackage, License, Person, Project, ProjectError, Readme, ReadmeSource};
pub use requirement::{InvalidRequirement, InvalidSpecifiers, Requirement, Specifiers};
pub use spec::{InvalidWheel, WheelSpec};
pub use tags::{InvalidTags, TagSet, Tags};
pub use version::{InvalidVersion, Version};

use crate::blobs::{Blobs, Scratch};
use crate::error::PackError;
use crate::linkage::LinkageDemand;
use crate::pack::Packed;
use crate::tree::Tree;

/// How its programs are linked: in any way that the platform tag tells.
pub const LINKAGE: LinkageDemand = LinkageDemand::Any;
/// Raised whenever the same spec and tree give other bytes. The golden digest in tests/wheel.rs changes with it.
pub const FORMAT_NUMBER: u32 = 1;

/// Writes the wheel of `spec` and `tree` to `out`, as [`pack`](crate::pack()) does for kinds.
///
/// # Errors
/// The tree is no wheel's; a blob is missing or not what the tree says; `out` or `scratch` fails. Whatever `out` has received by then is no
/// artifact.
pub fn pack(spec: &WheelSpec, tree: &Tree, blobs: &dyn Blobs, scratch: &dyn Scratch, out: &mut dyn Write) -> Result<Packed, PackError> {
    tree.check_links()?;
    let file_name = spec.file_name().to_string();
    let mut hashing = HashingWriter::new(out);
    pack::pack(spec, tree, blobs, scratch, &mut hashing)?;
    hashing.flush().map_err(|source| PackError::Write { file_name: file_name.clone(), source })?;
    let (_, hashed) = hashing.finish();
    Ok(Packed { hashed, file_name })
}
