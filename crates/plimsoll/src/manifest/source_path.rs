//! Paths of sources by their words alone, with `/` and relative to one folder, which is the empty path.

/// A path relative to a folder that it lies in; none if it lies elsewhere.
pub(crate) fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

/// A path inside of a folder.
pub(crate) fn join(folder: &str, inside: &str) -> String {
    [folder, inside].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

/// A path as cargo has it, relative to `folder`; none if it leads out of what all paths are relative to.
pub(crate) fn resolve(folder: &str, path: &str) -> Option<String> {
    let mut parts = folder.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
