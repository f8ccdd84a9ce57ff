//! Paths relative to the project, with `/`; those of a workspace around it begin with `../`. Pure.

use std::path::{Component, Path};

/// The folder of a file, with `/` at its end unless it is the project itself.
pub(super) fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..=at])
}

/// Where `path` leads from `folder`, without a `/` at its end; none where it is absolute.
pub(super) fn joined(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts = Vec::new();
    for part in folder.split('/').chain(path.split(['/', '\\'])) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}

/// How `path` is called from `root`; both are canonical. None where a name is not UTF-8.
pub(super) fn relative(root: &Path, path: &Path) -> Option<String> {
    let (from, to) = (root.components().collect::<Vec<_>>(), path.components().collect::<Vec<_>>());
    let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = from[shared..].iter().map(|_| Some(".."));
    let down = to[shared..].iter().map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    Some(up.chain(down).collect::<Option<Vec<_>>>()?.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_up_and_down() {
        for (folder, path, to) in [
            ("", "core", "core"),
            ("app/", "../v1", "v1"),
            ("app/", "./x/", "app/x"),
            ("", "../core", "../core"),
            ("../x/", "../core", "../core"),
            ("a/b/", "../..", ""),
        ] {
            assert_eq!(joined(folder, path).as_deref(), Some(to), "{folder} {path}");
        }
        assert_eq!(joined("", "/x"), None);
        assert_eq!((folder("a/b/c"), folder("c")), ("a/b/", ""));
        for (root, path, to) in [("/a", "/a", ""), ("/a", "/a/b/c", "b/c"), ("/a/b", "/a/c", "../c"), ("/a/b", "/a", "..")] {
            assert_eq!(relative(Path::new(root), Path::new(path)).as_deref(), Some(to));
        }
    }
}
