//! The programs that a release declares for an artifact, as they lie in the unpacked folder: each must be there and be one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_model::{ReleasedArtifact, Target};

use crate::kinds::Known;
use crate::platform;

/// What an archive lacks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("lacks the program `{name}` that the release declares{}", .found.as_ref().map_or_else(String::new, |(path, what)| format!(": {} {what}", path.display())))]
pub struct LacksProgram {
    /// The program.
    pub name: String,
    /// What there is of that name, and why it is none.
    pub found: Option<(PathBuf, &'static str)>,
}

/// Paths below `folder` of all files that are declared programs, in the order of `files`, which are the files and links there.
pub(crate) fn programs(folder: &Path, files: &[PathBuf], artifact: &ReleasedArtifact) -> Result<Vec<PathBuf>, LacksProgram> {
    if Known::named(&artifact.kind).is_some_and(|kind| !kind.holds_programs()) {
        return Ok(Vec::new());
    }
    let suffix = artifact.target.as_ref().map(Target::executable_suffix).unwrap_or_default();
    let mut wanted = artifact.binaries.iter().map(|name| (name.as_str(), Found::Nothing)).collect::<BTreeMap<_, _>>();
    let mut programs = Vec::new();
    for file in files {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let declared = if wanted.contains_key(name) { name } else { name.strip_suffix(suffix).unwrap_or(name) };
        let Some(found) = wanted.get_mut(declared) else { continue };
        match (flaw(&folder.join(file), !suffix.is_empty()), &found) {
            (None, _) => {
                *found = Found::Program;
                programs.push(file.clone());
            }
            (Some(what), Found::Nothing) => *found = Found::Other(file.clone(), what),
            (Some(_), Found::Other(..) | Found::Program) => {}
        }
    }
    for (name, found) in wanted {
        match found {
            Found::Program => {}
            Found::Nothing => return Err(LacksProgram { name: name.to_owned(), found: None }),
            Found::Other(path, what) => return Err(LacksProgram { name: name.to_owned(), found: Some((path, what)) }),
        }
    }
    Ok(programs)
}

/// What there is of a program's name.
enum Found {
    Nothing,
    /// Something that is none.
    Other(PathBuf, &'static str),
    Program,
}

/// Why a file or link is no program. Links may be followed here: each was held against the folder when it was unpacked.
fn flaw(path: &Path, of_windows: bool) -> Option<&'static str> {
    match fs::metadata(path) {
        Err(_) => Some("is a link that leads to no file"),
        Ok(data) if !data.is_file() => Some("is no file"),
        Ok(data) if data.len() == 0 => Some("is empty"),
        Ok(data) if !of_windows && !platform::is_executable(&data) => Some("is not executable"),
        Ok(_) => None,
    }
}
