//! Versions as Python packages have them, in their normal form.
//! <https://packaging.python.org/en/latest/specifications/version-specifiers/>
//!
//! What a SemVer version is called here is for the one place that says versions in every dialect; this reads what was said.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use crate::shown::shown;

/// A version that an index takes: without a local part, which PyPI refuses, and without an epoch, whose `!` no release page keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(Parts);

/// Text that is no version, or one that cannot be published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVersion {
    /// Not what PEP 440 describes.
    #[error("`{0}` is no version of PEP 440 (such as 1.2.0 or 1.2.0rc1)")]
    Form(String),
    /// `+cu121`.
    #[error("`{0}` has a local part (what follows `+`), and no index takes such a version")]
    Local(String),
    /// `1!2.0`.
    #[error("`{0}` has an epoch (what stands before `!`), which file names of a release cannot hold")]
    Epoch(String),
}

/// All that PEP 440 knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts {
    epoch: u64,
    release: Vec<u64>,
    pre: Option<(&'static str, u64)>,
    post: Option<u64>,
    dev: Option<u64>,
    local: Option<String>,
}

/// Spellings of the phases before a release, the longer ones first.
const PRE: [(&str, &str); 8] =
    [("alpha", "a"), ("beta", "b"), ("preview", "rc"), ("pre", "rc"), ("rc", "rc"), ("a", "a"), ("b", "b"), ("c", "rc")];
const POST: [(&str, &str); 3] = [("post", "post"), ("rev", "post"), ("r", "post")];
const DEV: [(&str, &str); 1] = [("dev", "dev")];

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let parts = Parts::parse(text).ok_or_else(|| InvalidVersion::Form(shown(text)))?;
        if parts.local.is_some() {
            return Err(InvalidVersion::Local(shown(text)));
        }
        if parts.epoch > 0 {
            return Err(InvalidVersion::Epoch(shown(text)));
        }
        Ok(Self(parts))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Parts {
    /// Reads a version in any spelling that PEP 440 takes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches([' ', '\t', '\n', '\r']).to_ascii_lowercase();
        let text = text.strip_prefix('v').unwrap_or(&text);
        let (text, local) = match text.split_once('+') {
            Some((public, local)) => (public, Some(local_part(local)?)),
            None => (text, None),
        };
        let (epoch, text) = match text.split_once('!') {
            Some((epoch, rest)) => (number(epoch)?, rest),
            None => (0, text),
        };
        let (release, mut rest) = release(text)?;
        let pre = take(&mut rest, &PRE)?;
        let post = match rest.strip_prefix('-') {
            Some(digits) if digits.starts_with(|c: char| c.is_ascii_digit()) => {
                rest = digits;
                Some(digits_of(&mut rest)?)
            }
            _ => take(&mut rest, &POST)?.map(|(_, number)| number),
        };
        let dev = take(&mut rest, &DEV)?.map(|(_, number)| number);
        rest.is_empty().then_some(Self { epoch, release, pre, post, dev, local })
    }

    /// How many numbers the release has.
    pub(super) fn release_numbers(&self) -> usize {
        self.release.len()
    }

    /// Whether it has a local part.
    pub(super) const fn is_local(&self) -> bool {
        self.local.is_some()
    }
}

/// `1.2.3`, and what follows it.
fn release(text: &str) -> Option<(Vec<u64>, &str)> {
    let mut rest = text;
    let mut release = vec![digits_of(&mut rest)?];
    while let Some(next) = rest.strip_prefix('.').filter(|next| next.starts_with(|c: char| c.is_ascii_digit())) {
        rest = next;
        release.push(digits_of(&mut rest)?);
    }
    Some((release, rest))
}

/// A phase with its number, if one of `words` comes next; none within if not. None if its number cannot be counted.
fn take(rest: &mut &str, words: &[(&str, &'static str)]) -> Option<Option<(&'static str, u64)>> {
    let after = rest.strip_prefix(['-', '_', '.']).unwrap_or(rest);
    let Some((word, name)) = words.iter().find(|(word, _)| after.starts_with(word)) else { return Some(None) };
    let after = &after[word.len()..];
    let mut digits = after.strip_prefix(['-', '_', '.']).filter(|next| next.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(after);
    let number = if digits.starts_with(|c: char| c.is_ascii_digit()) { digits_of(&mut digits)? } else { 0 };
    *rest = digits;
    Some(Some((name, number)))
}

/// The digits that come next.
fn digits_of(rest: &mut &str) -> Option<u64> {
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    *rest = after;
    number(digits)
}

fn number(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

fn local_part(text: &str) -> Option<String> {
    let sound = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text.split(['.', '-', '_']).all(sound).then(|| text.replace(['-', '_'], "."))
}

impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.epoch > 0 {
            write!(f, "{}!", self.epoch)?;
        }
        for (index, number) in self.release.iter().enumerate() {
            if index > 0 {
                f.write_char('.')?;
            }
            write!(f, "{number}")?;
        }
        if let Some((phase, number)) = self.pre {
            write!(f, "{phase}{number}")?;
        }
        if let Some(number) = self.post {
            write!(f, ".post{number}")?;
        }
        if let Some(number) = self.dev {
            write!(f, ".dev{number}")?;
        }
        self.local.as_ref().map_or(Ok(()), |local| write!(f, "+{local}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_spelling_has_one_normal_form() {
        for (text, normal) in [
            ("1", "1"),
            ("1.2.0", "1.2.0"),
            ("v1.2.0", "1.2.0"),
            ("01.002", "1.2"),
            ("1.2.0-RC.1", "1.2.0rc1"),
            ("1.2.0c1", "1.2.0rc1"),
            ("1.2.0preview", "1.2.0rc0"),
            ("1.2alpha3", "1.2a3"),
            ("1.2_beta_3", "1.2b3"),
            ("1.0-1", "1.0.post1"),
            ("1.0.rev4", "1.0.post4"),
            ("1.0a1.post2.dev3", "1.0a1.post2.dev3"),
            ("1.0dev", "1.0.dev0"),
            (" 1.0\n", "1.0"),
        ] {
            assert_eq!(text.parse::<Version>().map(|version| version.to_string()).as_deref(), Ok(normal), "{text}");
        }
    }

    /// What `Dialect::Pep440` says of SemVer versions is a version in its normal form already.
    #[test]
    fn what_the_dialect_says_stays_as_it_is() {
        for said in ["1.2.0rc1", "10.0.3", "1.2.0b0", "0.0.1a10"] {
            assert_eq!(said.parse::<Version>().unwrap().to_string(), said);
        }
    }

    #[test]
    fn what_cannot_be_published_is_refused_with_the_reason() {
        let reason = |text: &str| text.parse::<Version>().unwrap_err().to_string();
        for text in
            ["", "1.", ".1", "1.2.x", "1.0-", "1.0-dev-x", "1..2", "1.0+", "1.0rc1rc2", "99999999999999999999", "١", "1.0.0-dev.1.2"]
        {
            assert!(matches!(text.parse::<Version>(), Err(InvalidVersion::Form(_))), "{text:?}");
        }
        assert_eq!(reason("1.0+abc"), "`1.0+abc` has a local part (what follows `+`), and no index takes such a version");
        assert_eq!(reason("1!1.0"), "`1!1.0` has an epoch (what stands before `!`), which file names of a release cannot hold");
    }

    proptest! {
        #[test]
        fn the_normal_form_is_read_as_itself(text in "v?[0-9]{1,3}(\\.[0-9]{1,3}){0,3}([-_.]?(a|b|rc|alpha|pre)[-_.]?[0-9]{0,2})?([-.](post|r)?[0-9]{1,2})?(\\.?dev[0-9]{0,2})?") {
            if let Ok(version) = text.parse::<Version>() {
                let normal = version.to_string();
                prop_assert_eq!(normal.parse::<Version>().unwrap(), version);
            }
        }

        #[test]
        fn nothing_makes_it_panic(text in any::<String>()) {
            let _ = text.parse::<Version>();
        }
    }
}
