//! Python packages. <https://packaging.python.org/en/latest/specifications/version-specifiers/>

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use semver::Version;

use super::pre::{self, Pre};
use super::{NotSpoken, number, numbers};

/// The phases that PEP 440 has before a release, in its order, with SemVer's words for them. `.dev` is not among them: PEP 440 sorts it
/// before `a`, SemVer sorts `dev` after `beta`.
const PHASES: [(&str, &str); 3] = [("alpha", "a"), ("beta", "b"), ("rc", "rc")];

/// Other spellings that PEP 440 takes for the same.
const SPELLINGS: [(&str, &str); 5] = [("alpha", "a"), ("beta", "b"), ("preview", "rc"), ("pre", "rc"), ("c", "rc")];

/// `1.2.0rc1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pep440Version {
    numbers: [u64; 3],
    /// Place in [`PHASES`], and the number.
    phase: Option<(usize, u64)>,
}

impl Pep440Version {
    /// As SemVer has it.
    pub fn version(&self) -> Version {
        let pre = self.phase.map(|(phase, number)| Pre { word: PHASES[phase].0.to_owned(), number });
        pre::version(self.numbers, pre.as_ref())
    }
}

impl TryFrom<&Version> for Pep440Version {
    type Error = String;

    fn try_from(version: &Version) -> Result<Self, String> {
        let phase = match Pre::of(version)? {
            None => None,
            Some(pre) => match PHASES.iter().position(|(word, _)| *word == pre.word) {
                Some(phase) => Some((phase, pre.number)),
                None if pre.word == "dev" => {
                    return Err("it sorts `.dev` before `a`, and SemVer sorts `dev` after `beta`".to_owned());
                }
                None => return Err(format!("before a release it has `alpha`, `beta` and `rc`, and no `{}`", pre.word)),
            },
        };
        Ok(Self { numbers: [version.major, version.minor, version.patch], phase })
    }
}

impl FromStr for Pep440Version {
    type Err = NotSpoken;

    /// Also in the spellings that PEP 440 takes for the same: `1.2.0-RC.1`, `v1.2`.
    fn from_str(text: &str) -> Result<Self, NotSpoken> {
        let text = text.to_ascii_lowercase();
        let text = text.strip_prefix('v').unwrap_or(&text);
        let at = text.find(|character: char| character.is_ascii_alphabetic()).unwrap_or(text.len());
        let (release, rest) = text.split_at(at);
        let release = if rest.is_empty() { release } else { release.strip_suffix(['.', '-', '_']).unwrap_or(release) };
        // Trailing zeros mean nothing in PEP 440.
        let filled = match release.split('.').count() {
            1 => format!("{release}.0.0"),
            2 => format!("{release}.0"),
            _ => release.to_owned(),
        };
        let numbers = numbers(&filled).ok_or(NotSpoken)?;
        if rest.is_empty() {
            return Ok(Self { numbers, phase: None });
        }
        let at = rest.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (word, digits) = rest.split_at(at);
        let word = SPELLINGS.iter().find(|(spelling, _)| *spelling == word).map_or(word, |(_, word)| word);
        let phase = PHASES.iter().position(|(_, own)| *own == word).ok_or(NotSpoken)?;
        let digits = digits.strip_prefix(['.', '-', '_']).unwrap_or(digits);
        let count = if digits.is_empty() { 0 } else { number(digits).ok_or(NotSpoken)? };
        Ok(Self { numbers, phase: Some((phase, count)) })
    }
}

impl fmt::Display for Pep440Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        match self.phase {
            Some((phase, number)) => write!(f, "{}{number}", PHASES[phase].1),
            None => Ok(()),
        }
    }
}

impl Ord for Pep440Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |version: &Self| (version.numbers, version.phase.unwrap_or((PHASES.len(), 0)));
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Pep440Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
