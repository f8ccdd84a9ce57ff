//! What names must bear beyond the rules for every path: the file systems of those who unpack a tree.

use plimsoll_model::Target;

use super::{Tree, TreeError, TreePath, WindowsNameError};
use crate::archive::Format;

/// Rules that a target adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Naming {
    /// Whether Windows must be able to hold every path.
    windows: bool,
    /// Whether names that differ in case only are one name there.
    caseless: bool,
}

impl Naming {
    /// What users of `target` need; a zip is opened on Windows too, whatever it is for.
    pub fn of(target: &Target, format: Option<Format>) -> Self {
        let windows = target.os() == "windows" || format == Some(Format::Zip);
        Self { windows, caseless: windows || target.os() == "macos" }
    }

    /// The rules of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { windows: self.windows || other.windows, caseless: self.caseless || other.caseless }
    }

    /// Holds one path against the rules.
    ///
    /// # Errors
    /// Where Windows cannot hold it, and should.
    pub fn check_path(self, path: &TreePath) -> Result<(), WindowsNameError> {
        if self.windows { path.check_windows() } else { Ok(()) }
    }

    /// Holds a whole tree against the rules.
    ///
    /// # Errors
    /// The first path that breaks one.
    pub fn check(self, tree: &Tree) -> Result<(), TreeError> {
        if self.caseless {
            tree.check_case()?;
        }
        tree.iter().try_for_each(|(path, _)| Ok(self.check_path(path)?))
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_model::Digest;

    use super::*;
    use crate::tree::Mode;

    fn tree(paths: &[&str]) -> Tree {
        let mut tree = Tree::new();
        for path in paths {
            tree.insert_file(path.parse().unwrap(), Digest::of(b""), 0, Mode::Regular).unwrap();
        }
        tree
    }

    #[test]
    fn each_system_has_the_rules_of_its_file_systems() {
        let refused = |target: &str, format, paths: &[&str]| Naming::of(&target.parse().unwrap(), format).check(&tree(paths)).is_err();
        let (linux, mac, windows) = ("x86_64-unknown-linux-gnu", "aarch64-apple-darwin", "x86_64-pc-windows-gnu");
        for (paths, of_mac) in [(["nul", "x"], false), (["README", "readme"], true), (["Lib/a", "lib/b"], true)] {
            assert!(refused(windows, None, &paths) && refused(windows, Some(Format::TarXz), &paths), "{paths:?}");
            assert!(refused(linux, Some(Format::Zip), &paths), "{paths:?}");
            assert!(!refused(linux, None, &paths) && !refused(linux, Some(Format::TarXz), &paths), "{paths:?}");
            assert_eq!(refused(mac, None, &paths), of_mac, "{paths:?}");
        }
    }

    #[test]
    fn rules_add_up() {
        let of = |target: &str| Naming::of(&target.parse().unwrap(), None);
        let both = of("x86_64-unknown-linux-gnu").and(of("x86_64-pc-windows-gnu"));
        assert_eq!(both, of("x86_64-pc-windows-gnu"));
        assert_eq!(Naming::default(), of("x86_64-unknown-linux-gnu"));
    }
}
