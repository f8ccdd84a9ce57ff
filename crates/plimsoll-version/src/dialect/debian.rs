//! Upstream versions of Debian packages: what stands between epoch and revision. <https://www.debian.org/doc/debian-policy/ch-controlfields.html#version>

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use semver::Version;

use super::pre::{self, Pre};
use super::{NotSpoken, numbers};

/// `1.2.0~rc1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DebianVersion {
    numbers: [u64; 3],
    pre: Option<Pre>,
}

impl DebianVersion {
    /// As SemVer has it.
    pub fn version(&self) -> Version {
        pre::version(self.numbers, self.pre.as_ref())
    }
}

impl TryFrom<&Version> for DebianVersion {
    type Error = String;

    fn try_from(version: &Version) -> Result<Self, String> {
        Ok(Self { numbers: [version.major, version.minor, version.patch], pre: Pre::of(version)? })
    }
}

impl FromStr for DebianVersion {
    type Err = NotSpoken;

    fn from_str(text: &str) -> Result<Self, NotSpoken> {
        let (release, pre) = match text.split_once('~') {
            Some((release, pre)) => (release, Some(Pre::joined(pre).ok_or(NotSpoken)?)),
            None => (text, None),
        };
        Ok(Self { numbers: numbers(release).ok_or(NotSpoken)?, pre })
    }
}

impl fmt::Display for DebianVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        tilde(f, self.numbers, self.pre.as_ref())
    }
}

impl Ord for DebianVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.to_string(), &other.to_string())
    }
}

impl PartialOrd for DebianVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `1.2.0~rc1`, as Debian and RPM have it.
pub(super) fn tilde(f: &mut fmt::Formatter<'_>, [major, minor, patch]: [u64; 3], pre: Option<&Pre>) -> fmt::Result {
    write!(f, "{major}.{minor}.{patch}")?;
    match pre {
        Some(pre) => write!(f, "~{}{}", pre.word, pre.number),
        None => Ok(()),
    }
}

/// dpkg's comparison (deb-version(7)): by turns a part without digits, in which `~` comes before the end and letters before the rest, and a
/// number.
fn compare(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    while !left.is_empty() || !right.is_empty() {
        let (words, others) = (split(&mut left, |byte| !byte.is_ascii_digit()), split(&mut right, |byte| !byte.is_ascii_digit()));
        let length = words.len().max(others.len());
        let order = (0..length).map(|at| weight(words.get(at)).cmp(&weight(others.get(at)))).find(|order| order.is_ne());
        if let Some(order) = order {
            return order;
        }
        let (digits, others) = (split(&mut left, u8::is_ascii_digit), split(&mut right, u8::is_ascii_digit));
        let order = by_number(digits, others);
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

fn weight(byte: Option<&u8>) -> i32 {
    match byte {
        Some(b'~') => -1,
        None => 0,
        Some(letter) if letter.is_ascii_alphabetic() => i32::from(*letter),
        Some(other) => i32::from(*other) + 256,
    }
}

/// Takes the front of `text` as far as `wanted` holds.
pub(super) fn split<'a>(text: &mut &'a [u8], wanted: impl Fn(&u8) -> bool) -> &'a [u8] {
    let at = text.iter().position(|byte| !wanted(byte)).unwrap_or(text.len());
    let (front, rest) = text.split_at(at);
    *text = rest;
    front
}

/// Digits by their value, however many.
pub(super) fn by_number(left: &[u8], right: &[u8]) -> Ordering {
    let bare = |digits: &[u8]| digits.iter().position(|digit| *digit != b'0').unwrap_or(digits.len());
    let (left, right) = (&left[bare(left)..], &right[bare(right)..]);
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}
