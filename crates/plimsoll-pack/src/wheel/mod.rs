//! The kind `wheel`: what pip and uv install, written from the programs that were built and inspected.

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
mod probes;
mod problem;
mod pyproject;
mod record;
mod requirement;
mod spec;
mod tags;
mod version;

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

pub(crate) use pack::pack;
pub(crate) use probes::default_probes;

use crate::linkage::LinkageDemand;

/// How its programs are linked: in any way that the platform tag tells.
pub(crate) const LINKAGE: LinkageDemand = LinkageDemand::Any;
/// See [`Kind::format_number`](crate::Kind::format_number).
pub(crate) const FORMAT_NUMBER: u32 = 1;
