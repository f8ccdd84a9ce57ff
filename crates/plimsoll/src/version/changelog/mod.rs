//! Changelogs: Keep a Changelog and plain `## 1.2.3 (date)` headings. <https://keepachangelog.com/en/1.1.0/>
//!
//! Pure. Sections are spans of the text; what is cut is cut exactly, and what is not concerned keeps every byte.

mod cut;
mod heading;
mod markdown;

use std::ops::Range;

use semver::Version;

use self::heading::{Title, title};
use self::markdown::{headings, is_blank, is_definition};

/// Why a changelog does not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangelogError {
    /// No section of the version.
    #[error("has no section for {0}")]
    Missing(Version),
    /// A section without anything to read in it.
    #[error("the section for {0} is empty")]
    Empty(Version),
    /// Two sections of one version.
    #[error("has two sections for {0}")]
    Twice(Version),
    /// Nothing to turn into the release.
    #[error("has no Unreleased section")]
    NoUnreleased,
    /// Nothing was written since the last release.
    #[error("the Unreleased section is empty")]
    NothingUnreleased,
    /// The version has its section already.
    #[error("has a section for {0} already")]
    Released(Version),
}

/// A changelog and its sections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changelog<'t> {
    text: &'t str,
    sections: Vec<Section>,
}

/// A section: a heading with a version or `Unreleased`, and everything up to the next heading of its level.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Section {
    title: Title,
    level: usize,
    /// The heading's line, with its end.
    heading: Range<usize>,
    /// What follows it, without definitions of links at its end.
    body: Range<usize>,
    /// The end of the section, those definitions included.
    end: usize,
}

impl<'t> Changelog<'t> {
    /// Finds the sections. A text without any is a changelog without sections.
    pub fn parse(text: &'t str) -> Self {
        let all = headings(text);
        let level = all.iter().find(|heading| title(&heading.text) != Title::Other).map(|heading| heading.level);
        let mut sections = Vec::new();
        for (at, heading) in all.iter().enumerate() {
            let title = title(&heading.text);
            if Some(heading.level) != level || title == Title::Other {
                continue;
            }
            let end = all[at + 1..].iter().find(|next| next.level <= heading.level).map_or(text.len(), |next| next.line.start);
            let body = heading.line.end..without_definitions(text, heading.line.end..end);
            sections.push(Section { title, level: heading.level, heading: heading.line.clone(), body, end });
        }
        Self { text, sections }
    }

    fn section(&self, version: &Version) -> Result<Option<&Section>, ChangelogError> {
        let mut found = self.sections.iter().filter(|section| section.title.version() == Some(version));
        let first = found.next();
        if found.next().is_some() {
            return Err(ChangelogError::Twice(version.clone()));
        }
        Ok(first)
    }

    fn unreleased(&self) -> Option<&Section> {
        self.sections.iter().find(|section| section.title == Title::Unreleased)
    }

    /// Sections of the pre-releases of `version`, oldest first.
    fn candidates(&self, version: &Version) -> Vec<&Section> {
        let same = |own: &Version| {
            (own.major, own.minor, own.patch) == (version.major, version.minor, version.patch) && !own.pre.is_empty() && own < version
        };
        let mut found = self.sections.iter().filter(|section| section.title.version().is_some_and(same)).collect::<Vec<_>>();
        found.sort_by_key(|section| section.title.version());
        found
    }

    fn body(&self, section: &Section) -> &'t str {
        &self.text[section.body.clone()]
    }

    /// The notes of a release, as they stand in its section, with the definitions of the links that they use. A release whose own section
    /// holds nothing has the notes of its candidates.
    ///
    /// # Errors
    /// Where the section is missing or holds nothing to read.
    pub fn notes(&self, version: &Version) -> Result<String, ChangelogError> {
        let section = self.section(version)?.ok_or_else(|| ChangelogError::Missing(version.clone()))?;
        let body = self.body(section);
        if !is_blank(body) {
            return Ok(self.with_definitions(body.to_owned()));
        }
        let folded = if version.pre.is_empty() { self.folded(version, section.level) } else { String::new() };
        if is_blank(&folded) { Err(ChangelogError::Empty(version.clone())) } else { Ok(self.with_definitions(folded)) }
    }
}

/// The end of `span` without the definitions of links and the blank lines at its end.
fn without_definitions(text: &str, span: Range<usize>) -> usize {
    let mut end = span.end;
    for line in text[span].split_inclusive('\n').rev() {
        if !line.trim().is_empty() && !is_definition(line) {
            break;
        }
        end -= line.len();
    }
    end
}

#[cfg(test)]
mod tests;
