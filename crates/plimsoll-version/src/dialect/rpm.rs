//! RPM's `Version`. <https://rpm-software-management.github.io/rpm/manual/dependencies.html#versioning>

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use semver::Version;

use super::NotSpoken;
use super::debian::{DebianVersion, by_number, split};

/// `1.2.0~rc1`: the same text as Debian's, sorted by rpm's own rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RpmVersion(DebianVersion);

impl RpmVersion {
    /// As SemVer has it.
    pub fn version(&self) -> Version {
        self.0.version()
    }
}

impl TryFrom<&Version> for RpmVersion {
    type Error = String;

    fn try_from(version: &Version) -> Result<Self, String> {
        DebianVersion::try_from(version).map(Self)
    }
}

impl FromStr for RpmVersion {
    type Err = NotSpoken;

    fn from_str(text: &str) -> Result<Self, NotSpoken> {
        text.parse().map(Self)
    }
}

impl fmt::Display for RpmVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Ord for RpmVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.to_string(), &other.to_string())
    }
}

impl PartialOrd for RpmVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `rpmvercmp`: runs of letters or of digits, what is between them passed over; `~` comes before everything, a number before letters.
fn compare(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    loop {
        let separator = |byte: &u8| !byte.is_ascii_alphanumeric() && *byte != b'~';
        split(&mut left, separator);
        split(&mut right, separator);
        match (left.first() == Some(&b'~'), right.first() == Some(&b'~')) {
            (true, true) => {
                (left, right) = (&left[1..], &right[1..]);
                continue;
            }
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => {}
        }
        let order = match (left.first(), right.first()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(first), Some(_)) if first.is_ascii_digit() => {
                let (digits, others) = (split(&mut left, u8::is_ascii_digit), split(&mut right, u8::is_ascii_digit));
                // A number is newer than letters.
                if others.is_empty() { Ordering::Greater } else { by_number(digits, others) }
            }
            (Some(_), Some(_)) => {
                let (letters, others) = (split(&mut left, u8::is_ascii_alphabetic), split(&mut right, u8::is_ascii_alphabetic));
                if others.is_empty() { Ordering::Less } else { letters.cmp(others) }
            }
        };
        if order.is_ne() {
            return order;
        }
    }
}
