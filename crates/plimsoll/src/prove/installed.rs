//! An artifact as a user has it after installing: unpacked, by the same code that users fetch it with.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use plimsoll_fetch::Fetched;
use plimsoll_fetch::unpack::{Format, Limits, Unpacked};
use plimsoll_inspect::inspect;
use plimsoll_model::{Class, Failure};
use plimsoll_store::Store;
use tempfile::TempDir;

use super::given::GivenFolder;
use super::{Subject, Trying};
use plimsoll_roots::Placement;

/// An installed artifact in a temporary folder.
#[derive(Debug)]
pub struct Installed {
    _folder: TempDir,
    path: PathBuf,
    programs: Vec<PathBuf>,
    given: Option<GivenFolder>,
}

/// Below the temporary folder; with a space, because users have them.
pub(super) const FOLDER: &str = "installed here";

impl Installed {
    /// Brings the bytes out of the store, checked, and unpacks them.
    ///
    /// # Errors
    /// If the bytes are damaged, or the archive is not one that a careful consumer accepts.
    pub fn unpack(store: &Store, subject: Subject<'_>, binaries: &[String]) -> Result<Self, Failure> {
        let download = store.temporary_folder().map_err(Failure::from)?;
        let file = download.path().join(subject.artifact.file_name.as_str());
        store.materialise(subject.digest, &file, 0o644).map_err(Failure::from)?;
        let folder = store.temporary_folder().map_err(Failure::from)?;
        let reader = File::open(&file).map_err(|error| Failure::io(&file, &error))?;
        let path = folder.path().join(FOLDER);
        let unpacked = unpack(subject, binaries, reader, &path)?;
        // As a consumer places it: what one folder holds is put down without it.
        let (path, paths) = match &unpacked.root {
            Some(root) => {
                (path.join(root), unpacked.files.iter().filter_map(|file| file.strip_prefix(root).ok()).map(Path::to_owned).collect())
            }
            None => (path, unpacked.files),
        };
        Ok(Self { programs: program_folders(subject, binaries, &paths), path, _folder: folder, given: None })
    }

    /// Several artifacts beside each other, each in a folder of its name.
    ///
    /// # Errors
    /// If one cannot be put there.
    pub(crate) fn together(store: &Store, parts: Vec<(String, Self)>) -> Result<Self, Failure> {
        let folder = store.temporary_folder().map_err(Failure::from)?;
        let path = folder.path().join(FOLDER);
        fs::create_dir_all(&path).map_err(|error| Failure::io(&path, &error))?;
        let mut programs = Vec::new();
        for (name, part) in parts {
            let place = path.join(&name);
            if place.exists() {
                return Err(Failure::new(Class::Usage, "plan", format!("two artifacts called `{name}` cannot be installed together")));
            }
            fs::rename(&part.path, &place).map_err(|error| Failure::io(&place, &error))?;
            programs.extend(part.programs.iter().map(|folder| Path::new(&name).join(folder)));
        }
        Ok(Self { path, programs, _folder: folder, given: None })
    }

    /// What was laid out for a kind of its own.
    pub fn laid_out(folder: TempDir) -> Self {
        Self { path: folder.path().join(FOLDER), programs: Vec::new(), _folder: folder, given: None }
    }

    /// What a consumer fetched below `place`.
    pub fn fetched(place: TempDir, fetched: &Fetched) -> Self {
        let inside = fetched.programs.iter().filter_map(|program| program.parent()?.strip_prefix(&fetched.folder).ok());
        let mut programs = inside.map(Path::to_owned).collect::<Vec<_>>();
        programs.dedup();
        Self { _folder: place, path: fetched.folder.clone(), programs, given: None }
    }

    /// The same, with what the trial is given besides.
    pub(super) fn beside(self, given: Option<GivenFolder>) -> Self {
        Self { given, ..self }
    }

    /// The loader that each shipped program names; none for a static one. What cannot be read names none.
    pub(crate) fn loaders(&self, trying: Trying<'_>) -> Vec<Option<String>> {
        let names = trying.subjects.iter().flat_map(|subject| file_names(*subject, trying.binaries(*subject))).collect::<Vec<_>>();
        let places = names.iter().flat_map(|name| self.programs.iter().map(move |folder| self.path.join(folder).join(name)));
        let facts = places.filter_map(|path| inspect(&fs::read(path).ok()?).ok());
        facts.map(|facts| facts.interpreter).collect()
    }

    /// Where steps find it.
    pub fn placement(&self) -> Placement<'_> {
        Placement { installed: &self.path, programs: &self.programs, given: self.given.as_ref().map(GivenFolder::path) }
    }
}

/// The files of programs, as the artifact's target names them.
fn file_names(subject: Subject<'_>, binaries: &[String]) -> Vec<String> {
    let suffix = subject.artifact.fits.one().map(plimsoll_model::Target::executable_suffix).unwrap_or_default();
    binaries.iter().map(|name| format!("{name}{suffix}")).collect()
}

/// Folders of the shipped programs, relative to the installation.
fn program_folders(subject: Subject<'_>, binaries: &[String], paths: &[PathBuf]) -> Vec<PathBuf> {
    let names = file_names(subject, binaries);
    let programs = paths.iter().filter(|path| path.file_name().is_some_and(|file| names.iter().any(|name| file == name.as_str())));
    let mut folders = programs.filter_map(|path| path.parent().map(Path::to_owned)).collect::<Vec<_>>();
    folders.sort();
    folders.dedup();
    folders
}

fn unpack(subject: Subject<'_>, binaries: &[String], reader: File, destination: &Path) -> Result<Unpacked, Failure> {
    let refused =
        |error: &dyn std::error::Error| Failure::from_error(Class::NotProven, "not-installable", error).about(subject.id.to_string());
    let Subject { artifact, .. } = subject;
    let format =
        Format::named(&artifact.kind.name(), artifact.kind.container(), binaries, &artifact.file_name).map_err(|error| refused(&error))?;
    let unpacked = plimsoll_fetch::unpack::unpack(reader, &format, destination, &Limits::default());
    unpacked.map_err(|error| refused(&error))
}
