//! What the Python of each root is, told by the root's name alone: a suite that Debian has released keeps the version that it came with. As data.

use plimsoll_model::python::{PythonVersion, Specifiers};
use plimsoll_model::{GlibcVersion, RootName};

/// A root with a Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PythonRoot {
    /// Its name: `debian:12`.
    pub name: &'static str,
    /// The version of Python.
    pub python: &'static str,
    /// Of its C library.
    pub glibc: GlibcVersion,
}

/// From the oldest to the newest.
pub const PYTHON_ROOTS: [PythonRoot; 3] = [
    PythonRoot { name: "debian:11", python: "3.9.2", glibc: GlibcVersion::new(2, 31) },
    PythonRoot { name: "debian:12", python: "3.11.2", glibc: GlibcVersion::new(2, 36) },
    PythonRoot { name: "debian:13", python: "3.13.5", glibc: GlibcVersion::new(2, 41) },
];

impl PythonRoot {
    /// That of a name; none if it is not known.
    pub fn of(name: &RootName) -> Option<Self> {
        PYTHON_ROOTS.into_iter().find(|root| root.name == name.as_str())
    }

    /// Its name; none only if that were no name of a root.
    pub fn root(&self) -> Option<RootName> {
        self.name.parse().ok()
    }

    /// Why its Python is none that `requires-python` allows: pip refuses the package there, whatever is in it. None if nothing speaks against it.
    pub fn unfit(&self, requires: Option<&Specifiers>) -> Option<String> {
        let requires = requires.filter(|requires| !PythonVersion::parse(self.python).is_some_and(|python| requires.is_met_by(&python)))?;
        Some(format!("requires-python is `{requires}`, and {} has {}", self.name, self.python))
    }
}

/// The roots with the oldest and the newest Python that `requires-python` allows, the oldest first, and one alone if they are the same. Of a system
/// that is older than `floor`, the glibc that the wheel's tag promises to need no more than, nothing is promised. If no root fits, the newest:
/// [`PythonRoot::unfit`] tells why it is a gap.
pub fn oldest_and_newest(requires: Option<&Specifiers>, floor: Option<GlibcVersion>) -> Vec<PythonRoot> {
    let mut promised = PYTHON_ROOTS.to_vec();
    promised.retain(|root| floor.is_none_or(|floor| root.glibc >= floor));
    let roots = if promised.is_empty() { PYTHON_ROOTS.to_vec() } else { promised };
    let fitting = roots.iter().filter(|root| root.unfit(requires).is_none()).copied().collect::<Vec<_>>();
    match (fitting.as_slice(), roots.last()) {
        ([oldest, .., newest], _) => vec![*oldest, *newest],
        ([only], _) => vec![*only],
        ([], newest) => newest.copied().into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::libc::Processor;
    use crate::recipe::Recipe;

    fn names(requires: &str, floor: Option<(u16, u16)>) -> String {
        let requires = Some(requires).filter(|text| !text.is_empty()).map(|text| text.parse().unwrap());
        let floor = floor.map(|(major, minor)| GlibcVersion::new(major, minor));
        oldest_and_newest(requires.as_ref(), floor).iter().map(|root| root.name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_can_be_made_and_the_newest_is_last() {
        let processor = Processor::of("x86_64").unwrap();
        for root in PYTHON_ROOTS {
            let name = root.root().unwrap();
            assert!(Recipe::python(&name, processor).is_some() && PythonRoot::of(&name) == Some(root), "{root:?}");
        }
        assert!(PYTHON_ROOTS.is_sorted_by_key(|root| (PythonVersion::parse(root.python).unwrap(), root.glibc)));
        assert_eq!(PythonRoot::of(&"alpine:3.20".parse().unwrap()), None);
    }

    #[test]
    fn the_oldest_and_the_newest_that_are_allowed_are_tried_and_none_twice() {
        for (requires, roots) in [
            ("", "debian:11 debian:13"),
            (">=3.8", "debian:11 debian:13"),
            (">=3.10", "debian:12 debian:13"),
            (">=3.9,<3.13", "debian:11 debian:12"),
            (">=3.12", "debian:13"),
            ("~=3.11.0", "debian:12"),
            ("<3.10", "debian:11"),
            // No root at all: one is named all the same, as a gap.
            (">=3.14", "debian:13"),
            ("<3", "debian:13"),
        ] {
            assert_eq!(names(requires, None), roots, "{requires}");
        }
    }

    #[test]
    fn a_root_that_is_older_than_the_floor_is_none_to_try() {
        assert_eq!(names("", Some((2, 28))), "debian:11 debian:13");
        assert_eq!(names("", Some((2, 34))), "debian:12 debian:13");
        assert_eq!(names("", Some((2, 38))), "debian:13");
        assert_eq!(names("<3.12", Some((2, 38))), "debian:13");
        assert_eq!(names("<3.12", Some((2, 99))), "debian:11 debian:12");
    }

    #[test]
    fn a_python_that_is_not_allowed_is_told_with_both_versions() {
        let requires = ">= 3.12, <4".parse().unwrap();
        let told = PYTHON_ROOTS[1].unfit(Some(&requires)).unwrap();
        assert_eq!(told, "requires-python is `>=3.12,<4`, and debian:12 has 3.11.2");
        assert_eq!(PYTHON_ROOTS[2].unfit(Some(&requires)), None);
        assert_eq!(PYTHON_ROOTS[0].unfit(None), None);
    }
}
