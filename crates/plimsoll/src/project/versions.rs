//! Where the version stands in a project that does not say so: in the manifests of the cargo packages that it ships.

use std::collections::BTreeSet;
use std::path::Path;

use plimsoll_model::{Class, Failure};

use super::{CargoFolder, Workspaces};
use crate::manifest::{Manifest, PackageFacts};
use plimsoll_exec::launcher::Launcher;
use plimsoll_version::{Format, Reading, TagForm, VersionFile, VersionSpec};

/// The files of the packages that `written` ships, or of all that have programs if it names none; Cargo.lock beside them is kept in step as ever.
///
/// # Errors
/// Class usage if no package of the project gives a version, or if they have versions of their own.
pub fn version_spec(root: &Path, written: &Manifest, launcher: &Launcher) -> Result<VersionSpec, Failure> {
    let workspaces = Workspaces::ask(root, &written.core_paths(), launcher)?;
    let all =
        workspaces.all().flat_map(|folder| folder.cargo.facts.packages.iter().map(move |package| (folder, package))).collect::<Vec<_>>();
    let shipped = shipped(&all, written);
    let versions = shipped.iter().map(|(_, package)| &package.version).collect::<BTreeSet<_>>();
    if versions.len() > 1 {
        let list = shipped.iter().map(|(_, package)| format!("{} {}", package.name, package.version)).collect::<Vec<_>>().join(", ");
        return Err(unclear(format!("the packages have versions of their own: {list}")));
    }
    let file = |(folder, package): &(&CargoFolder, &PackageFacts)| {
        let workspace = folder.cargo.workspace.as_deref().unwrap_or(root);
        plimsoll_version::source_of_package(root, workspace, &workspace.join(&package.folder))
    };
    let mut files = Vec::<String>::new();
    for file in shipped.iter().filter_map(file) {
        if !files.contains(&file) {
            files.push(file);
        }
    }
    // What lies at the top is what a person edits.
    files.sort_by_key(|file| file.matches('/').count());
    let mut files = files.into_iter().map(|file| VersionFile { file, reading: Reading::Known(Format::CargoManifest), count: None });
    let source = files.next().ok_or_else(|| unclear("no cargo package of the project gives a version".to_owned()))?;
    Ok(VersionSpec { source, copies: files.collect(), tag: TagForm::default(), changelog: None, maintainer: None, line: Vec::new() })
}

/// The packages that the manifest names as cores or artifacts; else those with programs, what cannot be published left out if anything else is there; else
/// all.
fn shipped<'w>(all: &[(&'w CargoFolder, &'w PackageFacts)], written: &Manifest) -> Vec<(&'w CargoFolder, &'w PackageFacts)> {
    let cores =
        written.core.iter().map(|(name, table)| table.package.as_ref().map_or(name.value.as_str(), |package| package.value.as_str()));
    let artifacts = written.artifacts.iter().map(|table| table.core.as_ref().map_or(table.name.value.as_str(), |core| core.value.as_str()));
    let named = cores.chain(artifacts).collect::<BTreeSet<_>>();
    let choices: [&dyn Fn(&PackageFacts) -> bool; 3] =
        [&|package| named.contains(package.name.as_str()), &|package| !package.binaries.is_empty() && !package.is_private, &|package| {
            !package.binaries.is_empty()
        }];
    let chosen = choices.into_iter().map(|is| all.iter().copied().filter(|(_, package)| is(package)).collect::<Vec<_>>());
    chosen.into_iter().find(|chosen| !chosen.is_empty()).unwrap_or_else(|| all.to_vec())
}

fn unclear(why: String) -> Failure {
    Failure::new(Class::Usage, "no-version-table", why)
        .hint("add [version] to plimsoll.toml with source = \"FILE\" and copies = [\"FILE\", …]; see docs/version.md")
}
