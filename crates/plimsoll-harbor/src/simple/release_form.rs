//! The fields of an upload, held against each other and against the file: a value of this module is a file that belongs to a release.
//!
//! Fields are those of <https://docs.pypi.org/api/upload/>; what is in the file itself is for the check that the index was given.

use plimsoll_model::Digest;
use plimsoll_model::python::{PythonVersion, is_valid_name, normalised_name};

use super::file_name::{FileType, PackageFileName};
use super::refused::Refused;
use super::upload::Received;

/// Versions of the core metadata that PyPI takes.
const METADATA_VERSIONS: [&str; 8] = ["1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5"];
/// Longest `requires_python`, in bytes.
const LONGEST_SPECIFIER: usize = 1000;

/// What the fields say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReleaseForm {
    /// Normalised, with hyphens.
    pub project: String,
    pub version: PythonVersion,
    pub file_type: FileType,
    /// `{name}-{version}` of the file name.
    pub stem: String,
    pub requires_python: Option<String>,
    /// JSON that is kept as it came (PEP 740).
    pub attestations: Option<String>,
}

impl ReleaseForm {
    /// Judges fields and file name.
    pub(super) fn read(received: &Received) -> Result<Self, Refused> {
        let wrong = |name: &str, why: &str| Refused::Field(name.to_owned(), why.to_owned());
        let needed = |name: &str| received.field(name)?.ok_or_else(|| wrong(name, "is missing"));
        if needed(":action")? != "file_upload" {
            return Err(wrong(":action", "is not `file_upload`"));
        }
        if needed("protocol_version")? != "1" {
            return Err(wrong("protocol_version", "is not 1"));
        }
        if !METADATA_VERSIONS.contains(&needed("metadata_version")?) {
            return Err(wrong("metadata_version", "is none that is known"));
        }
        let file_type = needed("filetype")?;
        let file_type = FileType::of_field(file_type).ok_or_else(|| wrong("filetype", "is none that is taken: use a known file type"))?;
        match (file_type, received.field("pyversion")?) {
            (FileType::Sdist, None | Some("source")) | (FileType::Wheel, Some(_)) => {}
            (FileType::Sdist, Some(_)) => return Err(wrong("pyversion", "is not `source`, and the file is an sdist")),
            (FileType::Wheel, None) => return Err(wrong("pyversion", "is missing")),
        }
        let name = Some(needed("name")?).filter(|name| is_valid_name(name)).ok_or_else(|| wrong("name", "is no name of a project"))?;
        let version = PythonVersion::parse(needed("version")?).ok_or_else(|| wrong("version", "is no version by PEP 440"))?;
        if version.local().is_some() {
            return Err(wrong("version", "is a local one, which is not taken"));
        }
        let requires_python = received.field("requires_python")?.map(str::to_owned);
        if requires_python.as_ref().is_some_and(|text| text.len() > LONGEST_SPECIFIER || text.chars().any(char::is_control)) {
            return Err(wrong("requires_python", "is no specifier"));
        }
        let project = normalised_name(name, '-');
        let stem = fitting(&received.file.name, file_type, &project, &version)?;
        let attestations = received.field("attestations")?.map(str::to_owned);
        if attestations.as_deref().is_some_and(|text| !serde_json::from_str(text).is_ok_and(|value: serde_json::Value| value.is_array())) {
            return Err(wrong("attestations", "is no JSON list"));
        }
        Ok(Self { project, version, file_type, stem, requires_python, attestations })
    }
}

/// The stem of a file name that is of this type, project and version.
fn fitting(file_name: &str, file_type: FileType, project: &str, version: &PythonVersion) -> Result<String, Refused> {
    let wrong = |why: String| Refused::FileName(file_name.to_owned(), why);
    let name = PackageFileName::parse(file_name).ok_or_else(|| wrong("is no file name of a wheel or sdist".to_owned()))?;
    if name.file_type != file_type {
        return Err(wrong("is not of the type that `filetype` says".to_owned()));
    }
    if name.project != project || name.version != *version {
        return Err(wrong(format!("does not belong to {project} {version}")));
    }
    Ok(name.stem)
}

/// Holds the digests of a form against those of its file; one must be there. MD5 is not looked at.
pub(super) fn check_digests(received: &Received) -> Result<(), Refused> {
    let sha256 = received.field("sha256_digest")?;
    let blake2_256 = received.field("blake2_256_digest")?;
    if sha256.is_some_and(|text| text.parse::<Digest>().ok() != Some(received.file.sha256)) {
        return Err(Refused::Digest("sha256_digest"));
    }
    if blake2_256.is_some_and(|text| text != received.file.blake2_256) {
        return Err(Refused::Digest("blake2_256_digest"));
    }
    if sha256.or(blake2_256).is_none() {
        return Err(Refused::Field("sha256_digest".to_owned(), "is missing, and so is `blake2_256_digest`".to_owned()));
    }
    Ok(())
}
