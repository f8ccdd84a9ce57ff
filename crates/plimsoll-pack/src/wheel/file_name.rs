//! The file name of a wheel, which says all that an installer chooses by.
//! <https://packaging.python.org/en/latest/specifications/binary-distribution-format/>

use std::fmt;
use std::str::FromStr;

use plimsoll_model::Target;

use super::platform::{NoPlatformTag, SystemFloor, platform_tags};
use super::{DistributionName, Project, Tags, Version};
use crate::shown::shown;
use crate::tree::TreePath;

/// `htty_core-1.2.0-py3-none-win_amd64.whl`. Ours have no build number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WheelFileName {
    /// As the project writes it; read from a file name, in its normal form.
    pub distribution: DistributionName,
    /// The version.
    pub version: Version,
    /// What it fits.
    pub tags: Tags,
}

/// Text that is no file name of a wheel in its normal form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not named like a wheel (such as htty_core-1.2.0-py3-none-win_amd64.whl)")]
pub struct InvalidWheelFileName(String);

impl WheelFileName {
    /// That of the wheel of a project's programs for `target`, which ask for `floor`.
    ///
    /// # Errors
    /// No platform tag says what they fit.
    pub fn of_programs(project: &Project, target: &Target, floor: SystemFloor) -> Result<Self, NoPlatformTag> {
        let tags = Tags::of_programs(platform_tags(target, floor)?);
        Ok(Self { distribution: project.name.clone(), version: project.version.clone(), tags })
    }

    /// Where a program lies in the wheel.
    pub fn program_path(&self, file: &str) -> String {
        format!("{}/scripts/{file}", self.data())
    }

    /// Where a licence lies in the wheel; `path` is relative to the project's folder.
    pub fn license_path(&self, path: &TreePath) -> String {
        format!("{}/licenses/{path}", self.dist_info())
    }

    /// What begins its name, and those of the folders in it: `htty_core-1.2.0`.
    pub fn stem(&self) -> String {
        format!("{}-{}", self.distribution.in_file_names(), self.version)
    }

    /// The folder of metadata.
    pub fn dist_info(&self) -> String {
        format!("{}.dist-info", self.stem())
    }

    /// The folder of what is installed elsewhere than among modules.
    pub fn data(&self) -> String {
        format!("{}.data", self.stem())
    }
}

impl fmt::Display for WheelFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}.whl", self.stem(), self.tags)
    }
}

impl FromStr for WheelFileName {
    type Err = InvalidWheelFileName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let mut parts = text.strip_suffix(".whl")?.splitn(3, '-');
            let (distribution, version) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            let name = Self { distribution, version, tags: parts.next()?.parse().ok()? };
            (name.to_string() == text).then_some(name)
        };
        read().ok_or_else(|| InvalidWheelFileName(shown(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_say_the_folders() {
        for text in [
            "htty_core-1.2.0rc1-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
            "a-1-cp39-abi3-win32.whl",
            "a_b_c-1.0.post1-py2.py3-none-any.whl",
        ] {
            assert_eq!(text.parse::<WheelFileName>().unwrap().to_string(), text);
        }
        let name: WheelFileName = "htty_core-1.2.0-py3-none-win_amd64.whl".parse().unwrap();
        assert_eq!((&*name.dist_info(), &*name.data()), ("htty_core-1.2.0.dist-info", "htty_core-1.2.0.data"));
    }

    #[test]
    fn what_is_not_in_its_normal_form_is_refused() {
        for text in [
            "Htty_core-1.2.0-py3-none-any.whl",
            "htty.core-1.2.0-py3-none-any.whl",
            "htty_core-1.2.0-1-py3-none-any.whl",
            "htty_core-1.2.0-rc1-py3-none-any.whl",
            "htty_core-01.2-py3-none-any.whl",
            "htty_core-1.2+x-py3-none-any.whl",
            "htty_core-1.2.0-py3-none-any.zip",
            "htty_core-1.2.0-py3-none.whl",
            "../a-1-py3-none-any.whl",
            "",
        ] {
            assert!(text.parse::<WheelFileName>().is_err(), "{text}");
        }
    }
}
