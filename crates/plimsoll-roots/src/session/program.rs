//! The program of an artifact that a probe names.

use std::fs;
use std::path::{Component, Path, PathBuf};

use plimsoll_store::platform;

use super::Placement;

/// Entries of an artifact that are looked through for a program.
const MOST_ENTRIES: usize = 200_000;

/// The artifact's file that a probe's first word means: a path in it, a program in its folders, or else the one file of that name.
pub(super) fn find(placement: Placement<'_>, word: &str) -> Option<PathBuf> {
    let plain = Path::new(word).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !plain || word.is_empty() {
        return None;
    }
    let is_file = |path: &PathBuf| placement.installed.join(path).is_file();
    // Windows programs have a suffix that nobody types.
    let names = [word.to_owned(), format!("{word}.exe")];
    let places =
        names.iter().flat_map(|name| std::iter::once(PathBuf::from(name)).chain(placement.programs.iter().map(move |f| f.join(name))));
    places.into_iter().find(is_file).or_else(|| names.iter().find_map(|name| search(placement.installed, name)))
}

fn search(installed: &Path, name: &str) -> Option<PathBuf> {
    let mut level = vec![installed.to_owned()];
    let mut seen = 0;
    while !level.is_empty() && seen < MOST_ENTRIES {
        level.sort();
        let mut next = Vec::new();
        for entry in level.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten() {
            seen += 1;
            let Ok(data) = entry.path().symlink_metadata() else { continue };
            if data.is_dir() {
                next.push(entry.path());
            } else if data.is_file() && entry.file_name() == name && platform::is_program(&entry.path()) {
                return entry.path().strip_prefix(installed).ok().map(Path::to_owned);
            }
        }
        level = next;
    }
    None
}
