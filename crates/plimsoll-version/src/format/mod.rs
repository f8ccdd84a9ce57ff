//! Files that are known by their name: where the version stands in each. Every reader gives byte spans of the text as it is; nothing is
//! written anew, so that what is no version keeps every byte.

mod apkbuild;
mod cargo_lock;
mod cargo_manifest;
pub mod debian_changelog;
mod json;
mod mix;
mod package_json;
mod package_lock;
mod pattern;
mod plain;
mod pyproject;
mod requirement;
pub mod spec;
mod toml_text;
mod uv_lock;

use std::collections::{BTreeMap, BTreeSet};

pub use cargo_lock::{LockFacts, alike as cargo_lock_alike, in_order as cargo_lock_in_order};
pub use cargo_manifest::{Facts as CargoFacts, facts as cargo_facts, pins as cargo_pins};
pub use pattern::{InvalidPattern, Pattern};

use super::path::joined;
use super::place::Place;

/// Packages that carry the project's version, by ecosystem: a pin on one of them is a place too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    /// The project's folder relative to its base.
    pub prefix: String,
    /// Cargo packages with their folders, relative to the base and without a `/` at the end: others may have the same name.
    pub cargo: BTreeMap<String, BTreeSet<String>>,
    /// What lock files of cargo hold of them, by the path of the file; one that is not here has nothing else of their names.
    pub locks: BTreeMap<String, LockFacts>,
    /// Python projects, their names normalised.
    pub python: BTreeSet<String>,
    /// npm packages.
    pub npm: BTreeSet<String>,
}

impl Own {
    /// Counts the cargo package in `folder`, relative to the project, in.
    pub fn add_cargo(&mut self, name: String, folder: &str) {
        let folder = joined(&self.prefix, folder);
        self.cargo.entry(name).or_default().extend(folder);
    }

    /// Whether `path`, as a manifest in `folder` writes it, leads to the own cargo package of that name.
    pub fn has_cargo(&self, name: &str, folder: &str, path: &str) -> bool {
        let to = joined(&format!("{}/{folder}", self.prefix), path);
        to.is_some_and(|to| self.cargo.get(name).is_some_and(|folders| folders.contains(&to)))
    }
}

/// A known file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// `Cargo.toml`.
    CargoManifest,
    /// `Cargo.lock`.
    CargoLock,
    /// `mix.exs`.
    Mix,
    /// `pyproject.toml`.
    Pyproject,
    /// `package.json`.
    PackageJson,
    /// `package-lock.json`, `npm-shrinkwrap.json`.
    PackageLock,
    /// `uv.lock`.
    UvLock,
    /// `NAME.spec`.
    Spec,
    /// `APKBUILD`.
    Apkbuild,
    /// `debian/changelog`.
    DebianChangelog,
    /// `VERSION`: the version and nothing else.
    Plain,
}

impl Format {
    /// For messages.
    pub const KNOWN: &'static str = "Cargo.toml, Cargo.lock, mix.exs, pyproject.toml, uv.lock, package.json, package-lock.json, *.spec, \
                                     APKBUILD, debian/changelog and VERSION";

    /// The format of a file, from its path with `/`.
    pub fn of(path: &str) -> Option<Self> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        Some(match name {
            "Cargo.toml" => Self::CargoManifest,
            "Cargo.lock" => Self::CargoLock,
            "mix.exs" => Self::Mix,
            "pyproject.toml" => Self::Pyproject,
            "package.json" => Self::PackageJson,
            "package-lock.json" | "npm-shrinkwrap.json" => Self::PackageLock,
            "uv.lock" => Self::UvLock,
            "APKBUILD" => Self::Apkbuild,
            "VERSION" | "VERSION.txt" | "version.txt" => Self::Plain,
            "changelog" if folder == "debian" || folder.ends_with("/debian") => Self::DebianChangelog,
            _ if name.len() > ".spec".len() && name.ends_with(".spec") => Self::Spec,
            _ => return None,
        })
    }

    /// Whether a program writes the file; it can be no source then.
    pub const fn is_lock(self) -> bool {
        matches!(self, Self::CargoLock | Self::PackageLock | Self::UvLock)
    }

    /// The names of packages of Python and npm that the file gives the project's version.
    ///
    /// # Errors
    /// Where the file cannot be read as what it is.
    pub fn names(self, text: &str) -> Result<Own, String> {
        let mut own = Own::default();
        match self {
            Self::Pyproject => own.python.extend(pyproject::name(text)?),
            Self::PackageJson => own.npm.extend(package_json::name(text)?),
            _ => {}
        }
        Ok(own)
    }

    /// Every place in `text` of the file at `path`, in its order; may be none.
    ///
    /// # Errors
    /// Where the file cannot be read as what it is, or its version stands where it cannot be changed.
    pub fn places(self, path: &str, text: &str, own: &Own) -> Result<Vec<Place>, String> {
        let mut places = match self {
            Self::CargoManifest => cargo_manifest::places(path, text, own),
            Self::CargoLock => cargo_lock::places(path, text, own),
            Self::Mix => mix::places(path, text),
            Self::Pyproject => pyproject::places(text, own),
            Self::PackageJson => package_json::places(text, own),
            Self::PackageLock => package_lock::places(text, own),
            Self::UvLock => uv_lock::places(text, own),
            Self::Spec => spec::places(text),
            Self::Apkbuild => apkbuild::places(text),
            Self::DebianChangelog => debian_changelog::places(text),
            Self::Plain => plain::places(text),
        }?;
        places.sort_by_key(Place::offset);
        Ok(places)
    }

    /// Why there may be no place in a file of this format.
    pub const fn wanted(self) -> &'static str {
        match self {
            Self::CargoManifest => "neither [package] nor [workspace.package] has a version of its own, and no path dependency a version",
            Self::CargoLock => "it has no entry for a package of the workspace that carries the version",
            Self::Mix => "project/0 has no version:, and there is no @version \"…\"",
            Self::Pyproject => "there is no static version in [project] or [tool.poetry], and no == pin on a package of this project",
            Self::PackageJson => "there is no \"version\"",
            Self::PackageLock => "it has no entry for a package of this project",
            Self::UvLock => "it has no entry for a package of this project",
            Self::Spec => "there is no Version: before the sections",
            Self::Apkbuild => "there is no pkgver=",
            Self::DebianChangelog => "there is no entry",
            Self::Plain => "it is empty",
        }
    }
}

#[cfg(test)]
mod tests;
