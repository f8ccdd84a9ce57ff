//! Which versions of Elixir a package asks for: `elixir:` of mix.exs, by the rules of Elixir's own `Version`, pre-releases included, as mix
//! holds its own version against it.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use semver::{BuildMetadata, Prerelease, Version};

/// `~> 1.15 and != 1.15.3`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    written: String,
    /// All conditions of one of these must hold: `and` binds more than `or`.
    alternatives: Vec<Vec<Condition>>,
}

/// No requirement, so mix refuses it too.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no requirement on a version")]
pub struct InvalidRequirement(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    /// `~>`; of a version without its third number, the next major one is too much.
    Compatible {
        has_patch: bool,
    },
    AtLeast,
    AtMost,
    More,
    Less,
    Is,
    IsNot,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    operator: Operator,
    version: Version,
}

/// Longer ones stand before those that they begin with.
const OPERATORS: [(&str, Operator); 8] = [
    ("~>", Operator::Compatible { has_patch: true }),
    (">=", Operator::AtLeast),
    ("<=", Operator::AtMost),
    ("==", Operator::Is),
    ("!=", Operator::IsNot),
    (">", Operator::More),
    ("<", Operator::Less),
    ("!", Operator::IsNot),
];

impl Requirement {
    /// Whether a version is one of those.
    pub fn is_met_by(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|conditions| conditions.iter().all(|condition| condition.is_met_by(version)))
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl FromStr for Requirement {
    type Err = InvalidRequirement;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidRequirement(text.chars().take(80).collect());
        let words = text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>();
        let all_of = |words: &[&str]| words.split(|word| *word == "and").map(condition).collect::<Option<Vec<_>>>();
        let alternatives = words.split(|word| *word == "or").map(all_of).collect::<Option<Vec<_>>>().ok_or_else(invalid)?;
        Ok(Self { written: words.join(" "), alternatives })
    }
}

/// An operator and a version, with a space between them or none; a version alone is that one.
fn condition(words: &[&str]) -> Option<Condition> {
    let split = |word: &'_ str| OPERATORS.into_iter().find_map(|(sign, operator)| Some((operator, word.strip_prefix(sign)?.to_owned())));
    let (operator, number) = match words {
        [word] => split(word).unwrap_or_else(|| (Operator::Is, (*word).to_owned())),
        [sign, number] => (split(sign).filter(|(_, rest)| rest.is_empty())?.0, (*number).to_owned()),
        _ => return None,
    };
    let (version, has_patch) = version(&number)?;
    match operator {
        Operator::Compatible { .. } => Some(Condition { operator: Operator::Compatible { has_patch }, version }),
        operator => has_patch.then_some(Condition { operator, version }),
    }
}

/// A version, and whether it has its third number.
fn version(number: &str) -> Option<(Version, bool)> {
    let end = number.find(['-', '+']).unwrap_or(number.len());
    let (numbers, further) = number.split_at(end);
    match numbers.matches('.').count() {
        1 => Some((format!("{numbers}.0{further}").parse().ok()?, false)),
        _ => Some((number.parse().ok()?, true)),
    }
}

impl Condition {
    fn is_met_by(&self, version: &Version) -> bool {
        let order = version.cmp_precedence(&self.version);
        match self.operator {
            Operator::Compatible { has_patch } => order != Ordering::Less && version.cmp_precedence(&self.end(has_patch)) == Ordering::Less,
            Operator::AtLeast => order != Ordering::Less,
            Operator::AtMost => order != Ordering::Greater,
            Operator::More => order == Ordering::Greater,
            Operator::Less => order == Ordering::Less,
            Operator::Is => order == Ordering::Equal,
            Operator::IsNot => order != Ordering::Equal,
        }
    }

    /// The first that is not compatible: a pre-release of the next version is not.
    fn end(&self, has_patch: bool) -> Version {
        let Version { major, minor, .. } = self.version;
        let (major, minor) = if has_patch { (major, minor.saturating_add(1)) } else { (major.saturating_add(1), 0) };
        let pre = Prerelease::new("0").unwrap_or(Prerelease::EMPTY);
        Version { major, minor, patch: 0, pre, build: BuildMetadata::EMPTY }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn versions_are_held_against_it_as_elixir_does() {
        // Answers of `Version.match?/2`.
        let cases = [
            ("~> 1.15", "1.14.5 1.15.0-rc.0", "1.15.0 1.18.3 1.19.0-rc.0"),
            ("~> 1.15", "2.0.0-rc.1 2.0.0", "1.99.0"),
            ("~> 1.15.2", "1.15.1 1.16.0-rc.0 1.16.0", "1.15.2 1.15.9"),
            ("~> 1.16-rc", "1.16.0-dev 1.15.9", "1.16.0-rc.0 1.16.0 1.17.0"),
            (">= 1.14.0 and < 1.18.0", "1.13.4 1.18.3", "1.14.0 1.17.3 1.18.0-rc.0"),
            (">=1.14.0 and <1.18.0", "1.18.3", "1.14.0"),
            ("~> 1.14.0 or ~> 1.17", "1.15.0 1.16.3", "1.14.5 1.18.3"),
            ("~> 1.14.0 or ~> 1.17 and != 1.14.0", "1.15.0", "1.14.0 1.14.1 1.18.3"),
            ("== 1.14.0 and == 1.15.0 or == 1.16.0", "1.14.0 1.15.0", "1.16.0"),
            ("!= 1.18.3", "1.18.3", "1.18.4"),
            ("! 1.18.3", "1.18.3", "1.18.4"),
            ("== 1.14.0", "1.14.1", "1.14.0 1.14.0+x"),
            ("1.14.0", "1.14.1", "1.14.0"),
            ("> 1.14.0", "1.14.0", "1.14.1"),
            ("<= 1.14.0", "1.14.1", "1.14.0 1.14.0-rc.0"),
        ];
        for (text, refused, taken) in cases {
            let requirement = text.parse::<Requirement>().unwrap();
            for (list, expected) in [(refused, false), (taken, true)] {
                for version in list.split(' ') {
                    assert_eq!(requirement.is_met_by(&version.parse().unwrap()), expected, "{version} by {text}");
                }
            }
        }
    }

    #[test]
    fn what_elixir_takes_for_no_requirement_is_none() {
        for text in [
            "",
            "~>",
            ">= 1.14",
            "1",
            "1.14",
            "~> 1",
            "~> x.y",
            "1.14.0 and",
            "and 1.14.0",
            "1.14.0 1.15.0",
            "~> 1.15 && 1.16.0",
            "~> 01.15",
            "> =1.14.0",
        ] {
            assert!(text.parse::<Requirement>().is_err(), "{text}");
        }
        assert_eq!("  ~>  1.15 ".parse::<Requirement>().unwrap().to_string(), "~> 1.15");
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "(~>|>=|<|!|and|or|1\\.|[0-9]{1,22}|\\.|-|\\+| ){0,24}") {
            if let Ok(requirement) = text.parse::<Requirement>() {
                requirement.is_met_by(&Version::new(1, 18, 3));
            }
        }
    }
}
