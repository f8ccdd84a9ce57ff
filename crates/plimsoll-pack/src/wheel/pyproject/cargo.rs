//! What Cargo.toml says of a package: the values of those keys that `project.dynamic` leaves to it.

use super::people::Person;
use super::readme::{self, Readme};
use super::table::{ProjectError, checked_line};
use crate::wheel::license_files::LicensePattern;
use crate::wheel::{LicenseExpression, Version};

/// Facts of a cargo package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CargoPackage {
    /// Its version, as PEP 440 says it; none if it cannot.
    pub version: Option<Version>,
    /// `package.description`.
    pub description: Option<String>,
    /// `package.readme`, relative to the folder of pyproject.toml.
    pub readme: Option<String>,
    /// `package.license`.
    pub license: Option<String>,
    /// `package.license-file`, relative to the folder of pyproject.toml.
    pub license_file: Option<String>,
    /// `package.authors`.
    pub authors: Vec<String>,
    /// `package.keywords`.
    pub keywords: Vec<String>,
    /// `package.homepage`.
    pub homepage: Option<String>,
    /// `package.repository`.
    pub repository: Option<String>,
    /// `package.documentation`.
    pub documentation: Option<String>,
}

/// The key of Cargo.toml, for messages.
fn key(name: &str) -> String {
    format!("package.{name} of Cargo.toml")
}

impl CargoPackage {
    /// In one line: Cargo's may have several.
    pub(super) fn summary(&self) -> Option<String> {
        self.description.as_ref().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    pub(super) fn readme(&self) -> Result<Option<Readme>, ProjectError> {
        self.readme.as_ref().map(|path| readme::of_path(&key("readme"), path)).transpose()
    }

    pub(super) fn license(&self) -> Result<Option<LicenseExpression>, ProjectError> {
        let of = |text: &String| LicenseExpression::of_cargo(text).map_err(|error| ProjectError::new(key("license"), error));
        self.license.as_ref().map(of).transpose()
    }

    pub(super) fn license_pattern(&self) -> Result<Option<(String, LicensePattern)>, ProjectError> {
        let key = key("license-file");
        let of = |text: &String| readme::path(&key, text).map(|path| LicensePattern::of_path(&path));
        Ok(self.license_file.as_ref().map(of).transpose()?.map(|pattern| (key, pattern)))
    }

    pub(super) fn people(&self) -> Result<Vec<Person>, ProjectError> {
        self.authors.iter().map(|author| Person::of_cargo(&key("authors"), author)).collect()
    }

    pub(super) fn keywords(&self) -> Result<Vec<(String, String)>, ProjectError> {
        self.keywords.iter().map(|word| Ok((key("keywords"), checked_line(&key("keywords"), word)?))).collect()
    }

    /// Label, key and address of each.
    pub(super) fn urls(&self) -> Vec<(String, String, String)> {
        let all = [
            ("Homepage", "homepage", &self.homepage),
            ("Repository", "repository", &self.repository),
            ("Documentation", "documentation", &self.documentation),
        ];
        let of = |(label, name, url): (&str, &str, &Option<String>)| url.clone().map(|url| (label.to_owned(), key(name), url));
        all.into_iter().filter_map(of).collect()
    }
}
