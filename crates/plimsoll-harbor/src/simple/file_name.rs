//! What the name of a package's file says: its type, project and version. Does not judge tags, which is for who checks the file itself.

use plimsoll_model::python::{PythonVersion, is_valid_name, normalised_name};

/// Longest file name, in bytes.
const LONGEST: usize = 250;

/// In which form a package is uploaded: PyPI's `filetype`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileType {
    /// `.tar.gz` with sources.
    Sdist,
    /// `.whl`.
    Wheel,
}

impl FileType {
    /// The type that the field `filetype` says; none if it is one that PyPI takes no more, or none at all.
    pub(super) fn of_field(text: &str) -> Option<Self> {
        match text {
            "sdist" => Some(Self::Sdist),
            "bdist_wheel" => Some(Self::Wheel),
            _ => None,
        }
    }
}

/// A file name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PackageFileName {
    pub file_type: FileType,
    /// Normalised, with hyphens.
    pub project: String,
    pub version: PythonVersion,
    /// `{name}-{version}` as it is written: how the `.dist-info` of a wheel begins.
    pub stem: String,
}

impl PackageFileName {
    /// None if it names neither wheel nor sdist, or could be anything but one plain file.
    pub(super) fn parse(file_name: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._+!-".contains(&byte);
        if file_name.len() > LONGEST || !file_name.bytes().all(is_plain) {
            return None;
        }
        let (file_type, name, version) = if let Some(stem) = file_name.strip_suffix(".tar.gz") {
            let (name, version) = stem.rsplit_once('-')?;
            (FileType::Sdist, name, version)
        } else {
            let parts = file_name.strip_suffix(".whl")?.split('-').collect::<Vec<_>>();
            let [name, version, .., _, _, _] = parts.as_slice() else { return None };
            if parts.len() > 6 || parts.iter().any(|part| part.is_empty()) {
                return None;
            }
            (FileType::Wheel, *name, *version)
        };
        let project = is_valid_name(name).then(|| normalised_name(name, '-'))?;
        Some(Self { file_type, project, version: PythonVersion::parse(version)?, stem: format!("{name}-{version}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_project_and_version() {
        for (text, form, stem) in [
            ("htty_core-1.0-py3-none-any.whl", FileType::Wheel, "htty_core-1.0"),
            ("HTTY.core-1.0.0-2a-py2.py3-none-any.whl", FileType::Wheel, "HTTY.core-1.0.0"),
            ("htty-core-1.tar.gz", FileType::Sdist, "htty-core-1"),
        ] {
            let name = PackageFileName::parse(text).unwrap();
            assert_eq!((name.file_type, name.project.as_str(), name.stem.as_str()), (form, "htty-core", stem), "{text}");
            assert_eq!(name.version, PythonVersion::parse("1").unwrap());
        }
        for text in [
            "",
            "a.zip",
            "a-1.zip",
            "a.tar.gz",
            "a-x.tar.gz",
            "../a-1.tar.gz",
            "a-1\n.tar.gz",
            "a-1-py3-none.whl",
            "a-1-1-1-py3-none-any.whl",
            "a-1--none-any.whl",
            "-1-py3-none-any.whl",
            "ä-1.tar.gz",
        ] {
            assert_eq!(PackageFileName::parse(text), None, "{text}");
        }
        assert_eq!(PackageFileName::parse(&format!("{}-1.tar.gz", "a".repeat(250))), None);
    }
}
