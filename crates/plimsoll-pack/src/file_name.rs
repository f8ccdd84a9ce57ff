//! Names of artifacts: what characters they have, and the templates that make them. Where a file lies is not known here.

use std::fmt;
use std::str::FromStr;

use plimsoll_model::Target;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::archive::Format;

/// The longest file name, in bytes (`NAME_MAX`).
const MAX_BYTES: usize = 255;

/// The name of an artifact's file: letters, digits, `.`, `_` and `-` of ASCII, since GitHub renames anything else; up to 255 of them, the first
/// neither `.` nor `-`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(String);

/// Text that is not a [`FileName`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("file name `{text}` {problem}")]
pub struct InvalidFileName {
    text: String,
    problem: FileNameProblem,
}

/// What is wrong with a file name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileNameProblem {
    /// No text at all.
    #[error("is empty")]
    Empty,
    /// More than 255 bytes.
    #[error("is longer than {MAX_BYTES} bytes")]
    Long,
    /// A leading `.` hides the file, a leading `-` looks like an option.
    #[error("begins with `{0}`")]
    Beginning(char),
    /// Something other than `[A-Za-z0-9._-]`.
    #[error("has the character {0:?}: only letters, digits, `.`, `_` and `-` are kept by every registry")]
    Character(char),
}

impl InvalidFileName {
    /// What is wrong.
    pub const fn problem(&self) -> FileNameProblem {
        self.problem
    }
}

impl FileName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FileName {
    type Err = InvalidFileName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let strange = text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')));
        let problem = match text.chars().next() {
            None => Some(FileNameProblem::Empty),
            Some(_) if text.len() > MAX_BYTES => Some(FileNameProblem::Long),
            Some(first @ ('.' | '-')) => Some(FileNameProblem::Beginning(first)),
            Some(_) => strange.map(FileNameProblem::Character),
        };
        match problem {
            Some(problem) => Err(InvalidFileName { text: text.escape_debug().take(80).collect(), problem }),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileName({})", self.0)
    }
}

impl Serialize for FileName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for FileName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A template that gives no file name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileNameError {
    /// A placeholder that nothing stands behind.
    #[error("file name template `{template}` has the unknown placeholder `{{{unknown}}}`; the nearest is `{{{nearest}}}`")]
    UnknownPlaceholder {
        /// The template.
        template: String,
        /// What stands between the braces.
        unknown: String,
        /// The valid placeholder most like it.
        nearest: &'static str,
    },
    /// `{` without `}`, or `}` without `{`.
    #[error("file name template `{template}` has a brace without its other half")]
    Brace {
        /// The template.
        template: String,
    },
    /// It ends like an archive of another format.
    #[error("file name template `{template}` ends in `{found}`, but the format is {format}")]
    Suffix {
        /// The template.
        template: String,
        /// The suffix that it has.
        found: &'static str,
        /// The format asked for.
        format: Format,
    },
    /// What came out is no file name.
    #[error(transparent)]
    Invalid(#[from] InvalidFileName),
}

/// The placeholders of a template.
const PLACEHOLDERS: [&str; 5] = ["name", "version", "target", "arch", "os"];

/// What stands behind the placeholders.
#[derive(Clone, Copy)]
pub(crate) struct Values<'spec> {
    pub name: &'spec str,
    pub version: &'spec str,
    pub target: &'spec Target,
}

impl Values<'_> {
    fn get(&self, placeholder: &str) -> Option<&str> {
        match placeholder {
            "name" => Some(self.name),
            "version" => Some(self.version),
            "target" => Some(self.target.as_str()),
            "arch" => Some(self.target.arch()),
            "os" => Some(self.target.os()),
            _ => None,
        }
    }
}

/// Puts values into a template.
pub(crate) fn render(template: &str, values: Values<'_>) -> Result<String, FileNameError> {
    let brace = || FileNameError::Brace { template: shown(template) };
    let mut rendered = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        rendered.push_str(&rest[..at]);
        let inside = rest[at..].strip_prefix('{').ok_or_else(brace)?;
        let (placeholder, after) = inside.split_once('}').ok_or_else(brace)?;
        if placeholder.contains('{') {
            return Err(brace());
        }
        let value = values.get(placeholder).ok_or_else(|| FileNameError::UnknownPlaceholder {
            template: shown(template),
            unknown: shown(placeholder),
            nearest: nearest(placeholder),
        })?;
        rendered.push_str(value);
        rest = after;
    }
    rendered.push_str(rest);
    Ok(rendered)
}

/// Text for a message: short, no control characters.
pub(crate) fn shown(text: &str) -> String {
    text.escape_debug().take(80).collect()
}

fn nearest(unknown: &str) -> &'static str {
    let unknown: String = unknown.chars().take(80).collect();
    PLACEHOLDERS.into_iter().min_by_key(|valid| strsim::damerau_levenshtein(valid, &unknown)).unwrap_or(PLACEHOLDERS[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(template: &str) -> Result<String, FileNameError> {
        let target = "aarch64-apple-darwin".parse().unwrap();
        render(template, Values { name: "rg", version: "14.1.0", target: &target })
    }

    #[test]
    fn every_placeholder_is_known_and_rendered() {
        assert_eq!(rendered("{name}_{version}-{arch}.{os}={target}").unwrap(), "rg_14.1.0-aarch64.macos=aarch64-apple-darwin");
        for placeholder in PLACEHOLDERS {
            assert!(rendered(&format!("{{{placeholder}}}")).is_ok(), "{placeholder}");
        }
    }

    #[test]
    fn an_unknown_placeholder_names_the_nearest() {
        for (typo, expected) in [("vesion", "version"), ("traget", "target"), ("Name", "name"), ("oss", "os")] {
            match rendered(&format!("x-{{{typo}}}")) {
                Err(FileNameError::UnknownPlaceholder { unknown, nearest, .. }) => {
                    assert_eq!((unknown.as_str(), nearest), (typo, expected))
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn braces_come_in_pairs() {
        for template in ["{name", "name}", "{na{me}", "{", "}", "{name}}"] {
            assert!(matches!(rendered(template), Err(FileNameError::Brace { .. })), "{template}");
        }
    }

    #[test]
    fn file_names_are_plain() {
        let problem = |text: &str| text.parse::<FileName>().unwrap_err().problem();
        assert_eq!(problem(""), FileNameProblem::Empty);
        assert_eq!(problem(".x"), FileNameProblem::Beginning('.'));
        assert_eq!(problem("-x"), FileNameProblem::Beginning('-'));
        assert_eq!(problem("a/b"), FileNameProblem::Character('/'));
        assert_eq!(problem("a-1.0+b"), FileNameProblem::Character('+'));
        assert_eq!(problem(&"x".repeat(256)), FileNameProblem::Long);
        assert_eq!("a-1.0_b".parse::<FileName>().unwrap().to_string(), "a-1.0_b");
    }
}
