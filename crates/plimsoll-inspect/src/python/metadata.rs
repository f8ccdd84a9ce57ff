//! The metadata of a project, METADATA in a wheel and PKG-INFO in an sdist: what an index refuses.
//!
//! Source: core metadata <https://packaging.python.org/en/latest/specifications/core-metadata/>, PEP 639 for licences, and Warehouse's
//! `forklift/metadata`.

use std::collections::BTreeSet;

use super::code::PackageCode;
use super::finding::{Findings, printable};
use super::headers::Headers;
use super::{requirement, specifier};
use plimsoll_model::python::{PythonVersion, is_valid_name, normalised_name};

/// Versions of the metadata that indexes take; those that `packaging` 25 and later knows.
const VERSIONS: [&str; 9] = ["1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6"];

/// Longest summary that PyPI takes, in characters.
const LONGEST_SUMMARY: usize = 512;

/// Longest label of a URL that PyPI takes, in characters.
const LONGEST_LABEL: usize = 32;

/// Media types of a description.
const CONTENT_TYPES: [&str; 3] = ["text/plain", "text/x-rst", "text/markdown"];

/// What the file's name says.
pub(crate) struct Expected<'a> {
    pub name: &'a str,
    pub version: &'a PythonVersion,
}

/// Name and version as they are written, and the licence files that are named; only those of PEP 639 (2.4 and later).
#[derive(Debug, Default)]
pub(crate) struct Metadata {
    pub name: Option<String>,
    pub version: Option<String>,
    pub license_files: BTreeSet<String>,
}

/// `place` is its name in the package.
pub(crate) fn judge(bytes: &[u8], place: &str, expected: Option<&Expected<'_>>, findings: &mut Findings) -> Metadata {
    let headers = Headers::read(bytes);
    for fault in &headers.faults {
        let hint = "write headers as those of e-mail, in UTF-8; a value that goes on begins each further line with spaces";
        findings.tell_of(place, PackageCode::MetadataSyntax, fault.clone(), hint);
    }
    let mut judge = Judge { headers: &headers, place, findings };
    let is_licensed_by_pep_639 = judge.metadata_version();
    judge.identity(expected);
    judge.summary();
    judge.description();
    judge.license(is_licensed_by_pep_639);
    judge.requirements();
    judge.urls();
    let license_files = headers.all("License-File").filter(|_| is_licensed_by_pep_639).map(str::to_owned).collect();
    Metadata { name: headers.first("Name").map(str::to_owned), version: headers.first("Version").map(str::to_owned), license_files }
}

struct Judge<'a> {
    headers: &'a Headers,
    place: &'a str,
    findings: &'a mut Findings,
}

impl<'a> Judge<'a> {
    fn tell(&mut self, code: PackageCode, message: impl Into<String>, hint: &str) {
        self.findings.tell_of(self.place, code, message, hint);
    }

    /// The value of a header that may be there once.
    fn only(&mut self, header: &'static str) -> Option<&'a str> {
        let headers = self.headers;
        if headers.all(header).count() > 1 {
            self.tell(PackageCode::MetadataSyntax, format!("has the header {header} more than once"), "leave one of them");
        }
        headers.first(header)
    }

    /// Whether it is so new that License-Expression and License-File mean what PEP 639 says.
    fn metadata_version(&mut self) -> bool {
        match self.only("Metadata-Version") {
            None => self.tell(PackageCode::MetadataSyntax, "has no Metadata-Version", "say `Metadata-Version: 2.4`"),
            Some(version) if !VERSIONS.contains(&version) => {
                let message = format!("has Metadata-Version {}, which indexes do not take", printable(version));
                self.tell(PackageCode::MetadataVersion, message, "say 2.4, or what the fields that are used need");
            }
            Some(version) => {
                return VERSIONS.iter().position(|known| *known == version) >= VERSIONS.iter().position(|known| *known == "2.4");
            }
        }
        false
    }

    fn identity(&mut self, expected: Option<&Expected<'_>>) {
        match self.only("Name") {
            None => self.tell(PackageCode::MetadataSyntax, "has no Name", "say what the project is called"),
            Some(own) if !is_valid_name(own) => {
                let message = format!("has the Name `{}`, which no project can have", printable(own));
                self.tell(PackageCode::MetadataSyntax, message, "use letters, digits, and between them `.`, `-` and `_`");
            }
            Some(own) => {
                let other = expected.filter(|expected| normalised_name(own, '-') != normalised_name(expected.name, '-'));
                if let Some(other) = other {
                    let message = format!("has the Name {own}, and the file's name says {}", other.name);
                    self.tell(PackageCode::NameMismatch, message, "make both from the same source");
                }
            }
        }
        let Some(text) = self.only("Version") else {
            self.tell(PackageCode::MetadataSyntax, "has no Version", "say which version it is");
            return;
        };
        let Some(version) = PythonVersion::parse(text) else {
            let message = format!("has the Version `{}`, which PEP 440 does not know", printable(text));
            self.tell(PackageCode::MetadataSyntax, message, "number it as 1.2.3, 1.2.3rc1, 1.2.3.post1 or 1.2.3.dev1");
            return;
        };
        if let Some(local) = version.local() {
            let message = format!("has the Version {text}, whose local part (+{local}) PyPI refuses");
            self.tell(PackageCode::LocalVersion, message, "leave out the plus sign and what is behind it");
        }
        if let Some(other) = expected.filter(|expected| *expected.version != version) {
            let message = format!("has the Version {text}, and the file's name says {}", other.version);
            self.tell(PackageCode::VersionMismatch, message, "make both from the same source");
        }
    }

    fn summary(&mut self) {
        let Some(summary) = self.only("Summary") else { return };
        let length = summary.chars().count();
        if summary.contains('\n') {
            self.tell(PackageCode::Summary, "has a Summary of several lines, which PyPI refuses", "say it in one line");
        } else if length > LONGEST_SUMMARY {
            let message = format!("has a Summary of {length} characters, where PyPI takes {LONGEST_SUMMARY}");
            self.tell(PackageCode::Summary, message, "say it in one line, and the rest in the description");
        }
    }

    fn description(&mut self) {
        let Some(content_type) = self.only("Description-Content-Type") else { return };
        let media = content_type.split(';').next().unwrap_or_default().trim();
        if !CONTENT_TYPES.contains(&media.to_ascii_lowercase().as_str()) {
            let message = format!("has Description-Content-Type {}, which PyPI refuses", printable(content_type));
            self.tell(PackageCode::MetadataSyntax, message, "say text/markdown, text/x-rst or text/plain");
        }
    }

    fn license(&mut self, is_by_pep_639: bool) {
        let is_said = |header| self.headers.first(header).is_some_and(|value| !value.is_empty());
        if is_said("License") && is_said("License-Expression") {
            let hint = "keep License-Expression (`license = \"MIT\"` in pyproject.toml)";
            self.tell(PackageCode::License, "has License and License-Expression, which exclude each other", hint);
        }
        if !is_by_pep_639 && is_said("License-Expression") {
            self.tell(PackageCode::License, "has License-Expression, which is new in metadata 2.4", "say `Metadata-Version: 2.4`");
        }
        if is_by_pep_639 {
            let headers = self.headers;
            for path in headers.all("License-File").filter(|path| crate::zip::is_absolute(path) || crate::zip::climbs(path)) {
                let message = format!("has the License-File {}, which is no path within the project", printable(path));
                self.tell(PackageCode::LicenseFile, message, "name it by its path from the root of the project");
            }
        }
    }

    fn requirements(&mut self) {
        let headers = self.headers;
        for text in headers.all("Requires-Dist") {
            match requirement::read(text) {
                None => {
                    let message = format!("requires `{}`, which cannot be read", printable(text));
                    self.tell(PackageCode::Requirement, message, "write it as PEP 508 has it: `name>=1.0; marker`");
                }
                Some(requirement) if requirement.url.is_some() => {
                    let url = printable(requirement.url.unwrap_or_default());
                    let message = format!("requires {} from {url}, and PyPI refuses requirements with a URL", requirement.name);
                    self.tell(PackageCode::DirectUrl, message, "require a version of it that is in the index");
                }
                Some(_) => {}
            }
        }
        if let Some(text) = self.only("Requires-Python").filter(|text| !specifier::is_valid(text)) {
            let message = format!("has Requires-Python `{}`, which cannot be read", printable(text));
            self.tell(PackageCode::Requirement, message, "write it as `>=3.9` or `>=3.9,<4`");
        }
    }

    fn urls(&mut self) {
        let headers = self.headers;
        for text in headers.all("Project-URL") {
            let message = match text.split_once(',') {
                Some((label, url)) if label.trim().chars().count() <= LONGEST_LABEL && !url.trim().is_empty() => continue,
                Some((_, url)) if url.trim().is_empty() => format!("has a Project-URL without a URL: {}", printable(text)),
                Some((label, _)) => {
                    format!("has a Project-URL whose label is longer than {LONGEST_LABEL} characters: {}", printable(label))
                }
                None => format!("has a Project-URL without a label: {}", printable(text)),
            };
            self.tell(PackageCode::MetadataSyntax, message, "write it as `Label, https://…`");
        }
    }
}
