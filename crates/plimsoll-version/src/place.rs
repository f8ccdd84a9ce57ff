//! One place in a file where the version stands, and the bytes that change when it does. Must not look at files.

use std::ops::Range;

use semver::{Version, VersionReq};

use super::dialect::Dialect;
use super::format::debian_changelog::Stanza;
use super::format::spec::Log;

/// When a change is made, and who signs the entries that it adds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Seconds since 1970.
    pub now: u64,
    /// `Name <address>`; none where nobody is known.
    pub signer: Option<String>,
}

/// What a packaging's own number is with a new version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revision {
    /// It starts again.
    Again {
        /// Where it stands.
        span: Range<usize>,
        /// What it starts with.
        first: String,
    },
    /// There is none, or it counts itself.
    Kept,
    /// It cannot be told what it would start with.
    Unclear(String),
}

/// A change of some bytes of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that go.
    pub span: Range<usize>,
    /// What comes instead.
    pub text: String,
}

/// One place where the version stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Which place of its file: `package.version`, `dependency ht-core`.
    pub what: String,
    /// How versions are written there.
    pub dialect: Dialect,
    /// What stands there.
    pub text: String,
    /// Whether it is another package's wish for this one's version, and so no source of it.
    pub is_pin: bool,
    shape: Shape,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    /// The version and nothing else.
    Whole(Range<usize>),
    /// Major, minor and patch apart.
    Parts([Range<usize>; 3]),
    /// A version whose packaging revision starts again with each new one, and that may have an entry in a log.
    Packaged { version: Range<usize>, revision: Revision, log: Option<Log> },
    /// The newest entry of a debian/changelog.
    Stanza(Stanza),
    /// A requirement that is no whole version and stays as it is as long as it admits the version.
    Admits(Range<usize>, VersionReq),
}

impl Place {
    /// A place that holds the version and nothing else.
    pub fn whole(what: impl Into<String>, dialect: Dialect, text: &str, span: Range<usize>) -> Self {
        Self {
            what: what.into(),
            dialect,
            text: text.get(span.clone()).unwrap_or_default().to_owned(),
            is_pin: false,
            shape: Shape::Whole(span),
        }
    }

    /// Three places that hold a number each.
    pub fn parts(what: impl Into<String>, dialect: Dialect, text: &str, spans: [Range<usize>; 3]) -> Self {
        let numbers = spans.clone().map(|span| text.get(span).unwrap_or_default().to_owned());
        Self { what: what.into(), dialect, text: numbers.join("."), is_pin: false, shape: Shape::Parts(spans) }
    }

    /// A version with a revision of its packaging.
    pub fn packaged(
        what: impl Into<String>,
        dialect: Dialect,
        text: &str,
        span: Range<usize>,
        revision: Revision,
        log: Option<Log>,
    ) -> Self {
        let place = Self::whole(what, dialect, text, span.clone());
        Self { shape: Shape::Packaged { version: span, revision, log }, ..place }
    }

    /// The newest entry of a debian/changelog.
    pub fn stanza(text: &str, stanza: Stanza) -> Self {
        let place = Self::whole("newest entry", Dialect::Deb, text, stanza.upstream.clone());
        Self { shape: Shape::Stanza(stanza), ..place }
    }

    /// A requirement that is no whole version.
    pub fn admits(what: impl Into<String>, text: &str, span: Range<usize>, requirement: VersionReq) -> Self {
        let place = Self::whole(what, Dialect::Semver, text, span.clone());
        Self { is_pin: true, shape: Shape::Admits(span, requirement), ..place }
    }

    /// The version that another package requires.
    pub fn pin(what: impl Into<String>, dialect: Dialect, text: &str, span: Range<usize>) -> Self {
        Self { is_pin: true, ..Self::whole(what, dialect, text, span) }
    }

    /// The byte of the text at which it begins.
    pub fn offset(&self) -> usize {
        match &self.shape {
            Shape::Whole(span) | Shape::Admits(span, _) | Shape::Packaged { version: span, .. } => span.start,
            Shape::Parts(spans) => spans[0].start,
            Shape::Stanza(stanza) => stanza.upstream.start,
        }
    }

    /// The version that stands there.
    ///
    /// # Errors
    /// What is wrong with the text: `is empty`, `` `x` is no SemVer version … ``.
    pub fn heard(&self) -> Result<Version, String> {
        self.dialect.hear(&self.text).map_err(|error| error.to_string())
    }

    /// Whether it says `version`.
    pub fn agrees(&self, version: &Version) -> bool {
        match &self.shape {
            Shape::Admits(_, requirement) => requirement.matches(version),
            Shape::Parts(_) if !version.pre.is_empty() => false,
            _ => self.heard().is_ok_and(|heard| heard == *version),
        }
    }

    /// What it says when it says `version`; a requirement stays what it is.
    ///
    /// # Errors
    /// Why it cannot be said there.
    pub fn saying(&self, version: &Version) -> Result<String, String> {
        match &self.shape {
            Shape::Admits(_, requirement) if requirement.matches(version) => Ok(self.text.clone()),
            Shape::Admits(..) => {
                Err(format!("the requirement `{}` does not admit {version}; write it whole, as in \"{version}\"", self.text))
            }
            Shape::Parts(_) if !version.pre.is_empty() || !version.build.is_empty() => {
                Err(format!("major, minor and patch stand apart there, and cannot say {version}"))
            }
            _ => self.dialect.say(version).map_err(|error| error.to_string()),
        }
    }

    /// Whether a change to `version` adds an entry that somebody signs.
    pub fn is_signed(&self, version: &Version) -> bool {
        let keeps_log = match &self.shape {
            Shape::Stanza(stanza) => stanza.is_released(),
            Shape::Packaged { log, .. } => log.is_some(),
            _ => false,
        };
        keeps_log && !self.agrees(version)
    }

    /// The bytes that change for it to say `version`; none where it does already.
    ///
    /// # Errors
    /// Why it cannot be said there.
    pub fn edits(&self, version: &Version, stamp: &Stamp) -> Result<Vec<Edit>, String> {
        let said = self.saying(version)?;
        if self.agrees(version) {
            return Ok(Vec::new());
        }
        Ok(match &self.shape {
            Shape::Admits(..) => Vec::new(),
            Shape::Whole(span) => vec![Edit { span: span.clone(), text: said }],
            Shape::Packaged { revision: Revision::Unclear(why), .. } => return Err(why.clone()),
            Shape::Packaged { version, revision, log } => {
                let entry = log.as_ref().and_then(|log| log.entry(&said, revision, stamp));
                let again = match revision {
                    Revision::Again { span, first } => Some(Edit { span: span.clone(), text: first.clone() }),
                    _ => None,
                };
                std::iter::once(Edit { span: version.clone(), text: said }).chain(again).chain(entry).collect()
            }
            Shape::Parts(spans) => {
                let numbers = [version.major, version.minor, version.patch];
                spans.iter().zip(numbers).map(|(span, number)| Edit { span: span.clone(), text: number.to_string() }).collect()
            }
            Shape::Stanza(stanza) => vec![stanza.edit(&said, stamp)?],
        })
    }
}

/// `text` with the edits made; none where two of them touch each other, or one lies outside of it.
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut edits = edits.iter().collect::<Vec<_>>();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    edits.dedup();
    let (mut made, mut at) = (String::with_capacity(text.len() + 64), 0);
    for edit in edits {
        made.push_str(text.get(at..edit.span.start)?);
        // Only to make sure that the end lies between characters.
        text.get(edit.span.clone())?;
        made.push_str(&edit.text);
        at = edit.span.end;
    }
    made.push_str(text.get(at..)?);
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(span: Range<usize>, text: &str) -> Edit {
        Edit { span, text: text.to_owned() }
    }

    #[test]
    fn edits_keep_everything_else_and_never_overlap() {
        assert_eq!(apply("a 1 b 2 ü", &[edit(6..7, "4"), edit(2..3, "30")]).as_deref(), Some("a 30 b 4 ü"));
        assert_eq!(apply("abc", &[edit(0..0, "x")]).as_deref(), Some("xabc"));
        assert_eq!(apply("abc", &[edit(0..2, "x"), edit(1..3, "y")]), None);
        assert_eq!(apply("abc", &[edit(2..9, "x")]), None);
        assert_eq!(apply("ü", &[edit(1..2, "x")]), None);
    }

    #[test]
    fn numbers_that_stand_apart_say_no_pre_release() {
        let place = Place::parts("pattern", Dialect::Semver, "1,2,3", [0..1, 2..3, 4..5]);
        let edits = place.edits(&Version::new(1, 3, 0), &Stamp::default()).unwrap();
        assert_eq!(apply("1,2,3", &edits).as_deref(), Some("1,3,0"));
        assert!(place.edits(&"1.3.0-rc.1".parse().unwrap(), &Stamp::default()).unwrap_err().contains("cannot say 1.3.0-rc.1"));
    }
}
