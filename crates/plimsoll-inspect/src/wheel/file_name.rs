//! The file name of a wheel, which is all that an installer looks at before it takes one: `{name}-{version}(-{build})?-{python}-{abi}-{platform}.whl`.
//!
//! Source: the binary distribution format <https://packaging.python.org/en/latest/specifications/binary-distribution-format/>.

use std::collections::BTreeSet;
use std::fmt;

use crate::python::{PythonVersion, is_valid_name};

/// More tags than any wheel has, when the sets are multiplied.
const MAX_TAGS: usize = 4096;

/// What a file name says. Displays as the name it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WheelName {
    /// As it is written.
    pub name: String,
    /// As it is written.
    pub version_text: String,
    /// The same, read.
    pub version: PythonVersion,
    /// Number and letters of the build, if it has one.
    pub build: Option<String>,
    /// Pythons, such as `cp39`, `py3`.
    pub pythons: Vec<String>,
    /// Binary interfaces: `cp312`, `abi3`, `none`.
    pub abis: Vec<String>,
    /// Platforms: `manylinux_2_17_x86_64`, `any`.
    pub platforms: Vec<String>,
}

impl WheelName {
    /// The error is a fragment that goes on after the file's name.
    ///
    /// # Errors
    /// It is not the file name of a wheel.
    pub fn parse(file_name: &str) -> Result<Self, String> {
        let stem = file_name.strip_suffix(".whl").ok_or("does not end in `.whl`")?;
        let parts = stem.split('-').collect::<Vec<_>>();
        let [name, version_text, build @ .., pythons, abis, platforms] = parts.as_slice() else {
            return Err(format!("has {} parts between hyphens, where a wheel has five, or six with a build number", parts.len()));
        };
        let build = match build {
            [] => None,
            [build] if build.starts_with(|c: char| c.is_ascii_digit()) => Some((*build).to_owned()),
            [build] => return Err(format!("has the build number `{build}`, which does not begin with a digit")),
            _ => return Err(format!("has {} parts between hyphens, where a wheel has five, or six with a build number", parts.len())),
        };
        if !is_valid_name(name) || name.contains("__") {
            return Err(format!("has the project's name `{name}`, which is none"));
        }
        let version =
            PythonVersion::parse(version_text).ok_or_else(|| format!("has the version `{version_text}`, which PEP 440 does not know"))?;
        let [pythons, abis, platforms] = [pythons, abis, platforms].map(|set| tags(set));
        let (pythons, abis, platforms) = (pythons?, abis?, platforms?);
        if pythons.len().saturating_mul(abis.len()).saturating_mul(platforms.len()) > MAX_TAGS {
            return Err(format!("has more than {MAX_TAGS} tags"));
        }
        Ok(Self { name: (*name).to_owned(), version_text: (*version_text).to_owned(), version, build, pythons, abis, platforms })
    }

    /// Every tag that it stands for: `cp39-abi3-win_amd64`.
    pub fn tags(&self) -> BTreeSet<String> {
        let mut tags = BTreeSet::new();
        for python in &self.pythons {
            for abi in &self.abis {
                tags.extend(self.platforms.iter().map(|platform| format!("{python}-{abi}-{platform}")));
            }
        }
        tags
    }

    /// How the folders `.dist-info` and `.data` begin.
    pub(crate) fn stem(&self) -> String {
        format!("{}-{}", self.name, self.version_text)
    }
}

fn tags(set: &str) -> Result<Vec<String>, String> {
    let is_tag = |tag: &str| !tag.is_empty() && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let tags = set.split('.').map(str::to_owned).collect::<Vec<_>>();
    match tags.iter().find(|tag| !is_tag(tag)) {
        Some(tag) => Err(format!("has the tag `{tag}`, which is none")),
        None => Ok(tags),
    }
}

impl fmt::Display for WheelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.name, self.version_text)?;
        if let Some(build) = &self.build {
            write!(f, "-{build}")?;
        }
        write!(f, "-{}-{}-{}.whl", self.pythons.join("."), self.abis.join("."), self.platforms.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_print_as_they_were_read() {
        for name in [
            "htty_core-0.2.30-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
            "cryptography-45.0.3-cp311-abi3-musllinux_1_2_aarch64.whl",
            "six-1.17.0-py2.py3-none-any.whl",
            "a.b-1!2.0rc1-1local-cp39-cp39-win_amd64.whl",
        ] {
            assert_eq!(WheelName::parse(name).unwrap().to_string(), name);
        }
        let six = WheelName::parse("six-1.17.0-py2.py3-none-any.whl").unwrap();
        assert_eq!(six.tags().into_iter().collect::<Vec<_>>(), ["py2-none-any", "py3-none-any"]);
        assert_eq!(six.stem(), "six-1.17.0");
    }

    #[test]
    fn each_part_is_judged() {
        for (name, reason) in [
            ("six-1.0.tar.gz", "does not end in `.whl`"),
            ("six-1.0-any.whl", "has 3 parts"),
            ("a-1-1-1-py3-none-any.whl", "has 7 parts"),
            ("six-1.0-x1-py3-none-any.whl", "has the build number `x1`"),
            ("a__b-1.0-py3-none-any.whl", "has the project's name `a__b`"),
            ("-1.0-py3-none-any.whl", "has the project's name ``"),
            ("six-one-py3-none-any.whl", "has the version `one`"),
            ("six-1.0-py3-none-.whl", "has the tag ``"),
            ("six-1.0-py3-none-linux x.whl", "has the tag `linux x`"),
        ] {
            let error = WheelName::parse(name).unwrap_err();
            assert!(error.starts_with(reason), "{name}: {error}");
        }
        let set = vec!["a"; 100].join(".");
        assert_eq!(WheelName::parse(&format!("a-1-{set}-{set}-any.whl")).unwrap_err(), "has more than 4096 tags");
    }
}
