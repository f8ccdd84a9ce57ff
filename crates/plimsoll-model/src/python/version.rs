//! Versions of Python packages: PEP 440, read far enough to compare them, to know local ones, and to write their normal form.
//!
//! What a SemVer version is called here is for the one place that says versions in every dialect; this reads what was said.

use std::cmp::Ordering;
use std::fmt;

/// More numbers than any release has.
const MAX_NUMBERS: usize = 64;

/// Longest text that is read, in bytes.
const LONGEST: usize = 256;

/// A version, normalised: two that are equal are the same release to every installer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PythonVersion {
    epoch: u64,
    /// Without the noughts at the end.
    release: Vec<u64>,
    /// How many noughts were at the end, for printing; not compared.
    noughts: Noughts,
    pre: Option<(&'static str, u64)>,
    post: Option<u64>,
    dev: Option<u64>,
    local: Option<String>,
}

/// Equal to any other.
#[derive(Debug, Clone, Copy)]
struct Noughts(usize);

impl PartialEq for Noughts {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Noughts {}

/// What is left to read.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn take(&mut self, prefix: &str) -> bool {
        let taken = self.0.strip_prefix(prefix);
        self.0 = taken.unwrap_or(self.0);
        taken.is_some()
    }

    /// One of `.`, `-` and `_`, if there is one.
    fn separator(&mut self) -> bool {
        [".", "-", "_"].iter().any(|separator| self.take(separator))
    }

    fn number(&mut self) -> Option<u64> {
        let digits = self.0.len() - self.0.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, rest) = self.0.split_at(digits);
        let number = number.parse().ok()?;
        self.0 = rest;
        Some(number)
    }

    /// A word with an optional separator before it and an optional number, nought by default, behind it.
    fn part(&mut self, words: &[(&str, &'static str)]) -> Option<(&'static str, u64)> {
        let before = self.0;
        self.separator();
        let Some((_, meaning)) = words.iter().find(|(word, _)| self.take(word)) else {
            self.0 = before;
            return None;
        };
        let behind_word = self.0;
        self.separator();
        if let Some(number) = self.number() {
            return Some((meaning, number));
        }
        self.0 = behind_word;
        Some((meaning, 0))
    }
}

const PRE: [(&str, &str); 8] =
    [("alpha", "a"), ("a", "a"), ("beta", "b"), ("b", "b"), ("preview", "rc"), ("pre", "rc"), ("rc", "rc"), ("c", "rc")];
const POST: [(&str, &str); 3] = [("post", "post"), ("rev", "post"), ("r", "post")];
const DEV: [(&str, &str); 1] = [("dev", "dev")];

impl PythonVersion {
    /// None where PEP 440 does not hold.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if text.len() > LONGEST {
            return None;
        }
        let (public, local) = match text.split_once('+') {
            Some((public, local)) => (public, Some(read_local(local)?)),
            None => (text.as_str(), None),
        };
        let mut rest = Rest(public.strip_prefix('v').unwrap_or(public));
        let mut release = vec![rest.number()?];
        let epoch = if rest.take("!") { std::mem::replace(&mut release, vec![rest.number()?]).first().copied()? } else { 0 };
        while rest.0.starts_with('.') && rest.0[1..].starts_with(|c: char| c.is_ascii_digit()) && release.len() < MAX_NUMBERS {
            rest.take(".");
            release.push(rest.number()?);
        }
        let pre = rest.part(&PRE);
        let implicit_post = rest.0.starts_with('-') && rest.0[1..].starts_with(|c: char| c.is_ascii_digit());
        let post = if implicit_post && rest.take("-") { rest.number() } else { rest.part(&POST).map(|(_, number)| number) };
        let dev = rest.part(&DEV).map(|(_, number)| number);
        let last = release.iter().rposition(|number| *number != 0).unwrap_or(0);
        let noughts = Noughts(release.len() - last - 1);
        release.truncate(last + 1);
        rest.0.is_empty().then_some(Self { epoch, release, noughts, pre, post, dev, local })
    }

    /// What stands before `!`; 0 if nothing does.
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// How many numbers the release was written with.
    pub const fn release_numbers(&self) -> usize {
        self.release.len() + self.noughts.0
    }

    /// The part behind the plus sign, which no index takes.
    pub fn local(&self) -> Option<&str> {
        self.local.as_deref()
    }

    /// Without that part.
    pub(super) fn public(&self) -> Self {
        Self { local: None, ..self.clone() }
    }

    /// Whether it is an epoch and numbers, and nothing else.
    pub(super) const fn is_final(&self) -> bool {
        self.pre.is_none() && self.post.is_none() && self.dev.is_none() && self.local.is_none()
    }

    /// Whether it comes before its release.
    pub(super) const fn is_early(&self) -> bool {
        self.pre.is_some() || self.dev.is_some()
    }

    /// Whether it comes after its release.
    pub(super) const fn is_post(&self) -> bool {
        self.post.is_some()
    }

    /// Whether epoch and numbers are the same.
    pub(super) fn is_same_release(&self, other: &Self) -> bool {
        (self.epoch, &self.release) == (other.epoch, &other.release)
    }

    /// Whether the epoch and so many numbers from the first one on are the same.
    pub(super) fn is_of_series(&self, other: &Self, numbers: usize) -> bool {
        let number = |version: &Self, at: usize| version.release.get(at).copied().unwrap_or(0);
        self.epoch == other.epoch && (0..numbers).all(|at| number(self, at) == number(other, at))
    }

    /// What comes before `1.0`, in order: `1.0.dev0`, then `1.0a1`.
    fn phase(&self) -> (u8, &'static str, u64) {
        match self.pre {
            None if self.post.is_none() && self.dev.is_some() => (0, "", 0),
            Some((word, number)) => (1, word, number),
            None => (2, "", 0),
        }
    }

    /// Numbers come after words, and are compared as numbers.
    fn local_parts(&self) -> Option<Vec<(bool, usize, &str)>> {
        let part = |text| match is_number(text) {
            true => (true, str::len(text), text),
            false => (false, 0, text),
        };
        Some(self.local.as_ref()?.split('.').map(part).collect())
    }
}

/// As PEP 440 sorts them.
impl Ord for PythonVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        let release = |version: &Self| (version.epoch, version.phase(), version.post, version.dev.map_or((1, 0), |number| (0, number)));
        let (own, others) = (release(self), release(other));
        own.0.cmp(&others.0).then_with(|| self.release.cmp(&other.release)).then_with(|| own.cmp(&others)).then_with(|| {
            // None comes first.
            self.local_parts().cmp(&other.local_parts())
        })
    }
}

impl PartialOrd for PythonVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn read_local(text: &str) -> Option<String> {
    let parts = text.split(['.', '-', '_']).map(|part| {
        let is_fine = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let trimmed = if is_number(part) { part.trim_start_matches('0') } else { part };
        is_fine.then_some(if trimmed.is_empty() { "0" } else { trimmed })
    });
    Some(parts.collect::<Option<Vec<_>>>()?.join("."))
}

/// The normal form, with the noughts that were written.
impl fmt::Display for PythonVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.epoch != 0 {
            write!(f, "{}!", self.epoch)?;
        }
        let noughts = std::iter::repeat_n(&0, self.noughts.0);
        for (index, number) in self.release.iter().chain(noughts).enumerate() {
            let dot = if index == 0 { "" } else { "." };
            write!(f, "{dot}{number}")?;
        }
        if let Some((word, number)) = self.pre {
            write!(f, "{word}{number}")?;
        }
        if let Some(number) = self.post {
            write!(f, ".post{number}")?;
        }
        if let Some(number) = self.dev {
            write!(f, ".dev{number}")?;
        }
        if let Some(local) = &self.local {
            write!(f, "+{local}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_releases_are_equal_however_they_are_written() {
        for (one, other) in [
            ("1.0", "1"),
            ("1.0.0", "v1.0"),
            ("1.1.rc-1", "1.1c1"),
            ("1.2-3", "1.2.post3"),
            ("1.0.alpha", "1a0"),
            ("1.0DEV", "1.dev0"),
            ("1+ubuntu-01", "1.0+ubuntu.1"),
            ("0!1.2.r4", "1.2post4"),
        ] {
            assert_eq!(PythonVersion::parse(one), PythonVersion::parse(other), "{one} {other}");
            assert!(PythonVersion::parse(one).is_some(), "{one}");
        }
        for (one, other) in [("1.0", "1.0.1"), ("1", "1!1"), ("1.0", "1.0+a"), ("1a1", "1b1"), ("1.dev0", "1"), ("1.10", "1.1")] {
            assert_ne!(PythonVersion::parse(one), PythonVersion::parse(other), "{one} {other}");
        }
    }

    #[test]
    fn versions_are_sorted() {
        // PEP 440, "Summary of permitted suffixes and relative ordering", and its examples of local versions.
        let sorted = "0.9 1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 1.0b2.post345 \
            1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5 1.0+10 1.0.post456.dev34 1.0.post456 1.0.1 1.1.dev1 1.10 3.9.2 3.11.2 1!0.1";
        let sorted = sorted.split_whitespace().map(|text| PythonVersion::parse(text).unwrap()).collect::<Vec<_>>();
        for (index, version) in sorted.iter().enumerate() {
            for (other_index, other) in sorted.iter().enumerate() {
                assert_eq!(version.cmp(other), index.cmp(&other_index), "{version} {other}");
            }
        }
        assert_eq!(PythonVersion::parse("1.0.0").cmp(&PythonVersion::parse("1")), Ordering::Equal);
    }

    #[test]
    fn the_normal_form_is_printed() {
        for (text, normal) in [("1.0.0", "1.0.0"), ("v1.0-ALPHA.3", "1.0a3"), ("2!1-1.dev+A_b", "2!1.post1.dev0+a.b"), ("0.0", "0.0")] {
            assert_eq!(PythonVersion::parse(text).unwrap().to_string(), normal);
        }
        assert_eq!(PythonVersion::parse("1.0+g1.2").unwrap().local(), Some("g1.2"));
    }

    #[test]
    fn what_is_no_version_is_none() {
        for text in
            ["", "a", "1.", "1..2", "1.0-", "1.0x", "1+", "1+a..b", "1.0+ä", "1!", "latest", "1.0 2", "99999999999999999999999", "1.é"]
        {
            assert_eq!(PythonVersion::parse(text), None, "{text}");
        }
        assert_eq!(PythonVersion::parse(&"1.".repeat(500)), None);
    }
}
