//! What a wheel holds, in the order in which it holds it: modules and programs, then metadata, and the list of all last.
//!
//! The tree has everything but what is written here: modules at its root, programs in `NAME-VERSION.data/scripts/`, licences in
//! `NAME-VERSION.dist-info/licenses/`.

use std::collections::BTreeSet;

use plimsoll_model::Digest;

use super::record::Record;
use super::spec::WheelSpec;
use super::{WheelProblem, metadata};
use crate::blobs::FileEntry;
use crate::error::PackError;
use crate::tree::{Entry, Mode, Naming, Tree, TreePath};
use crate::zip::ZipMember;

/// A file that is written here: path and text.
pub(super) type Written = (String, String);

/// The files that describe the wheel, sorted, without `RECORD`.
pub(super) fn written(spec: &WheelSpec) -> Vec<Written> {
    let (dist_info, description) = (spec.name().dist_info(), spec.description());
    let mut files =
        vec![(format!("{dist_info}/METADATA"), description.metadata.clone()), (format!("{dist_info}/WHEEL"), metadata::wheel(spec.name()))];
    if !description.entry_points.is_empty() {
        files.push((format!("{dist_info}/entry_points.txt"), description.entry_points.clone()));
    }
    files
}

/// The path of the list of all files.
fn record_path(spec: &WheelSpec) -> String {
    format!("{}/RECORD", spec.name().dist_info())
}

/// All names, in order.
pub(super) fn names(spec: &WheelSpec, tree: &Tree) -> Vec<String> {
    let (modules, described) = parts(spec, tree);
    let mut described = described.into_iter().map(|(path, _)| path.to_string()).collect::<Vec<_>>();
    described.extend(written(spec).into_iter().map(|(path, _)| path));
    described.sort();
    modules.into_iter().map(|(path, _)| path.to_string()).chain(described).chain([record_path(spec)]).collect()
}

type Entries<'t> = Vec<(&'t TreePath, &'t Entry)>;

/// What lies outside of the folder of metadata, and what in it.
fn parts<'t>(spec: &WheelSpec, tree: &'t Tree) -> (Entries<'t>, Entries<'t>) {
    let folder = format!("{}/", spec.name().dist_info());
    tree.iter().partition(|(path, _)| !path.as_str().starts_with(&folder))
}

/// The text of `RECORD`.
pub(super) fn record(spec: &WheelSpec, members: &[(String, ZipMember<'_>)]) -> Written {
    let mut record = Record::default();
    for (path, member) in members {
        match member {
            ZipMember::File { file, .. } => record.add(path, &file.digest, file.size),
            ZipMember::Text(bytes) => record.add(path, &Digest::of(bytes), bytes.len() as u64),
            ZipMember::Folder => {}
        }
    }
    let path = record_path(spec);
    let text = record.finish(&path);
    (path, text)
}

/// All members but `RECORD`, in order. Folders have none: installers make those that they need.
pub(super) fn members<'t>(spec: &WheelSpec, tree: &'t Tree, written: &'t [Written]) -> Result<Vec<(String, ZipMember<'t>)>, PackError> {
    let member = |(path, entry): (&'t TreePath, &'t Entry)| match entry {
        &Entry::File { digest, size, mode } => Ok((path.to_string(), ZipMember::File { file: FileEntry { path, digest, size }, mode })),
        Entry::Symlink { .. } => Err(PackError::SymlinkInZip { file_name: spec.file_name().to_string(), path: path.clone() }),
    };
    let (modules, described) = parts(spec, tree);
    let mut members = modules.into_iter().map(member).collect::<Result<Vec<_>, _>>()?;
    let mut described = described.into_iter().map(member).collect::<Result<Vec<_>, _>>()?;
    described.extend(written.iter().map(|(path, text)| (path.clone(), ZipMember::Text(text.as_bytes()))));
    described.sort_by(|(one, _), (other, _)| one.cmp(other));
    members.extend(described);
    Ok(members)
}

/// What installers would get wrong, or an index refuse, is told here.
pub(super) fn check(spec: &WheelSpec, tree: &Tree) -> Result<(), PackError> {
    if tree.is_empty() {
        return Err(PackError::Empty { file_name: spec.file_name().to_string() });
    }
    Naming::of(spec.target(), None).check(tree)?;
    problem(spec, tree).map_err(|problem| PackError::Wheel { file_name: spec.file_name().to_string(), problem })
}

fn problem(spec: &WheelSpec, tree: &Tree) -> Result<(), WheelProblem> {
    let (data, dist_info) = (spec.name().data(), spec.name().dist_info());
    let mut licenses = spec.description().licenses.iter().map(|path| spec.license_path(path)).collect::<BTreeSet<_>>();
    for (path, entry) in tree {
        let mut parts = path.components();
        let (top, second) = (parts.next().unwrap_or_default(), parts.next());
        let lower = top.to_ascii_lowercase();
        if top == dist_info {
            if !licenses.remove(path.as_str()) {
                return Err(WheelProblem::Described { path: path.clone() });
            }
        } else if top == data {
            if second != Some("scripts") || parts.count() != 1 {
                return Err(WheelProblem::Data { path: path.clone(), folder: format!("{data}/scripts") });
            }
            program(spec, path, entry)?;
        } else if lower.ends_with(".dist-info") || lower.ends_with(".data") || lower.ends_with(".egg-info") {
            return Err(WheelProblem::Foreign { path: path.clone() });
        }
    }
    match licenses.pop_first() {
        Some(path) => Err(WheelProblem::LicenseMissing { path }),
        None => Ok(()),
    }
}

/// A program must start, and be the only one of its name.
fn program(spec: &WheelSpec, path: &TreePath, entry: &Entry) -> Result<(), WheelProblem> {
    if matches!(entry, Entry::File { mode: Mode::Regular, .. }) {
        return Err(WheelProblem::NotExecutable { path: path.clone() });
    }
    // Installers write `NAME.exe` for a command on Windows.
    let stem = |name: &str| name.to_ascii_lowercase().trim_end_matches(".exe").to_owned();
    let own = stem(path.file_name());
    match spec.description().commands.iter().find(|command| stem(command) == own) {
        Some(command) => Err(WheelProblem::TwoCommands { program: path.file_name().to_owned(), command: command.clone() }),
        None => Ok(()),
    }
}
