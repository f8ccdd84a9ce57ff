//! The manifest: `plimsoll.toml` → [`Manifest`] (as written, with places in the text) → [`Project`] (checked, plain data).
//!
//! Pure: text, cargo's facts and the list of source files come in as values. Must not touch a file system, start a program or print;
//! must not let a typo ship less than was meant: what is not understood is an error, never passed over.

pub(crate) mod check;
pub(crate) mod decode;
pub(crate) mod diagnostic;
pub(crate) mod facts;
pub(crate) mod keys;
pub(crate) mod licences;
pub(crate) mod nearest;
pub(crate) mod project;
pub(crate) mod reader;
pub(crate) mod template;
pub(crate) mod words;
pub(crate) mod written;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use check::workspace_name;
pub use diagnostic::{Diagnostic, ManifestError};
pub use facts::{BinaryFacts, CargoFacts, PackageFacts, ProfileFacts};
pub use keys::{Key, KindKeys, LaterKey, keys, later_keys, of_kinds as keys_of_kinds};
pub use licences::{Places as LicencePlaces, is_licence};
pub(crate) use nearest::suggestion;
pub use project::{Artifact, Core, Embedded, Generator, Prebuilt, Project, Publish, PypiPlace, Shipment, Test};
pub(crate) use template::{goarch, goos};
pub use written::{
    ArtifactTable, CoreTable, Expect, Files, GateEntry, GenerateTable, Manifest, PerProcessor, PrebuiltTable, ProbeTable, Probes,
    PypiTable, Reasons, RootTable, Run, Strings, TargetTable, TestTable, Timeout, VersionEntry, VersionTable, Written,
};

use plimsoll_model::RootName;

use diagnostic::Diagnostics;
use plimsoll_version::VersionSpec;

/// The file's usual name.
pub const FILE_NAME: &str = "plimsoll.toml";

/// Greatest size of a manifest, in bytes; real ones have a hundredth of it.
pub const MAX_SIZE: usize = 256 * 1024;

/// Reads `text` as it is written, without holding it against anything else; `path` is what errors call the file.
///
/// # Errors
/// Everything that is not TOML, every unknown key and every value of the wrong type.
pub fn parse(path: &str, text: &str) -> Result<Manifest, ManifestError> {
    let mut out = Diagnostics::default();
    let manifest = decode::decode(text, &mut out);
    match manifest {
        Some(manifest) if out.is_empty() => Ok(manifest),
        _ => Err(out.into_error(path, text)),
    }
}

/// Reads and checks `text`.
///
/// `facts` are cargo's; empty where there is no cargo workspace. `sources` are the paths of all source files (tracked and unignored),
/// relative to the project, with `/`: from it come the default files of archives, and declared files are looked for in it.
///
/// # Errors
/// All independent ones at once, in the order of the text.
pub fn read(path: &str, text: &str, facts: &CargoFacts, sources: &BTreeSet<String>) -> Result<Project, ManifestError> {
    read_at(path, text, facts, sources, None)
}

/// As [`read`], for a project whose `version.source` says `version`.
///
/// # Errors
/// As [`read`].
pub fn read_at(
    path: &str,
    text: &str,
    facts: &CargoFacts,
    sources: &BTreeSet<String>,
    version: Option<&semver::Version>,
) -> Result<Project, ManifestError> {
    let mut out = Diagnostics::default();
    let Some(mut manifest) = decode::decode(text, &mut out) else {
        return Err(out.into_error(path, text));
    };
    out.reading_is_over();
    if let (Some(table), Some(version)) = (&manifest.versions, version) {
        let span = table.source.as_ref().map_or(&table.span, |source| &source.file.span).clone();
        manifest.version = Some(Written { value: version.to_string(), span });
    }
    match check::check(&manifest, facts, sources, &mut out) {
        Some(project) if out.is_empty() => Ok(project),
        _ => Err(out.into_error(path, text)),
    }
}

/// Where the version stands, for a manifest with a `[version]` table; nothing else of the manifest is looked at.
///
/// # Errors
/// Everything that is wrong with that table.
pub fn version_spec(path: &str, text: &str, manifest: &Manifest) -> Result<Option<VersionSpec>, ManifestError> {
    let mut out = Diagnostics::default();
    let spec = manifest.versions.as_ref().map(|table| check::versions(table, &mut out));
    match spec {
        None => Ok(None),
        Some(Some(spec)) if out.is_empty() => Ok(Some(spec)),
        Some(_) => Err(out.into_error(path, text)),
    }
}

/// Where roots come from, as far as the tables of that are right; nothing else of the manifest is looked at.
pub fn root_sources(manifest: &Manifest) -> BTreeMap<RootName, plimsoll_roots::RootSource> {
    check::root_sources(manifest, &mut Diagnostics::default())
}

#[cfg(test)]
mod tests;
