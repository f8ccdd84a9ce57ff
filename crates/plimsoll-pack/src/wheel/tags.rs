//! What a wheel fits: tags of Python, ABI and platform, each a set.
//! <https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/>

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::shown::shown;

/// Tags of one sort, at least one. Written sorted, with `.` between, as PEP 425 asks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagSet(BTreeSet<String>);

/// What a wheel fits: each Python with each ABI on each platform.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tags {
    /// `py3`, `cp39`.
    pub python: TagSet,
    /// `none`, `abi3`.
    pub abi: TagSet,
    /// `manylinux_2_17_x86_64`.
    pub platform: TagSet,
}

/// Text that is no set of tags, or three of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no sorted set of tags (such as manylinux2014_x86_64.manylinux_2_17_x86_64)")]
pub struct InvalidTags(String);

impl TagSet {
    /// The set of one tag of ours.
    pub(super) fn one(tag: impl Into<String>) -> Self {
        Self([tag.into()].into())
    }

    /// With another tag of ours.
    #[must_use]
    pub(super) fn and(mut self, tag: String) -> Self {
        self.0.insert(tag);
        self
    }

    /// The tags, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Display for TagSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, tag) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            f.write_str(tag)?;
        }
        Ok(())
    }
}

impl FromStr for TagSet {
    type Err = InvalidTags;

    fn from_str(text: &str) -> Result<Self, InvalidTags> {
        let sound =
            |tag: &str| !tag.is_empty() && tag.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        let set = Self(text.split('.').map(str::to_owned).collect());
        // One that is unsorted or has a tag twice would be written otherwise than it was read.
        if set.iter().all(sound) && set.to_string() == text { Ok(set) } else { Err(InvalidTags(shown(text))) }
    }
}

impl Tags {
    /// Of a wheel whose programs start by themselves: any Python 3, which only installs them, on these platforms.
    pub fn of_programs(platform: TagSet) -> Self {
        Self { python: TagSet::one("py3"), abi: TagSet::one("none"), platform }
    }

    /// Each combination, as `WHEEL` lists them.
    pub fn expanded(&self) -> impl Iterator<Item = String> {
        let pairs = self.python.iter().flat_map(|python| self.abi.iter().map(move |abi| format!("{python}-{abi}")));
        pairs.flat_map(|pair| self.platform.iter().map(move |platform| format!("{pair}-{platform}")))
    }
}

impl fmt::Display for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.python, self.abi, self.platform)
    }
}

impl FromStr for Tags {
    type Err = InvalidTags;

    fn from_str(text: &str) -> Result<Self, InvalidTags> {
        let mut parts = text.split('-');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(python), Some(abi), Some(platform), None) => {
                Ok(Self { python: python.parse()?, abi: abi.parse()?, platform: platform.parse()? })
            }
            _ => Err(InvalidTags(shown(text))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_written_sorted_and_expanded_in_their_order() {
        let tags: Tags = "py2.py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64".parse().unwrap();
        assert_eq!(tags.to_string(), "py2.py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64");
        let expanded = tags.expanded().collect::<Vec<_>>();
        assert_eq!(expanded.len(), 4);
        assert_eq!((&*expanded[0], &*expanded[3]), ("py2-none-manylinux2014_x86_64", "py3-none-manylinux_2_17_x86_64"));
    }

    #[test]
    fn what_would_be_written_otherwise_is_refused() {
        for text in ["py3.py2-none-any", "py3.py3-none-any", "py3-none", "py3-none-any-x", "Py3-none-any", "py3--any", "py3.-none-any"] {
            assert!(text.parse::<Tags>().is_err(), "{text}");
        }
    }
}
