//! What a distribution requires of others: name, extras, versions, and when.
//! <https://packaging.python.org/en/latest/specifications/dependency-specifiers/>

mod marker;

use std::fmt;
use std::str::FromStr;

pub use plimsoll_model::python::{InvalidSpecifiers, Specifiers};

use self::marker::Marker;
use super::DistributionName;
use crate::shown::shown;

/// One requirement, written in one form whatever spaces and quotes it was read with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    name: DistributionName,
    extras: Vec<String>,
    specifiers: Specifiers,
    marker: Option<Marker>,
}

/// Text that is no requirement which an index takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRequirement {
    /// Not what PEP 508 describes.
    #[error("`{text}` is no requirement: {problem}")]
    Form {
        /// The requirement.
        text: String,
        /// What is wrong.
        problem: String,
    },
    /// `name @ https://…`.
    #[error("`{0}` requires what lies at a URL, and PyPI takes no wheel that does: name a version that an index has")]
    Url(String),
}

impl Requirement {
    /// The name of what is required.
    pub const fn name(&self) -> &DistributionName {
        &self.name
    }

    /// As `Requires-Dist` has it, of the extra of that name if there is one.
    pub(super) fn requires_dist(&self, extra: Option<&str>) -> String {
        let extra = extra.map(|extra| format!("extra == \"{extra}\""));
        let when = match (&self.marker, extra) {
            (None, None) => return self.what(),
            (Some(marker), None) => marker.to_string(),
            (None, Some(extra)) => extra,
            (Some(marker), Some(extra)) if marker.has_or() => format!("({marker}) and {extra}"),
            (Some(marker), Some(extra)) => format!("{marker} and {extra}"),
        };
        format!("{}; {when}", self.what())
    }

    fn what(&self) -> String {
        let extras = if self.extras.is_empty() { String::new() } else { format!("[{}]", self.extras.join(",")) };
        format!("{}{extras}{}", self.name, self.specifiers)
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.requires_dist(None))
    }
}

impl FromStr for Requirement {
    type Err = InvalidRequirement;

    fn from_str(text: &str) -> Result<Self, InvalidRequirement> {
        let wrong = |problem: String| InvalidRequirement::Form { text: shown(text), problem };
        if text.contains(char::is_control) {
            return Err(wrong("it has a control character".to_owned()));
        }
        let trimmed = text.trim();
        let end = trimmed.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))).unwrap_or(trimmed.len());
        let (name, rest) = trimmed.split_at(end);
        let name = name.parse().map_err(|_| wrong("it does not begin with the name of a distribution".to_owned()))?;
        let (extras, rest) = extras(rest.trim_start()).ok_or_else(|| wrong("what stands in `[…]` is no list of extras".to_owned()))?;
        if rest.starts_with('@') {
            return Err(InvalidRequirement::Url(shown(text)));
        }
        let (versions, marker) = rest.split_once(';').map_or((rest, None), |(versions, marker)| (versions, Some(marker)));
        let versions = versions.trim();
        let inner = versions.strip_prefix('(').map_or(Some(versions), |inner| inner.strip_suffix(')'));
        let inner = inner.ok_or_else(|| wrong("a `(` is not closed".to_owned()))?;
        let specifiers = inner.parse().map_err(|error: InvalidSpecifiers| wrong(error.to_string()))?;
        let marker = marker.map(Marker::parse).transpose().map_err(wrong)?;
        Ok(Self { name, extras, specifiers, marker })
    }
}

/// `[a, b]` and what follows it.
fn extras(rest: &str) -> Option<(Vec<String>, &str)> {
    let Some(inner) = rest.strip_prefix('[') else { return Some((vec![], rest)) };
    let (inner, rest) = inner.split_once(']')?;
    if inner.trim().is_empty() {
        return Some((vec![], rest.trim_start()));
    }
    let extras = inner.split(',').map(|extra| extra.trim().parse::<DistributionName>().map(|extra| extra.to_string()));
    Some((extras.collect::<Result<_, _>>().ok()?, rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> String {
        text.parse::<Requirement>().map_or_else(|error| error.to_string(), |requirement| requirement.to_string())
    }

    #[test]
    fn each_part_is_kept_and_written_in_one_form() {
        for (text, expected) in [
            ("requests", "requests"),
            ("htty-core == 1.2.0rc1", "htty-core==1.2.0rc1"),
            ("a[x, y] >=1,<2 ; python_version<'3.9'", "a[x,y]>=1,<2; python_version < \"3.9\""),
            ("a (>=1.0)", "a>=1.0"),
            ("a[]", "a"),
            (
                "a==1.*; (os_name=='nt' or sys_platform == \"win32\") and extra=='b'",
                "a==1.*; (os_name == \"nt\" or sys_platform == \"win32\") and extra == \"b\"",
            ),
            ("a;'linux' in sys_platform", "a; \"linux\" in sys_platform"),
            ("a; platform_machine not  in 'x y'", "a; platform_machine not in \"x y\""),
            ("a===anything", "a===anything"),
            ("a~=1.4.2", "a~=1.4.2"),
        ] {
            assert_eq!(read(text), expected);
            assert_eq!(read(expected), expected);
        }
    }

    #[test]
    fn an_extra_joins_the_marker() {
        let of = |text: &str| text.parse::<Requirement>().unwrap().requires_dist(Some("test"));
        assert_eq!(of("a>=1"), "a>=1; extra == \"test\"");
        assert_eq!(of("a; os_name == 'nt'"), "a; os_name == \"nt\" and extra == \"test\"");
        assert_eq!(of("a; os_name == 'nt' or os_name == 'x'"), "a; (os_name == \"nt\" or os_name == \"x\") and extra == \"test\"");
    }

    #[test]
    fn what_an_index_refuses_is_told() {
        for (text, problem) in [
            ("", "it does not begin with the name of a distribution"),
            ("-a", "it does not begin with the name of a distribution"),
            ("a b", "`b` is no condition on a version: one of ~= == != <= >= < > === and a version"),
            ("a>=x", "`>=x` is no condition on a version: one of ~= == != <= >= < > === and a version"),
            ("a>=1.*", "`>=1.*` is no condition on a version: one of ~= == != <= >= < > === and a version"),
            ("a~=1", "`~=1` is no condition on a version: one of ~= == != <= >= < > === and a version"),
            ("a>=1+local", "`>=1+local` is no condition on a version: one of ~= == != <= >= < > === and a version"),
            ("a>=1,", "`` is no condition on a version: one of ~= == != <= >= < > === and a version"),
            ("a[x", "what stands in `[…]` is no list of extras"),
            ("a[x,]", "what stands in `[…]` is no list of extras"),
            ("a (>=1", "a `(` is not closed"),
            ("a; os_name = '3'", "its marker has `=` where an operator belongs"),
            ("a; python == '3'", "its marker has `python`, which is nothing that markers know"),
            ("a; os_name == 'nt", "a quote in its marker is not closed"),
            ("a; (os_name == 'nt'", "a `(` in its marker is not closed"),
            ("a; os_name == 'nt' os_name", "its marker goes on with `os_name`"),
            ("a; 'a' == 'b'", "its marker compares two texts"),
            ("a;", "its marker ends too early"),
            ("a\nb", "it has a control character"),
        ] {
            assert_eq!(read(text), format!("`{}` is no requirement: {problem}", text.escape_debug()));
        }
        assert_eq!(
            read("a @ https://x.invalid/a.whl"),
            "`a @ https://x.invalid/a.whl` requires what lies at a URL, and PyPI takes no wheel that does: name a version that an index has"
        );
    }

    #[test]
    fn deep_markers_end() {
        let deep = format!("a; {}os_name == 'x'{}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(read(&deep).ends_with("its marker has too many `(`"));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "[a-z\\[\\];()'\"=<>~!@,. \\*é]{0,40}") {
            if let Ok(requirement) = text.parse::<Requirement>() {
                let written = requirement.to_string();
                prop_assert_eq!(written.parse::<Requirement>().unwrap().to_string(), written);
            }
        }
    }
}
