//! Every place where the version stands, as it is. Reads files; writes none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure};
use semver::Version;

use super::cargo::Workspace;
use super::format::{Format, Own, cargo_pins};
use super::packages;
use super::path::folder;
use super::place::Place;
use super::spec::{Reading, VersionFile, VersionSpec};
use plimsoll_exec::git;
use plimsoll_exec::launcher::Launcher;

/// Greatest size of a file that is read; lock files of real projects have a tenth of it.
const GREATEST: u64 = 32 << 20;

/// Why a file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It is the source.
    Source,
    /// It is listed as a copy.
    Copy,
    /// It was found beside a listed file.
    Found,
}

/// One file with its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surveyed {
    /// Relative to the project, with `/`.
    pub path: String,
    /// Why it is looked at.
    pub role: Role,
    /// What stands in it.
    pub text: String,
    /// Its places, in the order of the text.
    pub places: Vec<Place>,
    readings: Vec<Reading>,
}

/// All files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// The version that the source says.
    pub version: Version,
    /// The source first, then copies in the order of the manifest, then what was found beside them.
    pub files: Vec<Surveyed>,
    own: Own,
}

impl Survey {
    /// Reads everything that `spec` names in `root`, which is canonical.
    ///
    /// # Errors
    /// Where a file cannot be read as what it is, has another number of places than it must, or the source says no version.
    pub fn read(root: &Path, spec: &VersionSpec, launcher: &Launcher) -> Result<Self, Failure> {
        let listed = std::iter::once(&spec.source).chain(&spec.copies).collect::<Vec<_>>();
        let mut texts = BTreeMap::new();
        for file in &listed {
            if !texts.contains_key(&file.file) {
                texts.insert(file.file.clone(), read(root, &file.file)?);
            }
        }
        let base = packages::base(root);
        let workspaces = workspaces(root, &base, &listed, launcher)?;
        let mut own = packages::own(root, &base, &listed, &texts, &workspaces)?;
        let others = packages::of_others(root, &base, &workspaces, &mut own, launcher)?;
        let mut files = Vec::<Surveyed>::new();
        for (at, file) in listed.iter().enumerate() {
            let text = &texts[&file.file];
            let places = listed_places(file, text, &own)?;
            match files.iter_mut().find(|known| known.path == file.file) {
                Some(known) => {
                    known.places.extend(places);
                    known.places.sort_by_key(Place::offset);
                    known.readings.push(file.reading.clone());
                }
                None => files.push(Surveyed {
                    path: file.file.clone(),
                    role: if at == 0 { Role::Source } else { Role::Copy },
                    text: text.clone(),
                    places,
                    readings: vec![file.reading.clone()],
                }),
            }
        }
        let strangers = others.iter().cloned().collect::<BTreeSet<_>>();
        for (path, format) in beside(root, &listed, &workspaces, others, &own) {
            if files.iter().any(|file| file.path == path) {
                continue;
            }
            let text = read_within(root, &base, &path)?;
            let reading = Reading::Known(format);
            let places = match places(&path, &text, &reading, &own, Role::Found) {
                // A template, or a fixture that is broken on purpose: no crate that cargo could build either.
                Err(_) if strangers.contains(&path) => continue,
                places => places?,
            };
            if !places.is_empty() {
                files.push(Surveyed { path, role: Role::Found, text, places, readings: vec![reading] });
            }
        }
        let version = source_version(&spec.source, &texts[&spec.source.file], &own)?;
        Ok(Self { version, files, own })
    }

    /// The names of the packages that carry the version.
    pub fn names(&self) -> Vec<String> {
        self.own.cargo.keys().chain(&self.own.python).chain(&self.own.npm).cloned().collect()
    }

    /// The places of `file` in another text of it.
    ///
    /// # Errors
    /// As [`Survey::read`].
    pub fn read_again(&self, file: &Surveyed, text: &str) -> Result<Vec<Place>, Failure> {
        let mut found = Vec::new();
        for reading in &file.readings {
            found.extend(places(&file.path, text, reading, &self.own, file.role)?);
        }
        found.sort_by_key(Place::offset);
        Ok(found)
    }

    /// Every place that does not say the source's version, in the order of the files.
    pub fn disagreements(&self) -> impl Iterator<Item = (&Surveyed, &Place)> {
        let all = self.files.iter().flat_map(|file| file.places.iter().map(move |place| (file, place)));
        all.filter(|(_, place)| !place.agrees(&self.version))
    }

    /// Whether every place says the source's version.
    ///
    /// # Errors
    /// The first that does not.
    pub fn agreement(&self) -> Result<(), Failure> {
        let mut disagreements = self.disagreements();
        let Some((file, place)) = disagreements.next() else { return Ok(()) };
        let wanted = place.saying(&self.version);
        let message = match (place.heard(), &wanted) {
            (_, Err(reason)) => format!("{}: {reason}", place.what),
            (Err(reason), Ok(wanted)) => format!("{} {reason}, and must be {wanted}", place.what),
            (Ok(_), Ok(wanted)) => format!("{} is {}, and must be {wanted}", place.what, place.text),
        };
        let mut failure = Failure::new(Class::NotProven, "version-differs", message)
            .about(format!("{}:{}", file.path, file.line(place)))
            .cause("source", format!("{} says {}", self.files.first().map_or("", |source| source.path.as_str()), self.version));
        let more = disagreements.count();
        if more > 0 {
            failure = failure.cause("also", format!("{more} more; `plimsoll version` shows them"));
        }
        Err(if wanted.is_ok() { failure.hint("`plimsoll version set` carries the source's version to every copy") } else { failure })
    }
}

impl Surveyed {
    /// The line of a place, from 1.
    pub fn line(&self, place: &Place) -> usize {
        self.text.get(..place.offset()).map_or(1, |before| before.matches('\n').count() + 1)
    }

    /// Whether it is cargo's lock file, whose order of packages cargo insists on.
    pub fn is_cargo_lock(&self) -> bool {
        self.readings.contains(&Reading::Known(Format::CargoLock))
    }
}

pub(super) fn about(path: &str, message: impl Into<String>) -> Failure {
    Failure::new(Class::NotProven, "version-file", message).about(path)
}

/// The text of a file of the project.
pub(super) fn read(root: &Path, path: &str) -> Result<String, Failure> {
    read_within(root, root, path)
}

/// The text of a file at a path relative to `root`, which lies in `base`; so must the file.
pub(super) fn read_within(root: &Path, base: &Path, path: &str) -> Result<String, Failure> {
    let real = real_path_within(root, base, path)?;
    if !real.is_file() {
        return Err(about(path, "is no plain file"));
    }
    let file = fs::File::open(&real).map_err(|error| Failure::io(&real, &error))?;
    let mut bytes = Vec::new();
    file.take(GREATEST + 1).read_to_end(&mut bytes).map_err(|error| Failure::io(&real, &error))?;
    if bytes.len() as u64 > GREATEST {
        return Err(about(path, format!("has more than {GREATEST} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| about(path, "is not UTF-8"))
}

/// Where a file of the project really lies; a link must not lead out of the project.
pub(super) fn real_path(root: &Path, path: &str) -> Result<PathBuf, Failure> {
    real_path_within(root, root, path)
}

fn real_path_within(root: &Path, base: &Path, path: &str) -> Result<PathBuf, Failure> {
    let named = root.join(path);
    let real = named.canonicalize().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            about(path, "the file is not there").hint("`[version]` in plimsoll.toml names it; take it out, or put the file back")
        }
        _ => Failure::io(&named, &error),
    })?;
    if !real.starts_with(base) {
        return Err(about(path, "is a link that leads out of the project"));
    }
    if real.strip_prefix(base).is_ok_and(git::lies_in_git) {
        return Err(about(path, "lies in a repository's own folder, which git alone writes"));
    }
    if !real.is_file() {
        return Err(about(path, "is no file"));
    }
    Ok(real)
}

fn places(path: &str, text: &str, reading: &Reading, own: &Own, role: Role) -> Result<Vec<Place>, Failure> {
    let found = match reading {
        // Another package's manifest: only what it requires of ours.
        Reading::Known(Format::CargoManifest) if role == Role::Found => cargo_pins(path, text, own),
        Reading::Known(format) => format.places(path, text, own),
        Reading::Pattern(pattern, dialect) => pattern.places(text, *dialect),
    };
    found.map_err(|message| about(path, message))
}

fn listed_places(file: &VersionFile, text: &str, own: &Own) -> Result<Vec<Place>, Failure> {
    let places = places(&file.file, text, &file.reading, own, Role::Copy)?;
    match file.count {
        Some(count) if places.len() != count => {
            let what = match &file.reading {
                Reading::Known(_) => format!("the version stands in {} places, and `count` says {count}", places.len()),
                Reading::Pattern(..) => format!("the pattern matches {}, and must match {}", times(places.len()), times(count)),
            };
            let found = places.iter().map(|place| format!("{} {}", place.what, place.text)).take(10).collect::<Vec<_>>();
            let failure = about(&file.file, what);
            return Err(if found.is_empty() { failure } else { failure.cause("found", found.join("\n")) });
        }
        None if places.is_empty() => {
            let wanted = match &file.reading {
                Reading::Known(format) => format.wanted(),
                Reading::Pattern(..) => "the pattern matches nothing",
            };
            return Err(about(&file.file, format!("the version was not found: {wanted}")));
        }
        _ => {}
    }
    Ok(places)
}

fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    }
}

/// The version of the source: its first place that is no pin. An empty answer is an error like any other that is no version.
fn source_version(source: &VersionFile, text: &str, own: &Own) -> Result<Version, Failure> {
    let places = places(&source.file, text, &source.reading, own, Role::Source)?;
    let Some(place) = places.iter().find(|place| !place.is_pin) else {
        return Err(
            about(&source.file, "the source holds no version of its own").hint("name the file that a person edits as `version.source`")
        );
    };
    place.heard().map_err(|reason| {
        let failure = about(&source.file, format!("the source of the version: {} {reason}", place.what));
        failure.hint("write the version there, as in 1.2.3")
    })
}

/// The cargo workspaces of listed manifests and lock files.
fn workspaces(root: &Path, base: &Path, listed: &[&VersionFile], launcher: &Launcher) -> Result<Vec<Workspace>, Failure> {
    let mut workspaces = Vec::<Workspace>::new();
    for file in listed {
        let is_cargo = matches!(file.reading, Reading::Known(Format::CargoManifest | Format::CargoLock));
        let folder = folder(&file.file);
        let known = |workspace: &Workspace| workspace.folder == folder || workspace.members.iter().any(|(_, path)| *path == file.file);
        if is_cargo && !workspaces.iter().any(known) {
            workspaces.extend(Workspace::ask(root, base, &root.join(folder), launcher)?);
        }
    }
    Ok(workspaces)
}

/// Files that move with listed ones: lock files, manifests of the same cargo workspace, and those `others` that depend on it.
fn beside(root: &Path, listed: &[&VersionFile], workspaces: &[Workspace], others: Vec<String>, own: &Own) -> Vec<(String, Format)> {
    let mut paths = others.into_iter().collect::<BTreeSet<_>>();
    for workspace in workspaces {
        paths.insert(workspace.lock());
        paths.extend(workspace.manifests());
    }
    for file in listed {
        let locks: &[&str] = match file.reading {
            Reading::Known(Format::Pyproject) => &["uv.lock"],
            Reading::Known(Format::PackageJson) => &["package-lock.json", "npm-shrinkwrap.json"],
            _ => &[],
        };
        for above in folders_above(folder(&file.file), own) {
            paths.extend(locks.iter().map(|lock| format!("{above}{lock}")));
        }
    }
    let there = paths.into_iter().filter(|path| root.join(path).is_file());
    there.filter_map(|path| Format::of(&path).map(|format| (path, format))).collect()
}

/// A folder and those that it lies in, up to the base.
fn folders_above(start: &str, own: &Own) -> Vec<String> {
    let mut folders = vec![start.to_owned()];
    let mut above = start;
    while !above.is_empty() {
        above = folder(above.trim_end_matches('/'));
        folders.push(above.to_owned());
    }
    let up = own.prefix.split('/').filter(|part| !part.is_empty()).count();
    folders.extend((1..=up).map(|steps| "../".repeat(steps)));
    folders
}
