//! The rule for names of members, the same as for paths in what plimsoll packs.

use super::error::{LinkProblem, NameProblem, UnpackError, shown};

/// The longest path, in bytes: `PATH_MAX` of macOS, the least of the systems served.
const MAX_PATH: usize = 1024;
/// The longest component, in bytes: `NAME_MAX` of common file systems.
const MAX_COMPONENT: usize = 255;

/// A member's path: components separated by `/`; `.` components, which tar writes in front, are left out. Empty for the root itself.
pub(super) fn member_path(bytes: &[u8]) -> Result<String, UnpackError> {
    let refused = |problem| UnpackError::name(bytes, problem);
    if bytes.is_empty() {
        return Err(refused(NameProblem::Empty));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| refused(NameProblem::NotText))?;
    let problem = if text.starts_with('/') {
        Some(NameProblem::Absolute)
    } else if text.contains('\\') {
        Some(NameProblem::Backslash)
    } else if text.chars().any(char::is_control) {
        Some(NameProblem::Control)
    } else if text.len() > MAX_PATH {
        Some(NameProblem::Long)
    } else {
        text.split('/').find_map(component_problem)
    };
    match problem {
        Some(problem) => Err(refused(problem)),
        None => Ok(text.split('/').filter(|component| *component != ".").collect::<Vec<_>>().join("/")),
    }
}

fn component_problem(component: &str) -> Option<NameProblem> {
    let bytes = component.as_bytes();
    match component {
        "" => Some(NameProblem::EmptyComponent),
        ".." => Some(NameProblem::Climbs),
        _ if bytes.len() > MAX_COMPONENT => Some(NameProblem::Long),
        _ if bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' => Some(NameProblem::Drive),
        _ => None,
    }
}

/// Where a symbolic link at `path` leads, as a path from the root, and each folder that the way passes.
///
/// The way is followed by its text alone, so the caller must refuse one that passes another link.
pub(super) fn link_way(path: &str, target: &[u8]) -> Result<Vec<String>, UnpackError> {
    let refused = |problem| UnpackError::Link { path: path.to_owned(), target: shown(target), problem };
    let text = std::str::from_utf8(target).map_err(|_| refused(LinkProblem::NotPlain))?;
    if text.starts_with('/') {
        return Err(refused(LinkProblem::Absolute));
    }
    if text.is_empty() || text.len() > MAX_PATH || text.contains('\\') || text.chars().any(char::is_control) {
        return Err(refused(LinkProblem::NotPlain));
    }
    let mut at = path.split('/').collect::<Vec<_>>();
    at.pop();
    let mut way = Vec::new();
    for component in text.trim_end_matches('/').split('/') {
        match component_problem(component) {
            _ if component == "." => continue,
            None => at.push(component),
            Some(NameProblem::Climbs) => {
                at.pop().ok_or_else(|| refused(LinkProblem::Leaves))?;
            }
            Some(_) => return Err(refused(LinkProblem::NotPlain)),
        }
        way.push(at.join("/"));
    }
    Ok(way)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(name: &[u8]) -> NameProblem {
        match member_path(name) {
            Err(UnpackError::Name { problem, .. }) => problem,
            other => panic!("{name:?}: {other:?}"),
        }
    }

    #[test]
    fn every_trick_has_its_problem() {
        for (name, expected) in [
            (b"".as_slice(), NameProblem::Empty),
            (b"/etc/passwd", NameProblem::Absolute),
            (b"a/../../b", NameProblem::Climbs),
            (b"..", NameProblem::Climbs),
            (b"a//b", NameProblem::EmptyComponent),
            (b"a/", NameProblem::EmptyComponent),
            (b"a\\b", NameProblem::Backslash),
            (b"C:/x", NameProblem::Drive),
            (b"a/c:x", NameProblem::Drive),
            (b"a\nb", NameProblem::Control),
            (b"a\0b", NameProblem::Control),
            (b"a\xc2\x9bb", NameProblem::Control),
            (b"a\xff", NameProblem::NotText),
        ] {
            assert_eq!(problem(name), expected, "{name:?}");
        }
        assert_eq!(problem(&[b'a'; 256]), NameProblem::Long);
        assert_eq!(problem("a/".repeat(600).as_bytes()), NameProblem::Long);
        assert_eq!(member_path(b"./a/./b").unwrap(), "a/b");
        assert_eq!(member_path("Foo::Bar é".as_bytes()).unwrap(), "Foo::Bar é");
        assert_eq!(member_path(b".").unwrap(), "");
    }

    #[test]
    fn links_are_followed_by_their_text() {
        assert_eq!(link_way("a/b/link", b"../c/d").unwrap(), ["a", "a/c", "a/c/d"]);
        assert_eq!(link_way("link", b"./x").unwrap(), ["x"]);
        for target in [b"..".as_slice(), b"x/../../y", b"/x", b"", b"a\\b", b"a//b", b"\xff", b"c:/x", b"a\nb"] {
            assert!(link_way("link", target).is_err(), "{target:?}");
        }
        assert_eq!(link_way("a/link", b"..").unwrap(), [""]);
    }
}
