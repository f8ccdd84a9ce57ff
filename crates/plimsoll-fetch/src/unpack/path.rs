//! The rule for names of members, the same as for paths in what plimsoll packs.

use super::error::{NameProblem, UnpackError};

/// The longest path, in bytes: `PATH_MAX` of macOS, the least of the systems served.
pub(super) const MAX_PATH: usize = 1024;
/// The deepest path, in components. Each file costs a walk through all folders above it, and no artifact comes near.
const MAX_DEPTH: usize = 100;
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
        let deep = || (text.split('/').count() > MAX_DEPTH).then_some(NameProblem::Deep);
        text.split('/').find_map(component_problem).or_else(deep)
    };
    match problem {
        Some(problem) => Err(refused(problem)),
        None => Ok(text.split('/').filter(|component| *component != ".").collect::<Vec<_>>().join("/")),
    }
}

pub(super) fn component_problem(component: &str) -> Option<NameProblem> {
    let bytes = component.as_bytes();
    match component {
        "" => Some(NameProblem::EmptyComponent),
        ".." => Some(NameProblem::Climbs),
        _ if bytes.len() > MAX_COMPONENT => Some(NameProblem::Long),
        _ if bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' => Some(NameProblem::Drive),
        _ => None,
    }
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
        assert_eq!(problem(format!("{}a", "a/".repeat(MAX_DEPTH)).as_bytes()), NameProblem::Deep);
        assert_eq!(member_path(b"./a/./b").unwrap(), "a/b");
        assert_eq!(member_path("Foo::Bar é".as_bytes()).unwrap(), "Foo::Bar é");
        assert_eq!(member_path(b".").unwrap(), "");
    }
}
