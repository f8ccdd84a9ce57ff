//! What the audit of a Python package says.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::code::PackageCode;

/// Findings of one sort that are told of one package: whoever makes the file decides how many there are.
const MOST: usize = 16;

/// Longest name of a member that is told whole, in characters.
const LONGEST: usize = 200;

/// The same of a whole message.
const LONGEST_MESSAGE: usize = 1000;

/// One fault of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PackageFinding {
    /// Which fault.
    pub code: PackageCode,
    /// The file within the package that has it; none where it is the package itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// What is wrong, as a lowercase fragment that goes on after the name of the file.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl fmt::Display for PackageFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.member {
            Some(member) => write!(f, "{member} {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// Findings as they come up, of which not more than a few of each sort are kept.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    kept: Vec<PackageFinding>,
    counts: BTreeMap<PackageCode, usize>,
}

impl Findings {
    /// A fault of the package itself.
    pub fn tell(&mut self, code: PackageCode, message: impl Into<String>, hint: impl Into<String>) {
        self.add(code, None, message.into(), hint.into());
    }

    /// A fault of a file in it.
    pub fn tell_of(&mut self, member: &str, code: PackageCode, message: impl Into<String>, hint: impl Into<String>) {
        self.add(code, Some(printable(member)), message.into(), hint.into());
    }

    fn add(&mut self, code: PackageCode, member: Option<String>, message: String, hint: String) {
        let count = self.counts.entry(code).or_default();
        *count += 1;
        if *count <= MOST {
            // Names that strangers chose stand in messages too.
            self.kept.push(PackageFinding { code, member, message: cut(&message, LONGEST_MESSAGE), hint });
        }
    }

    /// All that are kept, and how many are not.
    pub fn finish(self) -> Vec<PackageFinding> {
        let mut kept = self.kept;
        let more = self.counts.into_iter().filter(|(_, count)| *count > MOST).map(|(code, count)| PackageFinding {
            code,
            member: None,
            message: format!("has still more faults of this sort ({code}): {}", count - MOST),
            hint: "mend those that are told before it; the rest may have the same cause".to_owned(),
        });
        kept.extend(more);
        kept
    }
}

/// A name that a stranger chose, with control characters escaped, and cut if it is very long.
pub(crate) fn printable(name: &str) -> String {
    cut(name, LONGEST)
}

fn cut(text: &str, longest: usize) -> String {
    let mut shown = String::new();
    for c in text.chars().take(longest) {
        if c.is_control() { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    if text.chars().nth(longest).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_of_a_sort_are_counted() {
        let mut findings = Findings::default();
        for index in 0..20 {
            findings.tell_of(&format!("{index}\n"), PackageCode::UnsafeName, "is bad", "mend it");
        }
        let told = findings.finish();
        assert_eq!(told.len(), 17);
        assert_eq!(told[3].to_string(), "3\\n is bad");
        assert_eq!(told[16].message, "has still more faults of this sort (unsafe-name): 4");
    }
}
