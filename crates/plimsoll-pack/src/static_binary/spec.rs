//! The spec of a bare binary: what it is called. Its bytes are the file's own.

use plimsoll_model::Target;
use serde::{Deserialize, Serialize};

use super::StaticFileName;
use crate::file_name::{FileName, FileNameError, Values, render};
use crate::spec::SpecError;

/// What a manifest says of a bare binary, unchecked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaticSettings {
    /// The artifact's name.
    pub name: String,
    /// The target.
    pub target: Target,
    /// The release's version.
    pub version: String,
    /// A template with `{name} {version} {target} {arch} {os}`; `.exe` is added on Windows if it is not there. None: `{name}-{target}`.
    pub file_name: Option<String>,
}

/// The spec of a bare binary, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StaticSettings", into = "StaticSettings")]
pub struct StaticSpec {
    name: String,
    target: Target,
    version: String,
    file_name: FileName,
}

impl StaticSpec {
    /// Checks settings and settles the file name.
    ///
    /// # Errors
    /// The template gives no file name.
    pub fn new(settings: StaticSettings) -> Result<Self, SpecError> {
        let StaticSettings { name, target, version, file_name } = settings;
        let text = match file_name {
            None => StaticFileName { name: name.clone(), target: target.clone() }.to_string(),
            Some(template) => {
                let mut text = render(&template, Values { name: &name, version: &version, target: &target })?;
                if !text.ends_with(target.executable_suffix()) {
                    text.push_str(target.executable_suffix());
                }
                text
            }
        };
        let file_name = text.parse().map_err(FileNameError::from)?;
        Ok(Self { name, target, version, file_name })
    }

    /// The file's name.
    pub const fn file_name(&self) -> &FileName {
        &self.file_name
    }

    /// The target.
    pub const fn target(&self) -> &Target {
        &self.target
    }
}

impl TryFrom<StaticSettings> for StaticSpec {
    type Error = SpecError;

    fn try_from(settings: StaticSettings) -> Result<Self, Self::Error> {
        Self::new(settings)
    }
}

/// Settings with the file name in place of its template: they give the same spec again.
impl From<StaticSpec> for StaticSettings {
    fn from(spec: StaticSpec) -> Self {
        let StaticSpec { name, target, version, file_name } = spec;
        Self { name, target, version, file_name: Some(file_name.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(target: &str, template: Option<&str>) -> String {
        let settings = StaticSettings {
            name: "helper".to_owned(),
            target: target.parse().unwrap(),
            version: "1.2.3".to_owned(),
            file_name: template.map(str::to_owned),
        };
        StaticSpec::new(settings).unwrap().file_name().to_string()
    }

    #[test]
    fn names_end_as_the_target_wants() {
        assert_eq!(named("x86_64-unknown-linux-musl", None), "helper-x86_64-unknown-linux-musl");
        assert_eq!(named("x86_64-pc-windows-msvc", None), "helper-x86_64-pc-windows-msvc.exe");
        assert_eq!(named("x86_64-pc-windows-msvc", Some("{name}_{version}")), "helper_1.2.3.exe");
        assert_eq!(named("x86_64-pc-windows-msvc", Some("{name}.exe")), "helper.exe");
    }
}
