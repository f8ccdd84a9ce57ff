//! Which packages carry the project's version, and which others have the same names. Reads manifests; resolves nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_model::Failure;

use super::cargo::Workspace;
use super::format::{CargoFacts, Format, LockFacts, Own, cargo_facts};
use super::path::{folder, joined, relative};
use super::spec::{Reading, VersionFile};
use super::survey::{about, read_within};
use plimsoll_exec::git;
use plimsoll_exec::launcher::Launcher;

/// Lock files of other ecosystems, which may lie in the folder of a workspace around the project.
const LOCKS: [&str; 3] = ["uv.lock", "package-lock.json", "npm-shrinkwrap.json"];

/// The longest manifest that is read without being named.
const LONGEST: u64 = 1 << 20;

/// The folder in which a change of the project's version replaces files: that of the cargo workspace around it, or of a lock file, else its
/// own. No further up than the repository goes.
pub fn base(root: &Path) -> PathBuf {
    let (mut base, mut locked, mut has_workspace) = (root, None, false);
    for folder in root.ancestors() {
        if !has_workspace && read_facts(folder).is_some_and(|facts| facts.is_workspace) {
            (base, has_workspace) = (folder, true);
        }
        if locked.is_none() && LOCKS.iter().any(|name| folder.join(name).is_file()) {
            locked = Some(folder);
        }
        if folder.join(".git").exists() {
            base = locked.filter(|locked| base.starts_with(locked)).unwrap_or(base);
            break;
        }
    }
    base.to_owned()
}

/// What the manifest in a folder says; none where there is none that can be read.
fn read_facts(folder: &Path) -> Option<CargoFacts> {
    let path = folder.join("Cargo.toml");
    // Whatever else has that name might never end.
    let is_sane = path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LONGEST);
    if is_sane { cargo_facts(&fs::read_to_string(path).ok()?).ok() } else { None }
}

/// The packages whose version is the project's.
pub(super) fn own(
    root: &Path,
    base: &Path,
    listed: &[&VersionFile],
    texts: &BTreeMap<String, String>,
    workspaces: &[Workspace],
) -> Result<Own, Failure> {
    let mut own = Own { prefix: relative(base, root).unwrap_or_default(), ..Own::default() };
    for file in listed {
        let Reading::Known(format) = file.reading else { continue };
        let text = &texts[&file.file];
        if format == Format::CargoManifest {
            let facts = cargo_facts(text).map_err(|message| about(&file.file, message))?;
            if let (Some(name), Some(_)) = (facts.name, facts.version) {
                own.add_cargo(name, folder(&file.file));
            }
            continue;
        }
        let names = format.names(text).map_err(|message| about(&file.file, message))?;
        own.python.extend(names.python);
        own.npm.extend(names.npm);
    }
    for workspace in workspaces {
        let Some(manifest) = texts.get(&workspace.manifest()) else { continue };
        if cargo_facts(manifest).map_err(|message| about(&workspace.manifest(), message))?.gives.is_none() {
            continue;
        }
        for (name, path) in &workspace.members {
            let text = read_within(root, base, path)?;
            if cargo_facts(&text).map_err(|message| about(path, message))?.inherits {
                own.add_cargo(name.clone(), folder(path));
            }
        }
    }
    Ok(own)
}

/// Files of cargo in `base` that no listed workspace has and that hold an own package: manifests that depend on it by path, and their lock
/// files. What each lock file holds of own packages, and of others of their names, is put into `own`.
pub(super) fn of_others(
    root: &Path,
    base: &Path,
    workspaces: &[Workspace],
    own: &mut Own,
    launcher: &Launcher,
) -> Result<Vec<String>, Failure> {
    if own.cargo.is_empty() {
        return Ok(Vec::new());
    }
    let listed = git::named(base, root, &["Cargo.toml", "Cargo.lock"], launcher)?;
    let listed = listed.iter().filter_map(|path| relative(root, path)).collect::<Vec<_>>();
    let known = workspaces.iter().flat_map(Workspace::manifests).collect::<BTreeSet<_>>();
    let (manifests, mut locks) = listed.into_iter().partition::<Vec<_>, _>(|path| path.ends_with("Cargo.toml"));
    let manifests = manifests.into_iter().filter(|path| !known.contains(path)).collect::<Vec<_>>();
    locks.extend(workspaces.iter().map(Workspace::lock));
    locks.sort();
    locks.dedup();
    let mut packages = Packages::new(base, root, own);
    let placed = |path: &str| in_base(root, base, path);
    let mut found = Vec::new();
    for lock in &locks {
        let starts = match workspaces.iter().find(|workspace| workspace.lock() == *lock) {
            Some(workspace) => workspace.manifests(),
            None => manifests.iter().filter(|path| nearest(path, &locks, &placed) == Some(lock)).cloned().collect(),
        };
        let facts = packages.of_lock(lock, &starts);
        if !facts.own.is_empty() {
            found.push(lock.clone());
        }
        own.locks.insert(lock.clone(), facts);
    }
    // One that cannot be read is a template, or made to be broken.
    found.extend(manifests.into_iter().filter(|path| packages.facts(&root.join(folder(path))).is_some()));
    Ok(found)
}

/// The lock file that the package of a manifest is built with.
fn nearest<'l>(manifest: &str, locks: &'l [String], placed: &impl Fn(&str) -> String) -> Option<&'l String> {
    let manifest = placed(manifest);
    let holds = |lock: &&String| manifest.starts_with(folder(&placed(lock)));
    locks.iter().filter(holds).max_by_key(|lock| folder(&placed(lock)).len())
}

/// Manifests that were read, by their folders.
struct Packages {
    root: PathBuf,
    own: BTreeSet<PathBuf>,
    known: BTreeMap<PathBuf, Option<CargoFacts>>,
}

impl Packages {
    fn new(base: &Path, root: &Path, own: &Own) -> Self {
        let folders = own.cargo.values().flatten().filter_map(|folder| base.join(folder).canonicalize().ok());
        Self { root: root.to_owned(), own: folders.collect(), known: BTreeMap::new() }
    }

    /// The manifest in a folder; none where there is none that can be read.
    fn facts(&mut self, folder: &Path) -> Option<&CargoFacts> {
        self.known.entry(folder.to_owned()).or_insert_with(|| read_facts(folder)).as_ref()
    }

    /// The folder of the workspace that a package lies in.
    fn workspace(&mut self, folder: &Path) -> Option<PathBuf> {
        folder.ancestors().map(Path::to_owned).find(|folder| self.facts(folder).is_some_and(|facts| facts.is_workspace))
    }

    /// What a lock file holds of own packages and their namesakes: everything that is reached by paths from the packages of its workspace.
    fn of_lock(&mut self, lock: &str, manifests: &[String]) -> LockFacts {
        let top = self.root.join(folder(lock));
        let patched = self.facts(&top).map(|facts| facts.patched.clone()).unwrap_or_default();
        let mut waiting = patched.iter().map(|path| top.join(path)).collect::<Vec<_>>();
        waiting.extend(manifests.iter().map(|path| self.root.join(folder(path))));
        let (mut seen, mut lock) = (BTreeSet::new(), LockFacts::default());
        while let Some(folder) = waiting.pop().and_then(|folder| folder.canonicalize().ok().or(Some(folder))) {
            if !seen.insert(folder.clone()) {
                continue;
            }
            let Some(facts) = self.facts(&folder).cloned() else { continue };
            waiting.extend(facts.paths.iter().map(|path| folder.join(path)));
            let workspace = if facts.inherits || !facts.shared.is_empty() { self.workspace(&folder) } else { None };
            let above = workspace.as_deref().and_then(|workspace| self.facts(workspace)).cloned().unwrap_or_default();
            let offered = facts.shared.iter().filter_map(|key| above.offered.get(key));
            waiting.extend(offered.zip(std::iter::repeat(&workspace)).filter_map(|(path, workspace)| Some(workspace.as_ref()?.join(path))));
            let version = if facts.inherits { above.gives } else { facts.version };
            let Some(name) = facts.name else { continue };
            if self.own.contains(&folder) {
                lock.own.insert(name);
            } else {
                lock.others.insert((name, version.unwrap_or_else(|| "0.0.0".to_owned())));
            }
        }
        lock
    }
}

/// A path of `base` for one that is relative to the project at `root`, which lies in it.
pub(super) fn in_base(root: &Path, base: &Path, path: &str) -> String {
    relative(base, root).and_then(|project| joined(&project, path)).unwrap_or_else(|| path.to_owned())
}
