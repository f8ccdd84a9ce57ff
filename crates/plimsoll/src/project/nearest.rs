//! The manifest that holds for a folder: its own, or that of the project which the folder is a part of, as cargo looks for a workspace.

use std::path::{Path, PathBuf};

use crate::manifest::FILE_NAME;
use plimsoll_store::plain_file;

/// The folder of the manifest that holds for `here`: the nearest one upwards, if that lies in the same repository or in the same cargo workspace; else
/// `here` itself.
pub fn nearest(here: &Path) -> PathBuf {
    let own = here.to_owned();
    let Ok(start) = here.canonicalize() else { return own };
    for folder in start.ancestors() {
        if folder.join(FILE_NAME).is_file() {
            let is_of_all = folder != start && is_bounded(folder) && !excludes(folder, &start);
            return if is_of_all { folder.to_owned() } else { own };
        }
        // Above a repository, and above a workspace, lies somebody else's project.
        if folder.join(".git").exists() || is_workspace(folder) {
            return own;
        }
    }
    own
}

/// Whether a folder is a workspace, or lies in a repository: a manifest that merely lies somewhere above is nobody's.
fn is_bounded(folder: &Path) -> bool {
    is_workspace(folder) || folder.ancestors().any(|above| above.join(".git").exists())
}

/// What Cargo.toml says of its workspace.
fn workspace(folder: &Path) -> Option<toml::Table> {
    let text = plain_file::read_text(&folder.join("Cargo.toml")).ok()?;
    text.parse::<toml::Table>().ok()?.get("workspace")?.as_table().cloned()
}

fn is_workspace(folder: &Path) -> bool {
    workspace(folder).is_some()
}

/// Whether the workspace in `folder` leaves `below` out: then that is a project of its own.
fn excludes(folder: &Path, below: &Path) -> bool {
    let Some(table) = workspace(folder) else { return false };
    let names = table.get("exclude").and_then(toml::Value::as_array).into_iter().flatten().filter_map(toml::Value::as_str);
    names.map(|name| folder.join(name)).any(|excluded| below.starts_with(excluded.components().collect::<PathBuf>()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn place(files: &[(&str, &str)]) -> tempfile::TempDir {
        let place = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = place.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        place
    }

    fn found(place: &tempfile::TempDir, here: &str) -> String {
        let top = place.path().canonicalize().unwrap();
        let found = nearest(&top.join(here));
        found.strip_prefix(&top).unwrap().display().to_string()
    }

    #[test]
    fn a_member_has_the_manifest_of_its_workspace() {
        let workspace = "[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"./apart\"]\n";
        let place = place(&[
            ("w/plimsoll.toml", ""),
            ("w/Cargo.toml", workspace),
            ("w/crates/a/src/main.rs", ""),
            ("w/crates/own/plimsoll.toml", ""),
            ("w/apart/Cargo.toml", "[package]\n"),
            ("w/other/Cargo.toml", "[workspace]\n"),
        ]);
        for (here, manifest) in
            [("w/crates/a/src", "w"), ("w", "w"), ("w/crates/own", "w/crates/own"), ("w/apart", "w/apart"), ("w/other", "w/other")]
        {
            assert_eq!(found(&place, here), manifest, "{here}");
        }
    }

    #[test]
    fn nothing_is_taken_from_above_a_repository_or_from_nowhere() {
        let place = place(&[
            ("plimsoll.toml", ""),
            ("loose/x", ""),
            ("r/.git/HEAD", ""),
            ("r/a/x", ""),
            ("s/.git/HEAD", ""),
            ("s/plimsoll.toml", ""),
            ("s/a/x", ""),
        ]);
        for (here, manifest) in [("loose", "loose"), ("r/a", "r/a"), ("s/a", "s")] {
            assert_eq!(found(&place, here), manifest, "{here}");
        }
    }
}
