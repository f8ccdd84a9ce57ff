//! Relative paths inside a tree. They cannot climb, be absolute, or hide control characters; nothing here knows what a path leads to.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest path, in bytes: what macOS takes (`PATH_MAX`), the least of the systems served.
pub const MAX_PATH_BYTES: usize = 1024;
/// The longest component, in bytes: what every common file system takes (`NAME_MAX`).
pub const MAX_COMPONENT_BYTES: usize = 255;

/// A relative path in a [`Tree`](super::Tree): UTF-8, components separated by `/`.
///
/// No leading or trailing `/`, no empty, `.` or `..` component, no backslash, no control character. Sorted by bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreePath(String);

/// Text that is not a [`TreePath`], and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("path `{text}` {problem}")]
pub struct InvalidTreePath {
    text: String,
    problem: PathProblem,
}

/// What is wrong with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathProblem {
    /// No text at all.
    #[error("is empty")]
    Empty,
    /// A leading `/`.
    #[error("is absolute")]
    Absolute,
    /// `//` or a trailing `/`.
    #[error("has an empty component")]
    EmptyComponent,
    /// A `.` or `..` component.
    #[error("has a `.` or `..` component")]
    DotComponent,
    /// A backslash, which Windows takes for a separator.
    #[error("has a backslash")]
    Backslash,
    /// A control character, NUL and line feed among them.
    #[error("has a control character")]
    Control,
    /// More than [`MAX_COMPONENT_BYTES`].
    #[error("has a component of more than {MAX_COMPONENT_BYTES} bytes")]
    LongComponent,
    /// More than [`MAX_PATH_BYTES`].
    #[error("is longer than {MAX_PATH_BYTES} bytes")]
    Long,
}

impl InvalidTreePath {
    /// What is wrong.
    pub const fn problem(&self) -> PathProblem {
        self.problem
    }
}

/// A path that Windows cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("path `{path}` cannot exist on Windows: component `{component}` {problem}")]
pub struct WindowsNameError {
    /// The whole path.
    pub path: TreePath,
    /// The component at fault.
    pub component: String,
    /// What is wrong with it.
    pub problem: WindowsProblem,
}

/// Why Windows refuses a component ("Naming Files, Paths, and Namespaces" in the Win32 documentation).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WindowsProblem {
    /// `CON`, `NUL`, `COM1` …, with any extension.
    #[error("is the name of a device")]
    Device,
    /// One of `< > : " | ? *`.
    #[error("has one of the characters < > : \" | ? *")]
    Character,
    /// A trailing dot or space, which Windows strips.
    #[error("ends in a dot or a space")]
    Ending,
}

impl TreePath {
    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The components, first to last.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// The last component.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The folders above, outermost first, without the root: `a/b/c` has `a` and `a/b`.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(at, _)| &self.0[..at])
    }

    /// Whether Windows can hold the path. Asked only for what is meant for Windows.
    ///
    /// # Errors
    /// The first component that is a device's name, ends in a dot or space, or has a forbidden character.
    pub fn check_windows(&self) -> Result<(), WindowsNameError> {
        for component in self.components() {
            if let Some(problem) = windows_problem(component) {
                return Err(WindowsNameError { path: self.clone(), component: component.to_owned(), problem });
            }
        }
        Ok(())
    }
}

fn windows_problem(component: &str) -> Option<WindowsProblem> {
    if component.contains(['<', '>', ':', '"', '|', '?', '*']) {
        return Some(WindowsProblem::Character);
    }
    if component.ends_with(['.', ' ']) {
        return Some(WindowsProblem::Ending);
    }
    // `nul.tar.gz` and `NUL .txt` open the device too.
    let stem = component.split('.').next().unwrap_or_default().trim_end_matches(' ').to_uppercase();
    let numbered = |prefix: &str| {
        let number = stem.strip_prefix(prefix).map(|rest| rest.chars().collect::<Vec<_>>());
        matches!(number.as_deref(), Some(['0'..='9' | '¹' | '²' | '³']))
    };
    let device = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") || numbered("COM") || numbered("LPT");
    device.then_some(WindowsProblem::Device)
}

fn path_problem(text: &str) -> Option<PathProblem> {
    match text {
        "" => return Some(PathProblem::Empty),
        _ if text.len() > MAX_PATH_BYTES => return Some(PathProblem::Long),
        _ if text.starts_with('/') => return Some(PathProblem::Absolute),
        _ if text.contains('\\') => return Some(PathProblem::Backslash),
        _ if text.contains(char::is_control) => return Some(PathProblem::Control),
        _ => {}
    }
    text.split('/').find_map(|component| match component {
        "" => Some(PathProblem::EmptyComponent),
        "." | ".." => Some(PathProblem::DotComponent),
        _ if component.len() > MAX_COMPONENT_BYTES => Some(PathProblem::LongComponent),
        _ => None,
    })
}

impl FromStr for TreePath {
    type Err = InvalidTreePath;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match path_problem(text) {
            Some(problem) => Err(InvalidTreePath { text: text.escape_debug().take(80).collect(), problem }),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl Borrow<str> for TreePath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TreePath({:?})", self.0)
    }
}

impl Serialize for TreePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TreePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn problem(text: &str) -> PathProblem {
        text.parse::<TreePath>().unwrap_err().problem()
    }

    #[test]
    fn each_problem_has_its_own_error() {
        assert_eq!(problem(""), PathProblem::Empty);
        assert_eq!(problem("/etc/passwd"), PathProblem::Absolute);
        assert_eq!(problem("a//b"), PathProblem::EmptyComponent);
        assert_eq!(problem("a/"), PathProblem::EmptyComponent);
        assert_eq!(problem("./a"), PathProblem::DotComponent);
        assert_eq!(problem("a/../b"), PathProblem::DotComponent);
        assert_eq!(problem("a\\b"), PathProblem::Backslash);
        assert_eq!(problem("a\nb"), PathProblem::Control);
        assert_eq!(problem("a\u{85}b"), PathProblem::Control);
        assert_eq!(problem(&"x".repeat(256)), PathProblem::LongComponent);
        assert_eq!(problem(&"x/".repeat(600)), PathProblem::Long);
        assert!("x".repeat(255).parse::<TreePath>().is_ok());
        assert!("...".parse::<TreePath>().is_ok());
    }

    #[test]
    fn an_error_does_not_carry_control_characters() {
        let message = "a\u{1b}[31m\n".parse::<TreePath>().unwrap_err().to_string();
        assert!(!message.contains(char::is_control), "{message:?}");
    }

    #[test]
    fn folders_are_listed_outermost_first() {
        let path: TreePath = "a/b/c".parse().unwrap();
        assert_eq!(path.folders().collect::<Vec<_>>(), ["a", "a/b"]);
        assert_eq!(path.file_name(), "c");
    }

    #[test]
    fn windows_refuses_devices_endings_and_characters() {
        let refused = |text: &str| text.parse::<TreePath>().unwrap().check_windows().err().map(|error| error.problem);
        let numbered = ["COM", "LPT"].into_iter().flat_map(|name| "0123456789¹²³".chars().map(move |number| format!("{name}{number}")));
        let devices = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].into_iter().map(str::to_owned).chain(numbered);
        for device in devices {
            let lower = device.to_lowercase();
            for path in [format!("lib/{device}"), lower.clone(), format!("{lower}/x"), format!("{lower}.tar.gz"), format!("{device} .h")] {
                assert_eq!(refused(&path), Some(WindowsProblem::Device), "{path}");
            }
        }
        for ending in ["x.", "x ", "x. .", "a./b", "a /b", "...", " "] {
            assert_eq!(refused(ending), Some(WindowsProblem::Ending), "{ending:?}");
        }
        for character in ['<', '>', ':', '"', '|', '?', '*'] {
            for path in [format!("a{character}"), format!("{character}/b"), format!("nul{character}")] {
                assert_eq!(refused(&path), Some(WindowsProblem::Character), "{path}");
            }
        }
        for fine in
            ["null", "com", "com10", "com⁴", "CON$", "console.log", "COMPUTER", "lib/.con", " con", "a.b", "a b", "é{}[]()!#%&'+,;=@^`~"]
        {
            assert_eq!(refused(fine), None, "{fine}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_either_kept_whole_or_refused(text in any::<String>()) {
            if let Ok(path) = text.parse::<TreePath>() {
                prop_assert_eq!(path.as_str(), &text);
                prop_assert!(path.components().all(|component| !matches!(component, "" | "." | "..")));
                prop_assert_eq!(path.to_string().parse::<TreePath>().unwrap(), path);
            }
        }

        #[test]
        fn sound_components_make_a_path(parts in prop::collection::vec("[a-zA-Z0-9 é._-]{1,20}x", 1..8)) {
            prop_assert!(parts.join("/").parse::<TreePath>().is_ok());
        }
    }
}
