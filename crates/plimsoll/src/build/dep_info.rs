//! Dep-info: the files that a program was compiled from, as cargo writes them beside it (`rg.d`).
//!
//! A path outside of what the key covers means that the same key could give other bytes: such a result is not remembered.

use std::path::{Path, PathBuf};

/// Paths that a dep-info file names, in order. The form is that of make: `output: path path`, with blanks escaped by a backslash.
pub fn paths(text: &str) -> Vec<PathBuf> {
    let Some(line) = text.lines().find(|line| !line.is_empty() && !line.starts_with('#')) else { return Vec::new() };
    let Some(at) = line.find(": ") else { return Vec::new() };
    let mut paths = Vec::new();
    let mut current = String::new();
    let mut characters = line[at + 2..].chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.peek() == Some(&' ') => current.extend(characters.next()),
            ' ' => push(&mut paths, &mut current),
            other => current.push(other),
        }
    }
    push(&mut paths, &mut current);
    paths
}

fn push(paths: &mut Vec<PathBuf>, current: &mut String) {
    if !current.is_empty() {
        paths.push(PathBuf::from(std::mem::take(current)));
    }
}

/// The first path that lies in none of `covered`; relative ones are the project's own.
pub fn first_outside<'a>(paths: &'a [PathBuf], covered: &[&Path]) -> Option<&'a PathBuf> {
    paths.iter().find(|path| path.is_absolute() && !covered.iter().any(|folder| path.starts_with(folder)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_blanks_belong_to_the_path() {
        let found = paths("/t/rg: /src/a\\ b.rs /src/c.rs\n\n/src/c.rs:\n");
        assert_eq!(found, [PathBuf::from("/src/a b.rs"), PathBuf::from("/src/c.rs")]);
        assert!(paths("").is_empty() && paths("no colon").is_empty());
    }

    #[test]
    fn a_file_of_the_host_is_outside() {
        let found = paths("/t/rg: /plimsoll/src/main.rs src/lib.rs /etc/hostname");
        assert_eq!(first_outside(&found, &[Path::new("/plimsoll/src")]), Some(&PathBuf::from("/etc/hostname")));
    }
}
