//! Pre-releases that packages can say: one word and one number, as in `rc.1`.

use semver::{Prerelease, Version};

use super::number;

/// `rc.1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pre {
    /// Lower-case letters.
    pub word: String,
    /// From 0.
    pub number: u64,
}

impl Pre {
    /// The pre-release of `version`, where there is one; build metadata is refused on the way.
    ///
    /// Two words that differ in SemVer must not become one: `rc` and `rc.0`, or `rc1` and `rc.1`. So only one form is taken.
    pub(super) fn of(version: &Version) -> Result<Option<Self>, String> {
        if !version.build.is_empty() {
            return Err(format!("build metadata (`+{}`) has no place in it", version.build));
        }
        if version.pre.is_empty() {
            return Ok(None);
        }
        Self::parse(version.pre.as_str())
            .map(Some)
            .ok_or_else(|| format!("the pre-release `{}` is not one word of small letters and one number, as in `rc.1`", version.pre))
    }

    fn parse(text: &str) -> Option<Self> {
        let (word, digits) = text.split_once('.')?;
        Self::new(word, digits)
    }

    /// From the two parts as text.
    pub(super) fn new(word: &str, digits: &str) -> Option<Self> {
        let letters = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
        letters.then(|| Some(Self { word: word.to_owned(), number: number(digits)? }))?
    }

    /// From `rc1`.
    pub(super) fn joined(text: &str) -> Option<Self> {
        let at = text.find(|character: char| character.is_ascii_digit())?;
        Self::new(&text[..at], &text[at..])
    }

    /// As SemVer has it.
    pub(super) fn prerelease(&self) -> Prerelease {
        // A word of letters and a number are always a pre-release.
        Prerelease::new(&format!("{}.{}", self.word, self.number)).unwrap_or(Prerelease::EMPTY)
    }
}

/// A version of three numbers and perhaps a pre-release.
pub(super) fn version(numbers: [u64; 3], pre: Option<&Pre>) -> Version {
    let [major, minor, patch] = numbers;
    let mut version = Version::new(major, minor, patch);
    if let Some(pre) = pre {
        version.pre = pre.prerelease();
    }
    version
}
