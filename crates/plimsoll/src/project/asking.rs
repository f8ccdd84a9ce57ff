//! Who in a project asks git while it is built.

use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{Dependency, DependencyKind, Metadata, Package, TargetKind};
use plimsoll_model::plan::Compile;

use crate::build::asks_git;
use crate::manifest::Project;
use crate::sources::Sources;

/// Bytes beyond which a file is no script that a person wrote.
const GREATEST: u64 = 1 << 20;

/// Files that a build script is looked for in; those that it asks from are among the first.
pub(super) const MOST_TEXTS: usize = 1000;

/// The first of the packages that asks, as a sentence says it: `build.rs of app`.
pub(super) fn packages(metadata: &Metadata) -> Option<String> {
    let mut members = metadata.packages.iter().filter(|package| metadata.workspace_members.contains(&package.id));
    members.find_map(package)
}

fn package(package: &Package) -> Option<String> {
    let mut used = package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
    if let Some(dependency) = used.find(|dependency| asks_git::by_crate(&dependency.name)) {
        return Some(format!("{}, by its dependency {},", package.name, dependency.name));
    }
    let run = |kind: &TargetKind| matches!(kind, TargetKind::CustomBuild | TargetKind::ProcMacro);
    let roots = package.targets.iter().filter(|target| target.kind.iter().any(run)).map(|target| target.src_path.as_std_path());
    let folder = package.manifest_path.parent()?.as_std_path();
    if let Some(dependency) = package.dependencies.iter().find(|dependency| helps_to_ask(dependency)) {
        return Some(format!("{}, by its build dependency {},", package.name, dependency.name));
    }
    let script = |name: &str| read(&folder.join(name)).is_some_and(|text| asks_git::in_script(&text));
    let asks = |path: &PathBuf| read(path).is_some_and(|text| asks_git::in_rust(&text) || asks_git::called(&text).any(script));
    roots.flat_map(|root| texts_of(root, folder)).find(asks).map(|path| {
        let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        format!("{name} of {}", package.name)
    })
}

/// Whether a build dependency that lies beside the project does the asking.
fn helps_to_ask(dependency: &Dependency) -> bool {
    let Some(folder) = dependency.path.as_ref().filter(|_| dependency.kind == DependencyKind::Build) else { return false };
    let folder = folder.as_std_path();
    texts_of(&folder.join("src/lib.rs"), folder).iter().any(|path| read(path).is_some_and(|text| asks_git::in_rust(&text)))
}

/// The file of a build script or a macro, and those beside it that it may be made of. Beside a `build.rs` at the top lies all of the package,
/// of which only `build/` is likely.
fn texts_of(root: &Path, package: &Path) -> Vec<PathBuf> {
    let folder = root.parent().filter(|folder| *folder != package).map_or_else(|| package.join("build"), Path::to_owned);
    let walker = ignore::WalkBuilder::new(folder).standard_filters(false).max_depth(Some(4)).build();
    let beside = walker.flatten().map(ignore::DirEntry::into_path).filter(|path| path.extension().is_some_and(|suffix| suffix == "rs"));
    let mut texts = std::iter::once(root.to_owned()).chain(beside).collect::<Vec<_>>();
    let mut at = 0;
    while let Some(path) = texts.get(at).cloned().filter(|_| texts.len() < MOST_TEXTS) {
        let folder = path.parent().unwrap_or(package);
        let modules = read(&path).map(|text| asks_git::modules(&text)).unwrap_or_default();
        for module in modules.into_iter().map(|module| folder.join(module)) {
            if module.is_file() && !texts.contains(&module) {
                texts.push(module);
            }
        }
        at += 1;
    }
    texts
}

/// The first of the project's own commands that asks.
pub(super) fn commands(project: &Project, sources: &Sources) -> Option<String> {
    let texts = project.cores.values().filter_map(|core| match &core.compile {
        Compile::Command { command, .. } | Compile::File { command, .. } | Compile::Files { command } => Some(command),
        Compile::Cargo { .. } => None,
    });
    let texts = texts.collect::<Vec<_>>();
    if texts.is_empty() {
        return None;
    }
    if texts.iter().any(|text| asks_git::in_script(text)) {
        return Some("the project's own command".to_owned());
    }
    let mut files = sources.of_project().filter(|(name, file)| {
        let name = Path::new(name);
        asks_git::is_go(name) || (asks_git::is_script(name) && read(&file.from).is_some_and(|text| asks_git::in_script(&text)))
    });
    files.next().map(|(name, _)| name.to_owned())
}

pub(super) fn read(path: &Path) -> Option<String> {
    let is_small = fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= GREATEST);
    is_small.then(|| fs::read(path).ok()).flatten().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}
