//! A project's metadata as `[project]` of `pyproject.toml` has it, and Cargo.toml for those keys that `project.dynamic` leaves to it.
//! <https://packaging.python.org/en/latest/specifications/pyproject-toml/>
//!
//! A key that stands neither in the table nor in `dynamic` has no value, whatever Cargo.toml says: so the specification has it for every back end, maturin
//! does so, and a wheel and an sdist of one project must agree. The version alone is Cargo.toml's if it is missing.

mod cargo;
mod fields;
mod people;
mod readme;
mod table;

use std::collections::BTreeMap;

use toml::{Table, Value};

pub use self::cargo::CargoPackage;
pub use self::people::Person;
pub use self::readme::{Readme, ReadmeSource};
use self::table::Place;
pub use self::table::ProjectError;
use super::{DistributionName, EntryPoints, LicenseExpression, LicenseFiles, Requirement, Specifiers, Version};
use crate::tree::TreePath;

/// What an index is told of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// `project.name`.
    pub name: DistributionName,
    /// `project.version`.
    pub version: Version,
    /// `project.description`: one line.
    pub description: Option<String>,
    /// `project.readme`.
    pub readme: Option<Readme>,
    /// `project.requires-python`.
    pub requires_python: Option<Specifiers>,
    /// `project.license`.
    pub license: Option<License>,
    /// Which files are its licences.
    pub license_files: LicenseFiles,
    /// `project.authors`.
    pub authors: Vec<Person>,
    /// `project.maintainers`.
    pub maintainers: Vec<Person>,
    /// `project.keywords`.
    pub keywords: Vec<String>,
    /// `project.classifiers`.
    pub classifiers: Vec<String>,
    /// `project.urls`: label and address, sorted by label.
    pub urls: Vec<(String, String)>,
    /// `project.scripts`, `project.gui-scripts` and `project.entry-points`.
    pub entry_points: EntryPoints,
    /// `project.dependencies`.
    pub dependencies: Vec<Requirement>,
    /// `project.optional-dependencies`, by the normal names of the extras.
    pub extras: BTreeMap<String, Vec<Requirement>>,
}

/// Under what a project is licensed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum License {
    /// As PEP 639 has it.
    Expression(LicenseExpression),
    /// As it was before: any text.
    Text(String),
}

/// Keys of `[project]` that `dynamic` may name.
const KEYS: [&str; 16] = [
    "version",
    "description",
    "readme",
    "requires-python",
    "license",
    "license-files",
    "authors",
    "maintainers",
    "keywords",
    "classifiers",
    "urls",
    "scripts",
    "gui-scripts",
    "entry-points",
    "dependencies",
    "optional-dependencies",
];
/// Those of them that Cargo.toml can give.
const OF_CARGO: [&str; 8] = ["version", "description", "readme", "license", "license-files", "authors", "keywords", "urls"];

impl Project {
    /// Reads the text of a `pyproject.toml`.
    ///
    /// # Errors
    /// With the key of the first mistake.
    pub fn read(text: &str, cargo: &CargoPackage) -> Result<Self, ProjectError> {
        let table = text.parse::<Table>().map_err(|error| ProjectError::new("pyproject.toml", format!("is no TOML: {error}")))?;
        let project = match table.get("project") {
            Some(Value::Table(table)) => Place { key: "project".to_owned(), table },
            Some(_) => return Err(ProjectError::new("project", "must be a table")),
            None => {
                let problem = "is missing: a wheel's name and version come from it (`[project]` with `name = \"…\"` and `dynamic = [\"version\"]` is the least)";
                return Err(ProjectError::new("project", problem));
            }
        };
        project.only(&[&["name", "dynamic"], KEYS.as_slice()].concat())?;
        let fields = fields::Fields::new(project, cargo)?;
        Ok(Self {
            name: fields.name()?,
            version: fields.version()?,
            description: fields.description()?,
            readme: fields.readme()?,
            requires_python: fields.requires_python()?,
            license: fields.license()?,
            license_files: fields.license_files()?,
            authors: fields.authors()?,
            maintainers: fields.maintainers()?,
            keywords: fields.keywords()?,
            classifiers: fields.classifiers()?,
            urls: fields.urls()?,
            entry_points: fields.entry_points()?,
            dependencies: fields.dependencies()?,
            extras: fields.extras()?,
        })
    }

    /// The file of the readme, relative to the project's folder, if it is one.
    pub fn readme_file(&self) -> Option<&TreePath> {
        match &self.readme.as_ref()?.source {
            ReadmeSource::File(path) => Some(path),
            ReadmeSource::Text(_) => None,
        }
    }

    /// The licences among the project's files, relative to its folder.
    ///
    /// # Errors
    /// A pattern matches none of them.
    pub fn licenses_among<'f>(&self, files: impl IntoIterator<Item = &'f TreePath>) -> Result<Vec<TreePath>, ProjectError> {
        self.license_files.among(files).map_err(|unmatched| {
            ProjectError::new(
                unmatched.key,
                format!("no file of the project matches `{}`: a licence that is named must be there", unmatched.pattern),
            )
        })
    }
}

#[cfg(test)]
mod tests;
