//! The file name of an sdist: exactly `{name}-{version}.tar.gz`, the name normalised (PEP 625).

use std::fmt;

use crate::python::{PythonVersion, is_valid_name, normalised_name};

/// What a file name says. Displays as the name it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdistName {
    /// As it is written.
    pub name: String,
    /// As it is written.
    pub version_text: String,
    /// The same, read.
    pub version: PythonVersion,
}

impl SdistName {
    /// The error is a fragment that goes on after the file's name.
    ///
    /// # Errors
    /// It is not the file name of an sdist.
    pub fn parse(file_name: &str) -> Result<Self, String> {
        let stem = file_name.strip_suffix(".tar.gz").ok_or("does not end in `.tar.gz`")?;
        let (name, version_text) = stem.rsplit_once('-').ok_or("has no hyphen between a name and a version")?;
        if !is_valid_name(name) {
            return Err(format!("has the project's name `{name}`, which is none"));
        }
        let version =
            PythonVersion::parse(version_text).ok_or_else(|| format!("has the version `{version_text}`, which PEP 440 does not know"))?;
        Ok(Self { name: name.to_owned(), version_text: version_text.to_owned(), version })
    }

    /// How the file should be called instead; none where it is called so.
    pub fn normal(&self) -> Option<String> {
        let normal = format!("{}-{}.tar.gz", normalised_name(&self.name, '_'), self.version);
        (normal != self.to_string()).then_some(normal)
    }

    /// The only folder in it.
    pub(crate) fn stem(&self) -> String {
        format!("{}-{}", self.name, self.version_text)
    }
}

impl fmt::Display for SdistName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.tar.gz", self.stem())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_behind_the_last_hyphen() {
        for (text, normal) in [
            ("htty_core-0.2.30.tar.gz", None),
            ("htty-core-0.2.30.tar.gz", Some("htty_core-0.2.30.tar.gz")),
            ("Htty.Core-0.2.30-rc1.tar.gz", None),
            ("htty_core-1.0RC1.tar.gz", Some("htty_core-1.0rc1.tar.gz")),
        ] {
            let Ok(name) = SdistName::parse(text) else {
                assert_eq!(text, "Htty.Core-0.2.30-rc1.tar.gz", "`rc1` is no version");
                continue;
            };
            assert_eq!(name.to_string(), text);
            assert_eq!(name.normal().as_deref(), normal);
        }
        for (text, reason) in [
            ("htty-1.0.zip", "does not end in `.tar.gz`"),
            ("htty.tar.gz", "has no hyphen"),
            ("-1.0.tar.gz", "has the project's name ``"),
            ("htty-x86_64.tar.gz", "has the version `x86_64`"),
        ] {
            assert!(SdistName::parse(text).unwrap_err().starts_with(reason), "{text}");
        }
    }
}
